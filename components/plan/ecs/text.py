"""What `berth plan` says about a service on ECS alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan


def ecs_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row."""
    gateway, network = plan.gateway, plan.network
    if gateway is not None:
        keys = f"keys from {gateway.keys_secret}" if gateway.keys_secret else "no client keys"
        longest, drain = Duration(gateway.max_request_seconds), Duration(gateway.drain_seconds)
        yield "Gateway", f"{keys}; requests of up to {longest}, {drain} to finish when a replica stops"
    if network is not None:
        where = network.vpc_id or "a VPC of the stack"
        protocol = f"HTTPS as {network.domain}" if network.domain else "HTTP"
        yield "Network", f"{network.exposure}, in {where}, {protocol}"
