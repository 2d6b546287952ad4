"""How is an endpoint made, changed, looked at and deleted on RunPod?"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from components.errors import PlanError
from components.runpod.client import path_of
from components.runpod.endpoint_changes import creation, patch, replaced
from components.runpod.endpoint_fields import MARKER, OUTPUTS, declared, from_live
from components.runpod.errors import NOT_FOUND, LostAnswerError, RunpodError
from components.runpod.placement import placed
from components.runpod.values import properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.runpod.client import RunpodClient

ENDPOINTS = "/v2/serverless"
CONSOLE = "https://console.runpod.io/serverless/user/endpoint"
WORKERS_NOTE = (
    "RunPod lowers the maximum to 2 after 3 days without a request, to 0 after 7 days, and for unhealthy workers; "
    "`pulumi up --refresh` puts it back"
)
_LOOKS = (0.0, 2.0, 4.0, 8.0)
"""Seconds before each look for an endpoint whose creation was not answered; assumed: it is listed by then."""


def create(client: RunpodClient, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make an endpoint, or adopt the one that `adoptId` names; nothing after the one POST can fail.

    Raises:
        RunpodError: RunPod refused, or nobody knows whether it made the endpoint.
        PlanError: RunPod has not the GPUs, or the endpoint to adopt is of another kind.
    """
    marker = _new_marker(inputs)
    if "adoptId" in inputs:
        live = _adopt(client, inputs["adoptId"], inputs, marker)
    else:
        body = placed(client, creation(inputs, {MARKER: marker}), inputs)
        try:
            live = client.post(ENDPOINTS, body)
        except LostAnswerError as error:
            live = _found_by(client, marker, error)
    return live["id"], _outs(inputs, live, marker)


def read(client: RunpodClient, id_: str, state: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return outputs and inputs of an endpoint as it is; None when it is gone."""
    try:
        live = client.get(path_of("serverless", id_))
    except RunpodError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    before, inputs = declared(state), from_live(live, state)
    if before.get("scheduleManaged") and "workers" in before:
        # A schedule moves them: what was declared is no less true for it.
        inputs["workers"] = before["workers"]
    outs = _outs(inputs, live, state.get("marker"))
    if _is_lowered(before, outs, state):
        outs["workersNote"] = WORKERS_NOTE
    return outs, inputs


def update(client: RunpodClient, id_: str, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Send what differs, if anything does; raises RunpodError, or PlanError when RunPod has not the GPUs."""
    marker = state.get("marker") or _new_marker(inputs)
    body = patch(state, inputs, {MARKER: marker})
    if not body:
        return {key: value for key, value in properties(state).items() if key in OUTPUTS} | dict(inputs)
    return _outs(inputs, client.patch(path_of("serverless", id_), placed(client, body, inputs)), marker)


def delete(client: RunpodClient, id_: str, state: Mapping[str, Any]) -> None:
    """Delete an endpoint; one that is gone is deleted.

    Raises:
        PlanError: deletionProtection is set.
        RunpodError: RunPod refused.
    """
    if state.get("deletionProtection"):
        raise PlanError(f"endpoint {id_}: deletionProtection is set; set it to false and run `pulumi up` first")
    path = path_of("serverless", id_)
    try:
        client.patch(path, {"workers": {"min": 0, "max": 0}})
    except RunpodError as error:
        # It only lets running jobs finish: whatever speaks against it, the deletion tells.
        if error.status == NOT_FOUND:
            return
    try:
        client.delete(path)
    except RunpodError as error:
        if error.status != NOT_FOUND:
            raise


def _outs(inputs: Mapping[str, Any], live: Mapping[str, Any], marker: str | None) -> dict[str, Any]:
    """Return the state of an endpoint; tolerant, since the endpoint exists by now whatever the answer lacks."""
    urls, workers = live.get("requestUrls") or {}, live.get("workers") or {}
    unmanaged = sorted(key for key in live.get("env") or {} if key not in inputs["env"] and key != MARKER)
    outs = {
        "endpointId": live.get("id"),
        "createdAt": live.get("createdAt"),
        "requestUrls": urls,
        "baseUrl": urls.get("base"),
        "consoleUrl": f"{CONSOLE}/{live.get('id')}",
        "liveWorkers": {key: workers[key] for key in ("min", "max") if key in workers},
        "unmanagedEnvKeys": unmanaged,
        "marker": marker,
    }
    return dict(inputs) | {key: value for key, value in outs.items() if value is not None}


def _is_lowered(before: Mapping[str, Any], outs: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Tell whether RunPod has fewer workers than declared, without a schedule that would explain it."""
    most, live = before.get("workers", {}).get("max"), outs["liveWorkers"].get("max")
    if most is None or live is None or before.get("scheduleManaged"):
        return False
    return live < most or (live == most and bool(state.get("workersNote")))


def _adopt(client: RunpodClient, id_: str, inputs: Mapping[str, Any], marker: str) -> Mapping[str, Any]:
    path = path_of("serverless", id_)
    found = from_live(client.get(path), {})
    differs = replaced(found, inputs)
    if differs:
        raise PlanError(
            f"adoptId: endpoint {id_} has another {' and '.join(differs)}, which RunPod cannot change; "
            "leave out adoptId to make a new endpoint"
        )
    body = placed(client, patch(found, inputs, {MARKER: marker}), inputs)
    return client.patch(path, body | {"env": {**inputs["env"], MARKER: marker}})


def _found_by(client: RunpodClient, marker: str, lost: LostAnswerError) -> Mapping[str, Any]:
    """Return the endpoint that was made by a POST that nobody answered; raises what was lost when there is none."""
    for seconds in _LOOKS:
        client.sleep(seconds)
        try:
            endpoints = client.get(ENDPOINTS)["endpoints"]
        except RunpodError:
            break
        for one in endpoints:
            if (one.get("env") or {}).get(MARKER) == marker:
                return one
    raise RunpodError(
        lost.request,
        lost.status,
        lost.title,
        lost.detail,
        [*lost.errors, f"no endpoint has {MARKER}={marker} so far; look in RunPod's console before you run it again"],
    ) from None


def _new_marker(inputs: Mapping[str, Any]) -> str:
    """Return a mark for one creation: whose it is, and a random end that tells a replacement from the replaced."""
    owner = hashlib.sha256(str(inputs.get("owner", inputs["name"])).encode()).hexdigest()[:16]
    return f"{owner}-{secrets.token_hex(4)}"
