"""What becomes of a SageMaker endpoint, and when?

It follows from the recorded calls and the clock alone: a read changes nothing, and neither does a restart.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow

if TYPE_CHECKING:
    from moto.sagemaker.models import FakeEndpoint, SageMakerModelBackend

# Long enough to be seen by the first look after a call, short enough to wait for.
SETTLING_SECONDS = 0.5
VARIANT_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
# An attribute that moto's endpoints have of us.
_CHANGE = "change"

Variants = list[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """What an endpoint turns into."""

    begun: float
    configuration: str
    variants: Variants

    @property
    def done(self) -> float:
        """Seconds since the epoch."""
        return self.begun + SETTLING_SECONDS


def settle(backend: SageMakerModelBackend) -> None:
    """Bring the endpoints up to the clock: finish the changes whose time has come."""
    for endpoint in list(backend.endpoints.values()):
        change = change_of(endpoint)
        if change is None or time.time() < change.done:
            continue
        if endpoint.endpoint_status == "Deleting":
            del backend.endpoints[endpoint.endpoint_name]
        else:
            finish(endpoint)


def change_of(endpoint: FakeEndpoint) -> Change | None:
    """The change that is under way."""
    return getattr(endpoint, _CHANGE, None)


def deployment_of(endpoint: FakeEndpoint) -> Change | None:
    """The change that is under way when it deploys a configuration; one of the counts alone does not."""
    change = change_of(endpoint)
    is_new = endpoint.endpoint_status == "Creating"
    return change if change and (is_new or change.configuration != endpoint.endpoint_config_name) else None


def finish(endpoint: FakeEndpoint) -> None:
    """Complete the change that is under way, if there is one."""
    change = change_of(endpoint)
    if change is None:
        return
    endpoint.endpoint_status = "InService"
    endpoint.endpoint_config_name = change.configuration
    endpoint.production_variants = change.variants
    endpoint.last_modified_time = moment(change.done)
    setattr(endpoint, _CHANGE, None)


def scale(endpoint: FakeEndpoint, counts: dict[str, int], weights: dict[str, float] | None = None) -> None:
    """Begin to give variants other instance counts and weights."""
    finish(endpoint)
    wanted = [{**variant} for variant in endpoint.production_variants]
    for variant in wanted:
        name = variant["VariantName"]
        if name in counts:
            variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"] = counts[name]
        if weights and name in weights:
            variant["CurrentWeight"] = variant["DesiredWeight"] = weights[name]
    for before, after in zip(endpoint.production_variants, wanted, strict=True):
        before.update({member: value for member, value in after.items() if member.startswith("Desired")})
    begin(endpoint, "Updating", endpoint.endpoint_config_name, wanted)


def begin(endpoint: FakeEndpoint, status: str, configuration: str, variants: Variants) -> None:
    """Begin a change, which shows as `status` until it is done."""
    endpoint.endpoint_status = status
    endpoint.last_modified_time = utcnow()
    setattr(endpoint, _CHANGE, Change(time.time(), configuration, variants))


def configured_variants(backend: SageMakerModelBackend, configuration: str) -> Variants:
    """What a configuration's variants look like once they serve; `InstanceType` is for us and is not described."""
    return [_variant(variant) for variant in backend.endpoint_configs[configuration].production_variants]


def retain(old: Variants, new: Variants, excluded: set[str]) -> None:
    """Give new variants the counts and weights of the old ones of their name, but for the excluded kinds."""
    running = {variant["VariantName"]: variant for variant in old}
    for kind in {"DesiredInstanceCount", "DesiredWeight"} - excluded:
        for variant in new:
            kept = running.get(variant["VariantName"], {}).get(kind)
            if kept is not None and kind in variant:
                variant[kind] = variant[kind.replace("Desired", "Current")] = kept


def moment(seconds: float) -> datetime:
    """A time as moto has it: UTC, unsaid."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _variant(configured: dict[str, Any]) -> dict[str, Any]:
    count, serverless = configured.get("InitialInstanceCount"), configured.get("ServerlessConfig")
    weight = configured.get("InitialVariantWeight", 1.0)
    described = {
        "VariantName": configured["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        "CurrentServerlessConfig": serverless,
        "DesiredServerlessConfig": serverless,
        "RoutingConfig": configured.get("RoutingConfig"),
        "InstanceType": configured.get("InstanceType"),
    }
    return {name: value for name, value in described.items() if value is not None}
