"""Which numbers ECS needs for a service, kept within what its API accepts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from components.plan.ecs.startup import MOST_SECONDS, download_budget, download_seconds
from components.plan.ecs.values import EcsPlan
from components.plan.front.complete import drain_seconds
from components.sizing.host import (
    GATEWAY_MEMORY_MIB,
    GATEWAY_RESERVATION_MIB,
    WEIGHT_CACHE_MEMORY_MIB,
    engine_memory_mib,
    engine_reservation_mib,
    shared_memory_mib,
)

if TYPE_CHECKING:
    from components.plan.model import Hardware
    from components.spec.service import ServiceSpec

ROOT_VOLUME_THROUGHPUT_MIB_S = 500
"""The default of 125 MiB/s alone costs minutes while the image is unpacked."""

_START_PERIOD_SECONDS = 300
_RETRIES = 10
_LEAST_INTERVAL_SECONDS = 10
_ENGINE_STOP_MARGIN_SECONDS = 20
_GATEWAY_STOP_MARGIN_SECONDS = 10
_IDLE_MARGIN_SECONDS = 60
_ATTEMPTS = 3
"""Failed starts after which ECS gives a deployment up."""


def health_interval_seconds(budget_seconds: int) -> int:
    """Return the pause between health checks, so that start period and retries together cover the start.

    >>> health_interval_seconds(900), health_interval_seconds(3300)
    (60, 300)
    """
    return max(_LEAST_INTERVAL_SECONDS, math.ceil((budget_seconds - _START_PERIOD_SECONDS) / _RETRIES))


def surge_percent(min_replicas: int) -> int:
    """Return the smallest share of the wanted tasks that leaves room for one more, however few are wanted.

    >>> surge_percent(1), surge_percent(2), surge_percent(3)
    (200, 150, 134)
    """
    return 100 + math.ceil(100 / min_replicas)


def ecs_plan(
    spec: ServiceSpec, hardware: Hardware, *, startup_limit_seconds: int, checkpoint_gib: float, weight_cache_image: str
) -> EcsPlan:
    """Return the numbers of a service on ECS."""
    budget = startup_limit_seconds
    memory_gib = hardware.memory_gib or 0.0  # never None: EC2 says of every instance type what it has
    drain = drain_seconds(spec.gateway.max_request.seconds)
    surge = deployment(spec) == "surge"
    maximum_percent = surge_percent(spec.scaling.min_replicas) if surge else 100
    return EcsPlan(
        ami_id=spec.ecs.ami_id,
        root_volume_gib=spec.ecs.root_volume.gib,
        root_volume_throughput_mib_s=ROOT_VOLUME_THROUGHPUT_MIB_S,
        weight_cache_image=weight_cache_image,
        engine_memory_mib=engine_memory_mib(memory_gib),
        engine_memory_reservation_mib=engine_reservation_mib(memory_gib),
        shared_memory_mib=shared_memory_mib(hardware.tensor_parallel_size),
        gateway_memory_mib=GATEWAY_MEMORY_MIB,
        gateway_memory_reservation_mib=GATEWAY_RESERVATION_MIB,
        weight_cache_memory_mib=WEIGHT_CACHE_MEMORY_MIB,
        weight_cache_start_timeout_seconds=download_budget(checkpoint_gib),
        health_interval_seconds=health_interval_seconds(budget),
        health_retries=_RETRIES,
        health_start_period_seconds=_START_PERIOD_SECONDS,
        engine_stop_timeout_seconds=drain + _ENGINE_STOP_MARGIN_SECONDS,
        gateway_stop_timeout_seconds=drain + _GATEWAY_STOP_MARGIN_SECONDS,
        engine_start_timeout_seconds=budget,
        health_check_grace_seconds=2 * budget + download_seconds(checkpoint_gib),
        deployment_minimum_percent=100 if surge else 0,
        deployment_maximum_percent=maximum_percent,
        wait_for_deployment=surge,
        deployment_timeout_seconds=_ATTEMPTS * budget + download_seconds(checkpoint_gib),
        # A new task without an instance waits, and the circuit breaker takes that for a failure of the new version.
        instances_max=spec.scaling.max_count * maximum_percent // 100,
        log_retention_days=spec.ecs.log_retention_days,
        protect_weight_cache=spec.environment == "prod",
        load_balancer_idle_seconds=spec.gateway.max_request.seconds + _IDLE_MARGIN_SECONDS,
        spot_percent=spec.pricing.spot_percent,
    )


def deployment(spec: ServiceSpec) -> str:
    """Return how a new version replaces the old one: without a gap in prod, without a second GPU elsewhere."""
    return spec.ecs.deployment or ("surge" if spec.environment == "prod" else "recreate")


def is_too_slow(startup_seconds: int) -> bool:
    """Tell whether a start takes longer than ECS can wait for."""
    return startup_seconds > MOST_SECONDS
