"""What does the keeper have to know of a planned service, and what may the service cost in a month?

Values alone, under the names of the keeper's own configuration: a stack adds the physical names of what it made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Wake = Literal["within_hours", "any_time", "never"]


@dataclass(frozen=True, slots=True)
class KeeperPlan:
    """How one service is kept."""

    min_replicas: int
    max_replicas: int
    start_seconds: int
    """From asleep to the first token, as planned."""
    power: Literal["on", "off"]
    hours: str | None
    """Canonical text of the windows with their zone; None: always awake."""
    holidays: tuple[str, ...]
    start: Literal["auto", "manual"]
    wake: Wake
    """When a request may wake the service."""
    idle_seconds: int | None
    override_max_seconds: int
    notify_before_seconds: int
    """0: no end is announced."""
    usd_per_hour: Mapping[str, float]
    """Price of a replica on each instance type, or GPU pool, that may serve; one whose price is unknown is missing."""
    fixed_usd_per_hour: float
    """What the service costs by itself while it sleeps; what the stack shares, and a commitment, are not in it."""
    owns_capacity: bool
    """False: the service is only metered, and Pulumi owns its replicas."""


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """What a service may cost in a calendar month, in UTC, and who hears of it."""

    monthly_usd: float
    alert_at_percent: tuple[int, ...]
    """Of what was spent, in rising order."""
    forecast: bool
    """Whether a month that is about to cost more than the budget is told, too."""
    emails: tuple[str, ...]
    topics: tuple[str, ...]
    """ARNs of SNS topics that exist already."""
    webhook_secret: str | None
    """Secret of AWS Secrets Manager with the address that is sent `{"text": ...}`."""
    on_breach: Literal["alert", "park"]
    grace_seconds: int
    """Between the notice and the end, where it is parked."""
