"""What `berth plan` says about the gateway that clients talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.front.notes import who
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.gateway import FrontPlan, GatewayPlan, KeyLimits
    from components.plan.model import NetworkPlan, Plan


def gateway_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of each row; nothing where a target has no gateway."""
    front, gateway, network = plan.front, plan.gateway, plan.network
    if front is not None:
        yield "Front", _front(front)
        gateway, network = front.gateway, front.network
    if gateway is None:
        return
    yield "Gateway", _gateway(gateway, f"{Duration(_drain(plan))} to finish when a replica stops")
    limits = list(_limits(gateway.limits))
    if limits:
        yield "Each key", ", ".join(limits)
    if gateway.fallback:
        yield "Fallback", ", then ".join(who(one) for one in gateway.fallback)
    if network is not None:
        yield "Network" if front is None else "Address", _network(network)


def _front(front: FrontPlan) -> str:
    least, most = front.replicas_min, front.replicas_max
    tasks = f"{least} to {most} tasks" if least < most else f"{least} task{'' if least == 1 else 's'}"
    hold = f"; holds requests up to {front.hold_seconds} s while it sleeps" if front.hold_seconds else ""
    return f"{tasks} on Fargate, {front.vcpus:g} vCPU and {front.memory_mib} MiB each, asleep or awake{hold}"


def _gateway(gateway: GatewayPlan, drain: str) -> str:
    keys = f"keys from {gateway.keys_secret}" if gateway.keys_secret else "no client keys"
    prompts = f"; prompts {', '.join(gateway.templates)}" if gateway.templates else ""
    pages = f"; pages of {', '.join(gateway.cors_origins)} may call" if gateway.cors_origins else ""
    return f"{keys}; requests of up to {Duration(gateway.max_request_seconds)}, {drain}{prompts}{pages}"


def _drain(plan: Plan) -> int:
    if plan.front is not None:
        return plan.front.deregistration_seconds
    return plan.gateway.drain_seconds if plan.gateway else 0


def _limits(limits: KeyLimits) -> Iterator[str]:
    given = {
        "{:,.0f} requests a minute": limits.requests_per_minute,
        "{:,.0f} tokens a minute": limits.tokens_per_minute,
        "{:,.0f} at once": limits.concurrency,
        "{:,.2f} USD a month": limits.usd_per_month,
    }
    yield from (text.format(limit) for text, limit in given.items() if limit is not None)


def _network(network: NetworkPlan) -> str:
    where = network.vpc_id or "a VPC of the stack"
    protocol = f"HTTPS as {network.domain}" if network.domain else "HTTP"
    return f"{network.exposure}, in {where}, {protocol}"
