"""Which difference between two endpoints is a change, which needs a new endpoint, and what is sent for the rest?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.runpod.endpoint_fields import (
    COMPUTE,
    FIRST,
    GPU_FIELDS,
    INPUTS,
    STATE_ONLY,
    UNORDERED,
    declared,
    filled,
)
from components.runpod.values import known, same

if TYPE_CHECKING:
    from collections.abc import Mapping

_SELECTION = ("pools", "allowedTypes", "excludedTypes")
_LIMITS = ("min", "max")


def changed(state: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return the fields of an endpoint that differ, in a fixed order."""
    old, new = filled(declared(state)), filled(news)
    fields = [field for field in INPUTS if field not in FIRST]
    return [field for field in fields if not _same_field(field, old.get(field), new.get(field))]


def replaced(state: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return the fields that RunPod cannot change in place: the routing, and GPU for CPU or the reverse."""
    fields = ["type"] if not same(state.get("type"), news.get("type")) else []
    return fields + [field for field in COMPUTE if (state.get(field) is None) != (news.get(field) is None)]


def creation(inputs: Mapping[str, Any], marker: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that creates an endpoint, every field stated."""
    body = {field: value for field, value in inputs.items() if field not in STATE_ONLY}
    if isinstance(body.get("gpu"), dict):
        # A bound that bounds nothing is not stated: RunPod takes the empty text for no version.
        body["gpu"] = {field: value for field, value in body["gpu"].items() if value not in ("", [])}
    if inputs.get("scheduleManaged") and not inputs.get("startsAwake", True):
        body["workers"] = {**inputs["workers"], "min": 0, "max": 0}
    return body | {"env": {**inputs["env"], **marker}}


def patch(state: Mapping[str, Any], inputs: Mapping[str, Any], marker: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that turns what the state says into what the inputs say; empty when nothing is to be sent.

    Only what differs is in it: RunPod rolls all workers over for a container field, even for one that stays the same.
    Limits of workers are left alone while a keeper moves them, and are sent when it does so no more.
    """
    old, body = filled(declared(state)), {}
    is_managed, was_managed = inputs.get("scheduleManaged"), old["scheduleManaged"]
    if was_managed and not is_managed:
        body["workers"] = {field: inputs["workers"][field] for field in _LIMITS}
    for field in changed(state, inputs):
        if field == "workers":
            sent = _workers_patch(old[field], inputs[field])
            left = {name: value for name, value in sent.items() if not (is_managed and name in _LIMITS)}
            body[field] = body.get(field, {}) | left
        elif field == "gpu":
            body[field] = _gpu_patch(old.get(field) or {}, inputs[field])
        elif field == "env":
            body[field] = {**inputs[field], **marker}
        elif field not in STATE_ONLY:
            # A registry that is left out is sent as null, which clears it.
            body[field] = inputs.get(field)
    return {field: value for field, value in body.items() if value != {} or field == "env"}


def _same_field(field: str, old: Any, new: Any) -> bool:
    if field == "gpu" and isinstance(old, dict) and isinstance(new, dict) and known(old) and known(new):
        return all(same(old.get(part), new.get(part), ordered=part not in UNORDERED) for part in {*old, *new})
    return same(old, new, ordered=field not in UNORDERED)


def _workers_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits together, since each bounds the other, and the idle timeout only where it differs.

    Limits that did not change are left alone: a schedule, or RunPod after idle days, may have moved them.
    """
    limits = {field: new[field] for field in _LIMITS}
    sent = {} if limits == {field: old.get(field) for field in _LIMITS} else limits
    idle = new.get("idleTimeout")
    return sent if idle is None or idle == old.get("idleTimeout") else sent | {"idleTimeout": idle}


def _gpu_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that differ; pools come with their exclusions, which RunPod clears otherwise."""
    parts = [part for part in GPU_FIELDS if not same(old.get(part), new.get(part), ordered=part not in UNORDERED)]
    if set(parts) & set(_SELECTION):
        parts = [*_SELECTION, *(part for part in parts if part not in _SELECTION)]
    return {part: new[part] for part in parts}
