"""The job API, `/ai/v2/{endpointId}/...`: what clients of an endpoint ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.runpod.answers import Answer, JobApiError
from sandbox.runpod.balancer_routes import answer_balanced
from sandbox.runpod.job import RETRIABLE
from sandbox.runpod.job_body import RUN_BYTES, RUNSYNC_BYTES, read_job, read_wait
from sandbox.runpod.keys import require_jobs
from sandbox.runpod.openai_routes import answer_openai
from sandbox.runpod.worker import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runpod.fleet import Fleet
    from sandbox.runpod.job import Job
    from sandbox.runpod.job_desk import JobDesk
    from sandbox.runpod.request import Request


def answer_job_call(desk: JobDesk, request: Request) -> Answer:
    """The answer to a call below `/ai/v2`; the caller holds the account."""
    try:
        require_jobs(request.authorization)
        return _routed(desk, request)
    except JobApiError as refusal:
        return refusal.answer()


def _routed(desk: JobDesk, request: Request) -> Answer:
    _, _, endpoint_id, operation, *rest = (*request.parts, "", "")
    rest = [part for part in rest if part]
    desk.account.advance()
    if endpoint_id not in desk.account.endpoints:
        raise JobApiError(404, f"endpoint {endpoint_id!r} not found")
    balanced = desk.account.endpoints[endpoint_id].settings.type == "LOAD_BALANCER"
    if balanced and operation == "lb":
        return answer_balanced(desk, request, endpoint_id, "/" + "/".join(rest))
    if operation == "openai" and not balanced:
        return answer_openai(desk, request, endpoint_id, "/" + "/".join(rest))
    if balanced:
        raise JobApiError(400, "a LOAD_BALANCER endpoint has no queue; its workers are asked directly")
    if operation in _ON_ENDPOINT and not rest:
        methods, on_endpoint = _ON_ENDPOINT[operation]
        _require(methods, request)
        return on_endpoint(desk, request, endpoint_id)
    if operation in _ON_JOB and len(rest) == 1:
        methods, on_job = _ON_JOB[operation]
        _require(methods, request)
        fleet = desk.fleet(endpoint_id)
        if rest[0] not in fleet.jobs:
            raise JobApiError(404, "job not found")
        return on_job(desk, fleet, fleet.jobs[rest[0]])
    raise JobApiError(404, "not found")


def _require(methods: tuple[str, ...], request: Request) -> None:
    if request.method not in methods:
        raise JobApiError(405, f"{request.method} is not allowed here, {' and '.join(methods)} is")


def _run(desk: JobDesk, request: Request, endpoint_id: str) -> Answer:
    job = desk.submit(endpoint_id, read_job(request, RUN_BYTES), synchronous=False)
    # As the real one answers, however fast the worker is.
    return Answer(200, {"id": job.id, "status": "IN_QUEUE"})


def _run_sync(desk: JobDesk, request: Request, endpoint_id: str) -> Answer:
    seconds = read_wait(dict(request.query))
    job = desk.submit(endpoint_id, read_job(request, RUNSYNC_BYTES), synchronous=True)
    desk.wait(desk.fleet(endpoint_id), lambda: job.final, seconds)
    return Answer(200, job.to_json())


def _purge(desk: JobDesk, _request: Request, endpoint_id: str) -> Answer:
    removed = desk.fleet(endpoint_id).purge(desk.account.clock.now())
    return Answer(200, {"removed": removed, "status": "completed"})


def _health(desk: JobDesk, _request: Request, endpoint_id: str) -> Answer:
    fleet = desk.fleet(endpoint_id)
    workers = {status.lower(): sum(worker.status == status for worker in fleet.workers) for status in STATUSES}
    jobs = {
        "completed": fleet.completed,
        "failed": fleet.failed,
        "inProgress": len(fleet.running),
        "inQueue": len(fleet.queue),
        "retried": fleet.retried,
    }
    return Answer(200, {"jobs": jobs, "workers": workers | {"ready": workers["idle"] + workers["running"]}})


def _status(_desk: JobDesk, _fleet: Fleet, job: Job) -> Answer:
    return Answer(200, job.to_json())


def _stream(desk: JobDesk, _fleet: Fleet, job: Job) -> Answer:
    """What came since the last time; `stream` is there for a job that has ended, too."""
    parts = job.parts_by(desk.account.clock.now())
    fresh, job.delivered = parts[job.delivered :], len(parts)
    return Answer(200, {"status": job.status, "stream": [{"output": output} for output in fresh]})


def _cancel(desk: JobDesk, fleet: Fleet, job: Job) -> Answer:
    desk.cancel(fleet, job)
    return Answer(200, {"id": job.id, "status": job.status})


def _retry(desk: JobDesk, fleet: Fleet, job: Job) -> Answer:
    if job.status not in RETRIABLE:
        raise JobApiError(400, f"only a job that is FAILED or TIMED_OUT can be retried, this one is {job.status}")
    fleet.retry(job, desk.account.clock.now())
    desk.account.changed.notify_all()
    return Answer(200, {"id": job.id, "status": "IN_QUEUE"})


_ON_ENDPOINT: dict[str, tuple[tuple[str, ...], Callable[[JobDesk, Request, str], Answer]]] = {
    "run": (("POST",), _run),
    "runsync": (("POST",), _run_sync),
    "purge-queue": (("POST",), _purge),
    "health": (("GET",), _health),
}
_ON_JOB: dict[str, tuple[tuple[str, ...], Callable[[JobDesk, Fleet, Job], Answer]]] = {
    "status": (("GET", "POST"), _status),
    "stream": (("GET", "POST"), _stream),
    "cancel": (("POST",), _cancel),
    "retry": (("POST",), _retry),
}
