"""OpenAI's protocol on an endpoint: a job whose output is passed on as it is, whole or as an event stream."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import Answer, JobApiError
from sandbox.runpod.job import DEFAULT_TTL_SECONDS
from sandbox.runpod.job_body import RUNSYNC_BYTES, JobBody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.runpod.fleet import Fleet
    from sandbox.runpod.job import Job
    from sandbox.runpod.job_desk import JobDesk
    from sandbox.runpod.request import Request

# The documentation does not say how a worker's failure looks on these routes.
FAILED_STATUS, NO_ANSWER_STATUS = 500, 504


def answer_openai(desk: JobDesk, request: Request, endpoint_id: str, route: str) -> Answer:
    """The worker's answer.

    Raises:
        JobApiError: 400 for a body that is not JSON, 413 for one that is too long, 504 when no worker answered in time.
    """
    fleet = desk.fleet(endpoint_id)
    given = {"openai_route": route, "openai_input": _body(request)}
    job = desk.submit(endpoint_id, JobBody(given, DEFAULT_TTL_SECONDS, None), synchronous=True)
    streams = isinstance(given["openai_input"], dict) and bool(given["openai_input"].get("stream"))
    limit = desk.account.settings.openai_wait_seconds
    answered = desk.wait(fleet, lambda: job.final or (streams and bool(_there(desk, job))), limit)
    if not answered:
        desk.cancel(fleet, job)
        raise JobApiError(NO_ANSWER_STATUS, f"no worker answered within {limit:.0f} seconds")
    if job.final and job.status != "COMPLETED":
        return _failure(job)
    if not streams:
        return Answer(200, job.parts[0].output)
    return replace(Answer(200, content_type="text/event-stream"), stream=_events(desk, fleet, job))


def _body(request: Request) -> Any:
    if request.method == "GET":
        return None
    if len(request.body) > RUNSYNC_BYTES:
        raise JobApiError(413, f"the request has {len(request.body)} bytes, {RUNSYNC_BYTES} are allowed")
    try:
        return json.loads(request.body)
    except ValueError:
        raise JobApiError(400, "the request body is not valid JSON") from None


def _there(desk: JobDesk, job: Job) -> list[Any]:
    return job.parts_by(desk.account.clock.now())


def _failure(job: Job) -> Answer:
    if job.refusal is not None:
        return Answer(job.refusal.status, job.refusal.to_json())
    message = job.error or f"the job is {job.status}"
    return Answer(FAILED_STATUS, {"error": {"message": message, "type": "InternalServerError", "code": FAILED_STATUS}})


def _events(desk: JobDesk, fleet: Fleet, job: Job) -> Iterator[bytes]:
    """The parts as they come; a client that leaves ends the job."""
    sent = 0
    try:
        while not (job.final and sent == len(job.parts)):
            with desk.account.changed:
                parts = _more_than(desk, fleet, job, sent)
            for part in parts[sent:]:
                yield part.encode()
            sent = len(parts)
    finally:
        with desk.account.changed:
            desk.cancel(fleet, job)


def _more_than(desk: JobDesk, fleet: Fleet, job: Job, sent: int) -> list[Any]:
    desk.wait(fleet, lambda: job.final or len(_there(desk, job)) > sent, desk.account.settings.openai_wait_seconds)
    return _there(desk, job)
