"""What should a user know about a service behind RunPod's load balancer, that a queue does not ask for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.model import Note
from components.plan.runpod.mode import PROCESSING_SECONDS, WORKER_SECONDS, longest_request_seconds
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan
    from components.spec.service import ServiceSpec


def cold_note(plan: Plan) -> Note:
    """Return what happens to a request that finds no worker; a start that takes longer than RunPod waits fails it."""
    start, patience = Duration(plan.startup_seconds), Duration(WORKER_SECONDS)
    text = f"0: a request that finds no worker waits for a start, about {start}"
    if plan.startup_seconds <= WORKER_SECONDS:
        return Note("info", "scaling.min_replicas", f"{text}; RunPod answers 400 after {patience}")
    return Note(
        "warning",
        "scaling.min_replicas",
        f"{text}, and RunPod answers 400 after {patience}: clients have to ask again; use 1, or runpod.mode: queue, "
        "where requests wait",
    )


def balanced_caller_notes(spec: ServiceSpec) -> Iterator[Note]:
    """Yield who may call when no front stands before the endpoint."""
    keys, own = spec.gateway.keys_secret, spec.runpod.client_keys_secret
    if own is not None:
        yield Note(
            "warning",
            "runpod.client_keys_secret",
            f"make the RunPod secret {own} before the deployment: each client sends a RunPod key of its own, whose "
            "sha256 is in it. That RunPod passes the key on to the worker is not documented: without it every request "
            "is answered 401, which `berth smoke` shows",
        )
    if keys is not None:
        used = f"{own} of the RunPod account is" if own else "every RunPod key that may call the endpoint may use it"
        text = f"{keys} is not used, since it is in AWS, where RunPod cannot read: {used}{' used' if own else ''}"
        yield Note("info", "gateway.keys_secret", text)
    elif own is None:
        text = "callers send a key of the RunPod account; make a restricted one for this endpoint"
        yield Note("info", "gateway.keys_secret", text)
    if spec.gateway.cors_origins:
        text = "a browser asks without a key first, which RunPod may refuse before the gateway hears it: try it"
        yield Note("warning", "gateway.cors_origins", text)


def balanced_request_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield how long a request may take, and what nobody does when it fails."""
    longest = Duration(longest_request_seconds(spec))
    given = "" if "max_request" in spec.gateway.model_fields_set else "not given: "
    yield Note(
        "info",
        "gateway.max_request",
        f"{given}{longest}, since RunPod's load balancer ends a request {Duration(PROCESSING_SECONDS)} after a worker "
        f"took it; one that no worker takes within {Duration(WORKER_SECONDS)} is answered 400, and none is tried again",
    )
    if plan.gateway is not None and plan.front is None and plan.gateway.fallback:
        text = "asked when the engine of a worker fails; while there is no worker RunPod answers itself"
        yield Note("info", "gateway.fallback", text)
