"""What does a load balancer's endpoint answer: `/ai/v2/{id}/lb/...`, in place of `https://{id}.api.runpod.ai/...`?

A request goes to a worker or fails: nothing keeps it beyond two minutes, and nothing tries it again. Limits and
statuses are those of RunPod's documentation of load balancing endpoints (2026-08), the words of the errors are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import Answer, JobApiError
from sandbox.runpod.endpoint import HEALTH_CHECK
from sandbox.runpod.job import DEFAULT_TTL_SECONDS
from sandbox.runpod.job_body import JobBody
from sandbox.runpod.openai_routes import body_of, events_of, failure_of, parts_of

if TYPE_CHECKING:
    from sandbox.runpod.endpoint_bodies import Settings
    from sandbox.runpod.job import Job
    from sandbox.runpod.job_desk import JobDesk
    from sandbox.runpod.request import Request

PAYLOAD_BYTES = 30_000_000
NO_WORKER, BAD_GATEWAY, TOO_LONG = 400, 502, 524
# Where neither variable is given RunPod sets both, and exposes it.
DEFAULT_PORT = "80"


def answer_balanced(desk: JobDesk, request: Request, endpoint_id: str, path: str) -> Answer:
    """A worker's answer, or what stands for it.

    Raises:
        JobApiError: 400 when no worker was there in time, 413 for a payload that is too large, 502 for a worker whose
            ports nobody can reach, 524 for an answer that took too long.
    """
    settings, fleet = desk.account.endpoints[endpoint_id].settings, desk.fleet(endpoint_id)
    if unexposed := unexposed_ports(settings):
        raise JobApiError(BAD_GATEWAY, f"the worker cannot be reached: {', '.join(unexposed)} is not exposed")
    if request.method == "GET" and path == settings.env.get(*HEALTH_CHECK):
        ready = any(worker.ready for worker in fleet.workers)
        return Answer(200, {"status": "healthy"}) if ready else Answer(204)
    given = {"openai_route": path, "openai_input": body_of(request, PAYLOAD_BYTES)}
    limits = desk.account.settings
    job = desk.submit(endpoint_id, JobBody(given, DEFAULT_TTL_SECONDS, limits.balancer_limit_seconds), synchronous=True)
    if not desk.wait(fleet, lambda: job.status != "IN_QUEUE", limits.balancer_wait_seconds):
        desk.cancel(fleet, job)
        raise JobApiError(NO_WORKER, "no workers available")
    streams = isinstance(given["openai_input"], dict) and bool(given["openai_input"].get("stream"))
    desk.wait(fleet, lambda: job.final or (streams and bool(parts_of(desk, job))), limits.balancer_limit_seconds + 1)
    if job.final and job.status != "COMPLETED":
        return _failed(job)
    if not streams:
        return Answer(200, job.parts[0].output)
    return replace(Answer(200, content_type="text/event-stream"), stream=events_of(desk, fleet, job))


def unexposed_ports(settings: Settings) -> list[str]:
    """Ports that the worker is told of, and that the endpoint does not expose."""
    told: dict[str, Any] = {name: settings.env.get(name) for name in ("PORT", "PORT_HEALTH")}
    if not any(told.values()):
        return []
    ports = [told[name] or DEFAULT_PORT for name in told]
    return [port for port in dict.fromkeys(ports) if f"{port}/http" not in settings.ports]


def _failed(job: Job) -> Answer:
    if job.status == "TIMED_OUT":
        raise JobApiError(TOO_LONG, "the worker did not answer in time")
    return failure_of(job)
