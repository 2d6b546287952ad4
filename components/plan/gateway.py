"""What a plan says of a gateway: what it lets through, who takes over, and where it runs before the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import NetworkPlan
    from components.spec.engine import ArgumentValue


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What every client key may use that has no limits of its own; None: as much as it likes."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None
    usd_per_month: float | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Who takes a request over: an API at `url`, or another service of the stack."""

    url: str | None
    service: str | None
    model: str | None
    """None: what the client wrote, or what the service calls it."""
    key_secret: str | None
    usd_per_million_input: float | None = None
    usd_per_million_output: float | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """What is added to a request that names it."""

    system: str | None
    parameters: Mapping[str, ArgumentValue]


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """One gateway: beside the engine, or on a CPU before the target."""

    image: str
    keys_secret: str | None
    max_request_seconds: int
    drain_seconds: int
    limits: KeyLimits = KeyLimits()
    usd_per_hour: float | None = None
    """Of the hardware of one replica, on demand; None where nobody publishes it."""
    requests_per_replica: int | None = None
    """Requests in flight for each replica, where several stand behind this gateway: what scaling aims at."""
    fallback: tuple[Fallback, ...] = ()
    templates: Mapping[str, Template] = field(default_factory=dict[str, Template])
    cors_origins: tuple[str, ...] = ()
    log_prompts: bool = False
    protect_spending: bool = False
    """Whether what the keys have spent outlives a destroy."""

    @property
    def counts_spending(self) -> bool:
        """Whether all gateways of the service have to know together what a key has spent."""
        return self.limits.usd_per_month is not None


@dataclass(frozen=True, slots=True)
class FrontPlan:
    """The gateway that runs on Fargate before the target, within what Fargate and its load balancer accept."""

    gateway: GatewayPlan
    network: NetworkPlan
    """Where clients reach it; the target's own network says where its engine is."""
    vcpus: float
    memory_mib: int
    replicas_min: int
    replicas_max: int
    """Tasks; between both they follow the processor."""
    hold_seconds: int
    parked: bool
    """Whether nobody will wake the service, so that waiting for it is in vain."""
    metrics_namespace: str
    deregistration_seconds: int
    """How long the load balancer lets answers of a task that goes run on."""
    stop_timeout_seconds: int
    load_balancer_idle_seconds: int
    log_retention_days: int
    upstream_key_secret: str | None = None
    """Secret with the key that the target asks for; None where a role is enough."""
