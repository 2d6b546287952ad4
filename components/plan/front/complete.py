"""How the gateways of a service are planned: the one before its target, and those beside its engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.contracts import METRIC_NAMESPACE
from components.errors import PlanError
from components.plan.front.size import front_size
from components.plan.gateway import Fallback, FrontPlan, GatewayPlan, KeyLimits, Template
from components.plan.model import NetworkPlan

if TYPE_CHECKING:
    from components.plan.draft import Draft
    from components.spec.gateway import GatewaySpec
    from components.spec.service import ServiceSpec

FRONT_NAMESPACE = f"{METRIC_NAMESPACE}/Front"
"""Of a front before gateways of its own, whose mean of requests in flight moves their number."""

_MOST_DRAIN_SECONDS = 600
_STOP_TIMEOUT_SECONDS = 120
"""The longest that Fargate waits between SIGTERM and SIGKILL; source: ECS API reference, ContainerDefinition."""
_STOP_MARGIN_SECONDS = 10
_IDLE_MARGIN_SECONDS = 60


def drain_seconds(max_request_seconds: int) -> int:
    """Return how long running requests may finish when a replica stops.

    >>> drain_seconds(300), drain_seconds(3600)
    (300, 600)
    """
    return min(max_request_seconds, _MOST_DRAIN_SECONDS)


def gateway_plan(made: Draft, *, drain: int, requests_per_replica: int | None = None) -> GatewayPlan:
    """Return the gateway that clients talk to; `PlanError` when it should count money whose price is unknown."""
    spec, given, hardware = made.spec, made.spec.gateway, made.hardware
    if given.usd_per_month is not None and hardware.usd_per_hour is None:
        raise PlanError(
            f"{spec.name}: gateway.usd_per_month: nobody publishes the price of {hardware.instance_type} in "
            f"{made.request.region}, so nothing can be counted; choose other accelerators, or remove it"
        )
    return GatewayPlan(
        # check_target has refused a stack without it.
        image=made.request.images.gateway or "",
        keys_secret=given.keys_secret,
        max_request_seconds=given.max_request.seconds,
        drain_seconds=drain,
        limits=KeyLimits(given.requests_per_minute, given.tokens_per_minute, given.concurrency, given.usd_per_month),
        usd_per_hour=hardware.usd_per_hour,
        requests_per_replica=requests_per_replica,
        fallback=_fallback(given),
        templates={name: Template(one.system, dict(one.parameters)) for name, one in sorted(given.templates.items())},
        cors_origins=given.cors_origins,
        log_prompts=given.log_prompts,
        protect_spending=spec.environment == "prod",
    )


def sidecar_plan(made: Draft, *, drain: int) -> GatewayPlan:
    """Return the gateway beside an engine; with a front before it, keys and limits are the front's."""
    spec = made.spec
    if not spec.gateway.front:
        return gateway_plan(made, drain=drain)
    return GatewayPlan(made.request.images.gateway or "", None, spec.gateway.max_request.seconds, drain)


def front_plan(
    made: Draft, *, log_retention_days: int, upstream_key_secret: str | None = None, has_sidecars: bool = False
) -> FrontPlan | None:
    """Return the gateway before the target; None where the spec asks for none.

    `has_sidecars` says that the target has gateways of its own, which publish the metrics that move its replicas.
    """
    spec = made.spec
    if not spec.gateway.front:
        return None
    longest = spec.gateway.max_request.seconds
    # What runs at once when the service is awake: a front that shrinks with `power: off` would be another task.
    size = front_size(made.sequences * spec.scaling.max_count, 2 if spec.environment == "prod" else 1)
    return FrontPlan(
        gateway=gateway_plan(
            made,
            drain=min(longest, _STOP_TIMEOUT_SECONDS - _STOP_MARGIN_SECONDS),
            requests_per_replica=_planned_for(made),
        ),
        network=listening(spec),
        vcpus=size.vcpus,
        memory_mib=size.memory_mib,
        replicas_min=size.replicas_min,
        replicas_max=size.replicas_max,
        hold_seconds=spec.gateway.hold_seconds,
        parked=spec.power == "off",
        metrics_namespace=FRONT_NAMESPACE if has_sidecars else METRIC_NAMESPACE,
        deregistration_seconds=drain_seconds(longest),
        stop_timeout_seconds=_STOP_TIMEOUT_SECONDS,
        load_balancer_idle_seconds=longest + _IDLE_MARGIN_SECONDS,
        log_retention_days=log_retention_days,
        upstream_key_secret=upstream_key_secret,
    )


def listening(spec: ServiceSpec) -> NetworkPlan:
    """Return where clients reach a service, as its spec says."""
    vpc = spec.network.vpc
    return NetworkPlan(
        vpc_id=None if vpc == "create" else vpc.id,
        public_subnet_ids=() if vpc == "create" else vpc.public_subnet_ids,
        private_subnet_ids=() if vpc == "create" else vpc.private_subnet_ids,
        exposure=spec.network.exposure,
        certificate_arn=spec.network.certificate_arn,
        domain=spec.network.domain,
        allowed_cidrs=spec.network.allowed_cidrs,
    )


def behind_a_front(spec: ServiceSpec) -> NetworkPlan:
    """Return where a service listens that its front alone may reach."""
    vpc = spec.network.vpc
    return NetworkPlan(
        vpc_id=None if vpc == "create" else vpc.id,
        public_subnet_ids=(),
        private_subnet_ids=() if vpc == "create" else vpc.private_subnet_ids,
        exposure="internal",
        certificate_arn=None,
        domain=None,
        allowed_cidrs=(),
    )


def _fallback(given: GatewaySpec) -> tuple[Fallback, ...]:
    return tuple(
        Fallback(one.url, one.service, one.model, one.key_secret, one.usd_per_million_input, one.usd_per_million_output)
        for one in given.fallback
    )


def _planned_for(made: Draft) -> int | None:
    """Return the requests in flight of each replica: what scaling aims at, no more than fit the cache.

    None where there is one replica at most.
    """
    scaling, given = made.scaling, made.spec.scaling
    if given.max_count == 1:
        return None
    if scaling.metric != "concurrency" or given.min_replicas == given.max_count:
        return made.sequences
    return max(1, min(made.sequences, round(scaling.target)))
