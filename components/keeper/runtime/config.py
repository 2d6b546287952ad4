"""What does the keeper know of a service before it looks? The document that the stack writes, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from components.keeper.runtime.errors import DocumentError
from components.schedule import Schedule, ScheduleError, parse_holidays, parse_hours

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Of the document; a keeper reads no other."""

Target = Literal["ecs", "sagemaker", "runpod"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a service may cost in a month, and what happens then."""

    monthly_usd: float
    on_breach: Literal["alert", "park"]
    grace_seconds: int
    """Between the notice and the end."""


@dataclass(frozen=True)
class KeeperConfig:
    """One service, as the keeper has to keep it; durations in seconds."""

    stack: str
    service: str
    target: Target
    region: str
    min_replicas: int
    max_replicas: int
    start_seconds: int
    """From asleep to the first token, as planned."""
    power: Literal["on", "off"] = "on"
    hours: str | None = None
    """Canonical text of the windows with their zone; None: always awake."""
    holidays: tuple[str, ...] = ()
    start: Literal["auto", "manual"] = "auto"
    wake: Literal["within_hours", "any_time", "never"] = "within_hours"
    """When a request may wake the service."""
    idle_seconds: int | None = None
    override_max_seconds: int = 43_200
    notify_before_seconds: int = 0
    """How long before an end it is announced; 0: never."""
    budget: Budget | None = None
    usd_per_hour: Mapping[str, float] = field(default_factory=dict[str, float])
    """Price of a replica by what it runs on: instance type, or GPU pool; a missing one is unknown, not free."""
    fixed_usd_per_hour: float = 0.0
    """What the service costs awake and asleep: load balancer, disks, metrics."""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What only its target reads: names of what to start and stop."""
    notify: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where notices go: `topic_arn` of SNS, `webhook_secret` of Secrets Manager; what is not there is not told."""

    @cached_property
    def schedule(self) -> Schedule | None:
        """The hours with their holidays; None: always awake."""
        return None if self.hours is None else parse_hours(self.hours, parse_holidays(list(self.holidays)))

    @property
    def owns_capacity(self) -> bool:
        """Whether the keeper starts and stops the service, or only meters it."""
        parks = self.budget is not None and self.budget.on_breach == "park"
        return self.hours is not None or self.idle_seconds is not None or parks

    def to_json(self) -> str:
        """Return the document."""
        document: dict[str, Any] = {
            "version": VERSION,
            "stack": self.stack,
            "service": self.service,
            "target": self.target,
            "region": self.region,
            "replicas": {"min": self.min_replicas, "max": self.max_replicas},
            "start_seconds": self.start_seconds,
            "power": self.power,
            "usd_per_hour": dict(self.usd_per_hour),
            "fixed_usd_per_hour": self.fixed_usd_per_hour,
            self.target: dict(self.details),
        }
        optional: dict[str, Any] = {
            "hours": self.hours,
            "holidays": list(self.holidays) or None,
            "start": self.start,
            "wake": self.wake,
            "idle_seconds": self.idle_seconds,
            "override_max_seconds": self.override_max_seconds,
            "notify_before_seconds": self.notify_before_seconds or None,
            "budget": self.budget
            and {
                "monthly_usd": self.budget.monthly_usd,
                "on_breach": self.budget.on_breach,
                "grace_seconds": self.budget.grace_seconds,
            },
            "notify": dict(self.notify) or None,
        }
        document |= {key: value for key, value in optional.items() if value is not None}
        return json.dumps(document, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> KeeperConfig:
        """Read a document; `DocumentError` when it is not one, or of another version."""
        try:
            raw = json.loads(text)
            if raw["version"] != VERSION:
                raise DocumentError(
                    "config", f"is of version {raw['version']}, this keeper reads {VERSION}; deploy the stack"
                )
            budget = raw.get("budget")
            config = cls(
                stack=raw["stack"],
                service=raw["service"],
                target=raw["target"],
                region=raw["region"],
                min_replicas=raw["replicas"]["min"],
                max_replicas=raw["replicas"]["max"],
                start_seconds=raw["start_seconds"],
                power=raw["power"],
                hours=raw.get("hours"),
                holidays=tuple(raw.get("holidays", ())),
                start=raw.get("start", "auto"),
                wake=raw["wake"],
                idle_seconds=raw.get("idle_seconds"),
                override_max_seconds=raw["override_max_seconds"],
                notify_before_seconds=raw.get("notify_before_seconds", 0),
                budget=budget and Budget(budget["monthly_usd"], budget["on_breach"], budget["grace_seconds"]),
                usd_per_hour=raw["usd_per_hour"],
                fixed_usd_per_hour=raw["fixed_usd_per_hour"],
                details=raw[raw["target"]],
                notify=raw.get("notify", {}),
            )
            _ = config.schedule
        except (ValueError, KeyError, TypeError, AttributeError, ScheduleError) as error:
            raise DocumentError(
                "config", f"cannot be read ({type(error).__name__}: {error}); deploy the stack"
            ) from None
        return config
