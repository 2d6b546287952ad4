"""Which fields has an endpoint, what is an omitted one, and how do RunPod's answers read in the same form?

The defaults are ours: RunPod's may change, and an unchanged program must not become a change then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.runpod.values import plain, properties, same

if TYPE_CHECKING:
    from collections.abc import Mapping

QUEUE, LOAD_BALANCER = "QUEUE", "LOAD_BALANCER"
QUEUE_DELAY, REQUEST_COUNT = "QUEUE_DELAY", "REQUEST_COUNT"
FLASHBOOT = ("OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT")
MARKER = "BERTH_URN"
"""Environment variable by which an endpoint is found again whose creation was not answered."""

REQUIRED = ("name", "type", "image", "disk", "scaling")
COMPUTE = ("gpu", "cpu")
_DEFAULTS: dict[str, Any] = {
    "args": "",
    "ports": [],
    "env": {},
    "dataCenterIds": [],
    "networkVolumes": [],
    "timeout": 300_000,
    "flashboot": "OFF",
}
_WORKERS = {"min": 0, "max": 3, "idleTimeout": 10}
_GPU: dict[str, Any] = {
    "allowedTypes": [],
    "excludedTypes": [],
    "count": 1,
    "allowedCudaVersions": [],
    "minCudaVersion": "",
}
_OURS: dict[str, Any] = {"scheduleManaged": False, "startsAwake": True, "deletionProtection": False}
_AS_ANSWERED = ("args", "ports", "registry", "dataCenterIds", "networkVolumes", "timeout", "flashboot")
STATE_ONLY = (*_OURS, "adoptId", "owner")
"""Inputs that RunPod never sees: a change of them is a change of the state alone."""
FIRST = ("startsAwake",)
"""Read when the endpoint is made, and no more: it follows the clock, which is no change."""

INPUTS = (*REQUIRED, *COMPUTE, *_DEFAULTS, "registry", "workers", *STATE_ONLY)
OUTPUTS = (
    "endpointId",
    "createdAt",
    "requestUrls",
    "baseUrl",
    "consoleUrl",
    "liveWorkers",
    "workersNote",
    "unmanagedEnvKeys",
    "marker",
)
_SECRET_REFERENCE = "{{ RUNPOD_SECRET_"  # noqa: S105 - how a reference begins
UNORDERED = frozenset({"dataCenterIds", "networkVolumes", "allowedTypes", "excludedTypes", "allowedCudaVersions"})
CPU_FIELDS = ("id", "vcpuCount")
GPU_FIELDS = ("pools", *_GPU)
WORKERS_FIELDS = tuple(_WORKERS)


def has_idle_timeout(inputs: Mapping[str, Any]) -> bool:
    """Tell whether workers wait idle before they stop: RunPod refuses the field for queues that count requests."""
    scaling = inputs.get("scaling")
    counts = isinstance(scaling, dict) and scaling.get("type") == REQUEST_COUNT
    return not (counts and inputs.get("type") == QUEUE)


def filled(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with every omitted field in place, so that two of them can be compared."""
    inputs = _DEFAULTS | _OURS | {key: value for key, value in properties(given).items() if key not in OUTPUTS}
    if isinstance(inputs.get("gpu"), dict):
        inputs["gpu"] = _GPU | {key: value for key, value in inputs["gpu"].items() if value is not None}
    workers = inputs.get("workers", {})
    if isinstance(workers, dict):
        defaults = _WORKERS if has_idle_timeout(inputs) else {key: _WORKERS[key] for key in ("min", "max")}
        inputs["workers"] = defaults | {key: value for key, value in workers.items() if value is not None}
    return inputs


def declared(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a state has."""
    return {key: value for key, value in properties(state).items() if key in INPUTS}


def from_live(live: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that would make what RunPod answers; a field that it leaves out is taken from the state.

    Values of environment variables that the state does not declare are left out: someone typed them into RunPod's
    console, and in the state they would be in clear.
    """
    before = filled(declared(state))
    inputs = {key: before[key] for key in STATE_ONLY if key in before}
    for key in (*REQUIRED, *_AS_ANSWERED):
        if key in live:
            inputs[key] = plain(live[key])
        elif key in before:
            inputs[key] = before[key]
    live_env = live.get("env") or {}
    inputs["env"] = {key: _readable(live_env[key], value) for key, value in before["env"].items() if key in live_env}
    workers = live.get("workers") or before["workers"]
    inputs["workers"] = {key: workers[key] for key in WORKERS_FIELDS if key in workers}
    if live.get("gpu"):
        # Allowed types are ours, and what they exclude follows from RunPod's catalogue; no answer has to list it.
        selection = {
            key: value for key, value in before.get("gpu", {}).items() if key in ("allowedTypes", "excludedTypes")
        }
        answered = {key: live["gpu"][key] for key in GPU_FIELDS if key in live["gpu"]}
        inputs["gpu"] = answered | selection if selection.get("allowedTypes") else selection | answered
    elif live.get("cpu"):
        inputs["cpu"] = [{key: one[key] for key in CPU_FIELDS if key in one} for one in live["cpu"]]
    inputs = filled(inputs)
    if not has_idle_timeout(inputs):
        inputs["workers"].pop("idleTimeout", None)
    return _in_order_of(before, inputs)


def _readable(live: str, value: Any) -> Any:
    """Return the value of a variable, except that a reference to a secret of the account stays a reference.

    That RunPod answers with the reference, and not with the secret, is nowhere promised.
    """
    return value if isinstance(value, str) and value.startswith(_SECRET_REFERENCE) else live


def _in_order_of(before: Mapping[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Keep the order of lists whose order means nothing, so that a refresh shows no difference."""
    for key in UNORDERED & inputs.keys():
        if same(before.get(key), inputs[key], ordered=False):
            inputs[key] = before[key]
    gpu, gpu_before = inputs.get("gpu"), before.get("gpu")
    if isinstance(gpu, dict) and isinstance(gpu_before, dict):
        for key in UNORDERED & gpu.keys():
            if same(gpu_before.get(key), gpu[key], ordered=False):
                gpu[key] = gpu_before[key]
    return inputs
