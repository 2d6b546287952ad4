"""How is a network volume checked, made, changed, looked at and deleted on RunPod?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.runpod.client import path_of
from components.runpod.errors import NOT_FOUND, LostAnswerError, RunpodError
from components.runpod.shape import is_whole, unknown_fields
from components.runpod.values import known, properties, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.runpod.client import RunpodClient
    from components.runpod.shape import Failure

VOLUMES = "/v2/network-volumes"
TYPES = ("STANDARD", "HIGH_PERFORMANCE")
FIELDS = ("name", "size", "dataCenter", "type")
OUTPUTS = ("volumeId",)
_IN_PLACE = ("name", "size")
_LEAST_GB, _MOST_GB = 10, 4096
_IN_USE = (400, 409)
_LOOKS = (0.0, 2.0, 4.0, 8.0)


def filled(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with the type in place: RunPod's own default depends on the data center."""
    return {"type": TYPES[0]} | {key: value for key, value in properties(given).items() if key not in OUTPUTS}


def declared(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a state has."""
    return {key: value for key, value in properties(state).items() if key in FIELDS}


def failures(old: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what is wrong with filled inputs; `old` are those of the volume that is there, if one is."""
    yield from unknown_fields("", inputs, FIELDS)
    for field in ("name", "dataCenter"):
        value = inputs.get(field)
        if known(value) and not (isinstance(value, str) and value):
            yield field, "must be given, as a text"
    if known(inputs["type"]) and inputs["type"] not in TYPES:
        yield "type", f"{inputs['type']} is not known; use {' or '.join(TYPES)}"
    size = inputs.get("size")
    if not known(size):
        return
    if not isinstance(size, int) or not is_whole(size, _LEAST_GB) or size > _MOST_GB:
        yield "size", f"must be a whole number of GB from {_LEAST_GB} to {_MOST_GB}"
    elif not replaced(old, inputs) and is_whole(old.get("size"), 0) and size < old["size"]:
        yield (
            "size",
            f"{size} GB is less than the {old['size']} GB that the volume has, and a volume cannot shrink; keep it",
        )


def changed(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """Return the fields that differ."""
    return [field for field in FIELDS if not same(state.get(field), inputs.get(field))]


def replaced(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    """Return the fields that differ and that RunPod cannot change."""
    return [field for field in changed(state, inputs) if field not in _IN_PLACE]


def create(client: RunpodClient, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make a volume with one POST; after a lost answer the one that is new, and as asked for, is adopted."""
    before = {one["id"] for one in _all(client)}
    try:
        live = client.post(VOLUMES, inputs)
    except LostAnswerError as error:
        live = _made_since(client, before, inputs, error)
    return live["id"], {**inputs, "volumeId": live["id"]}


def read(client: RunpodClient, id_: str, state: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return outputs and inputs of a volume as it is; None when it is gone."""
    try:
        live = client.get(path_of("network-volumes", id_))
    except RunpodError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    inputs = declared(state) | declared(live)
    return {**inputs, "volumeId": id_}, inputs


def update(client: RunpodClient, id_: str, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Send the name or the size that differs."""
    body = {field: inputs[field] for field in changed(state, inputs) if field in _IN_PLACE}
    if body:
        client.patch(path_of("network-volumes", id_), body)
    return {**inputs, "volumeId": id_}


def delete(client: RunpodClient, id_: str) -> None:
    """Delete a volume with what is on it; one that is gone is deleted, one in use is refused with its users' names."""
    try:
        client.delete(path_of("network-volumes", id_))
    except RunpodError as error:
        if error.status == NOT_FOUND:
            return
        users = _users(client, id_) if error.status in _IN_USE else []
        if not users:
            raise
        used = f"used by endpoint {', '.join(users)}; delete or detach that first"
        raise RunpodError(error.request, error.status, error.title, error.detail, [*error.errors, used]) from None


def _all(client: RunpodClient) -> list[Mapping[str, Any]]:
    return client.get(VOLUMES)["networkVolumes"]


def _users(client: RunpodClient, id_: str) -> list[str]:
    endpoints = client.get("/v2/serverless")["endpoints"]
    return sorted(one["name"] for one in endpoints if id_ in (one.get("networkVolumes") or ()))


def _made_since(
    client: RunpodClient, before: set[str], inputs: Mapping[str, Any], lost: LostAnswerError
) -> Mapping[str, Any]:
    """Return the one volume that came up and is as asked for; a volume has no variables to mark it with."""
    for seconds in _LOOKS:
        client.sleep(seconds)
        try:
            new = [one for one in _all(client) if one["id"] not in before and declared(one) == dict(inputs)]
        except RunpodError:
            break
        if len(new) == 1:
            return new[0]
        if new:
            break
    hint = f"whether volume {inputs['name']} was made is not known; look in RunPod's console before you run it again"
    raise RunpodError(lost.request, lost.status, lost.title, lost.detail, [*lost.errors, hint]) from None
