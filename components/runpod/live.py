"""How many workers of a deployed endpoint run now, and between which limits may that move?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.errors import BerthError, DeployedError
from components.live import KEPT, Replicas
from components.runpod.client import RunpodClient, connect, path_of
from components.runpod.endpoint import WORKERS_NOTE
from components.runpod.errors import NOT_FOUND, RunpodError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def replicas(
    session: object,  # noqa: ARG001 - every target is asked alike
    outputs: Mapping[str, Any],
    connect: Callable[[], RunpodClient] = connect,
) -> Replicas:
    """Ask RunPod about the endpoint that `outputs` names.

    Raises:
        DeployedError: RunPod refuses the question, or knows no such endpoint.
    """
    place = f"RunPod endpoint {outputs['endpoint_id']}"
    path = path_of("serverless", outputs["endpoint_id"])
    try:
        client = connect()
        limits = client.get(path)["workers"]
        summary = client.get(f"{path}/workers")["summary"]
    except BerthError as error:
        gone = isinstance(error, RunpodError) and error.status == NOT_FOUND
        reason = "is not there any more; run `pulumi refresh`" if gone else str(error)
        raise DeployedError(f"{place}: {reason}") from error
    is_put_to_sleep = limits["max"] == 0 and outputs.get("state") == KEPT
    state, problem = ("asleep", None) if is_put_to_sleep else _state(limits, summary, outputs)
    return Replicas(
        # Only these are billed: RunPod does not charge for a worker that starts, waits for a GPU, or is not healthy.
        running=summary["running"] + summary["idle"],
        wanted=summary["total"],
        least=limits["min"],
        most=limits["max"],
        state=state,
        problem=problem,
    )


def _state(
    limits: Mapping[str, int], summary: Mapping[str, int], outputs: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Return what the endpoint is doing, and what is wrong with it."""
    declared = outputs["replicas"]["max"]
    if limits["max"] < declared:
        note = f"max workers is {limits['max']} and not {declared}: {WORKERS_NOTE}"
        return ("stopped" if limits["max"] == 0 else "reduced"), note
    if limits["max"] == 0:
        return "parked", None
    if summary["unhealthy"]:
        return "unhealthy", f"{_count(summary['unhealthy'])} not healthy; see its logs in RunPod's console"
    if summary["running"] + summary["idle"]:
        return None, None
    if summary["throttled"]:
        waits = f"{_count(summary['throttled'])} waiting for a GPU that RunPod has not got now"
        return "throttled", f"{waits}; name further accelerators, or wait"
    return ("starting" if summary["initializing"] else "idle"), None


def _count(workers: int) -> str:
    return f"{workers} worker{' is' if workers == 1 else 's are'}"
