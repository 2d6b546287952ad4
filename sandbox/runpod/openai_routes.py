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
    given = {"openai_route": route, "openai_input": body_of(request, RUNSYNC_BYTES)}
    job = desk.submit(endpoint_id, JobBody(given, DEFAULT_TTL_SECONDS, None), synchronous=True)
    streams = isinstance(given["openai_input"], dict) and bool(given["openai_input"].get("stream"))
    limit = desk.account.settings.openai_wait_seconds
    answered = desk.wait(fleet, lambda: job.final or (streams and bool(parts_of(desk, job))), limit)
    if not answered:
        desk.cancel(fleet, job)
        raise JobApiError(NO_ANSWER_STATUS, f"no worker answered within {limit:.0f} seconds")
    if job.final and job.status != "COMPLETED":
        return failure_of(job)
    if not streams:
        return Answer(200, job.parts[0].output)
    return replace(Answer(200, content_type="text/event-stream"), stream=events_of(desk, fleet, job))


def body_of(request: Request, most_bytes: int) -> Any:
    """The JSON of a request, None for a GET; raises JobApiError, 400 or 413."""
    if request.method == "GET":
        return None
    if len(request.body) > most_bytes:
        raise JobApiError(413, f"the request has {len(request.body)} bytes, {most_bytes} are allowed")
    try:
        return json.loads(request.body)
    except ValueError:
        raise JobApiError(400, "the request body is not valid JSON") from None


def parts_of(desk: JobDesk, job: Job) -> list[Any]:
    """What a worker has said by now."""
    return job.parts_by(desk.account.clock.now())


def failure_of(job: Job) -> Answer:
    """How a worker's refusal or failure looks in OpenAI's protocol."""
    if job.refusal is not None:
        return Answer(job.refusal.status, job.refusal.to_json())
    message = job.error or f"the job is {job.status}"
    return Answer(FAILED_STATUS, {"error": {"message": message, "type": "InternalServerError", "code": FAILED_STATUS}})


def events_of(desk: JobDesk, fleet: Fleet, job: Job) -> Iterator[bytes]:
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
    desk.wait(fleet, lambda: job.final or len(parts_of(desk, job)) > sent, desk.account.settings.openai_wait_seconds)
    return parts_of(desk, job)
