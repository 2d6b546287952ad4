"""What does a refresh find? The resource's properties as AWS has them now, so that only real drift differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.sagemaker.watching import moving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.sagemaker.api import Seen
    from components.sagemaker.lifecycle import Lifecycle
    from components.sagemaker.wanted import Wanted

AWAKE, PARKED = "awake", "parked"
_SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})


def outputs_of(wanted: Wanted, seen: Seen | None) -> dict[str, Any]:
    """Return the outputs of an endpoint; None of a parked one."""
    if seen is None:
        return {"state": PARKED}
    now = next((one for one in wanted.configurations if one.name == seen.config_name), None)
    return {
        "endpointArn": seen.arn,
        "state": AWAKE if seen.status in _SERVING else seen.status.lower(),
        "currentConfigName": seen.config_name,
        "currentInstanceType": now and now.instance_type,
        "currentAccelerator": now and now.accelerator,
    }


def found(lifecycle: Lifecycle, wanted: Wanted) -> dict[str, Any] | None:
    """Return outputs, and the inputs that AWS has otherwise; None when an endpoint that should be there is not."""
    seen = lifecycle.look()
    if seen is None or seen.status == "Deleting":
        return outputs_of(wanted, None) if _may_be_absent(wanted) else None
    tags = lifecycle.api.tags(seen.arn)
    if wanted.power == "off" and not wanted.owns(tags):
        return outputs_of(wanted, None)
    return {**outputs_of(wanted, seen), **_drift(lifecycle, wanted, seen, tags)}


def _may_be_absent(wanted: Wanted) -> bool:
    return wanted.power == "off" or wanted.keeper_managed


def _drift(lifecycle: Lifecycle, wanted: Wanted, seen: Seen, tags: Mapping[str, str]) -> Mapping[str, Any]:
    drift: dict[str, Any] = {
        "power": "on",
        # Its identity stays what it should be: an endpoint without it is left alone, whoever took it away.
        "tags": {key: tags[key] for key in wanted.tags if key in tags} | wanted.identity,
    }
    if moving(seen):
        return drift
    if seen.status != "InService" or seen.config_name not in {one.name for one in wanted.configurations}:
        # Whatever serves there, or does not: it is none of the configurations that are wanted.
        drift["configurations"] = []
    if seen.status == "InService" and not wanted.keeper_managed:
        drift |= _scaling_drift(lifecycle, wanted, seen)
    return drift


def _scaling_drift(lifecycle: Lifecycle, wanted: Wanted, seen: Seen) -> Mapping[str, Any]:
    registered, right = lifecycle.scaling.read(), lifecycle.scaling.wanted()
    if registered is not None:
        # A fixed number has no policy, so none of it can have drifted.
        known = registered.as_inputs()
        return known if right is not None else {**known, "scaling": wanted.policy.as_inputs()}
    return {"minReplicas": seen.desired, "maxReplicas": seen.desired}
