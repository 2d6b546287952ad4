"""What does a plan hold that only ECS needs?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EcsPlan:
    """Numbers that only ECS needs, already checked against the limits of its API."""

    ami_id: str | None
    """None: the latest GPU AMI of the SSM parameter, read at preview."""
    root_volume_gib: int
    root_volume_throughput_mib_s: int
    weight_cache_image: str
    engine_memory_mib: int
    engine_memory_reservation_mib: int
    shared_memory_mib: int
    gateway_memory_mib: int
    gateway_memory_reservation_mib: int
    weight_cache_memory_mib: int
    weight_cache_start_timeout_seconds: int
    health_interval_seconds: int
    health_retries: int
    health_start_period_seconds: int
    engine_stop_timeout_seconds: int
    gateway_stop_timeout_seconds: int
    engine_start_timeout_seconds: int
    health_check_grace_seconds: int
    deployment_minimum_percent: int
    deployment_maximum_percent: int
    wait_for_deployment: bool
    """Whether `pulumi up` ends when the new tasks serve, or as soon as ECS has accepted them."""
    deployment_timeout_seconds: int
    instances_max: int
    """Upper bound of the Auto Scaling group: max_replicas, and what a deployment starts beside them."""
    log_retention_days: int
    protect_weight_cache: bool
    load_balancer_idle_seconds: int
    spot_percent: int = 0
    """Share of the instances that is spare capacity."""
