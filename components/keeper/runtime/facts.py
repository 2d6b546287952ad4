"""What does the keeper see when it looks: what runs, who asks, what was spent?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Power = Literal["off", "starting", "on", "stopping", "failed"]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What there is of a service on its platform at one moment."""

    power: Power
    """on: it answers. failed: what there is will never answer."""
    running: Mapping[str, int] = field(default_factory=dict[str, int])
    """What is billed now, by what it runs on: replicas that start, serve or end."""
    detail: str = ""
    """The platform's own word for it, or why it failed."""
    accelerator: str | None = None
    """Which alternative it runs on, where there are several."""

    @property
    def replicas(self) -> int:
        """How many replicas are billed."""
        return sum(self.running.values())


@dataclass(frozen=True, slots=True)
class Traffic:
    """What clients asked in a span that ends now; `is_known` False where the platform cannot tell for all of it."""

    is_known: bool
    in_flight: float = 0.0
    last_request_at: datetime | None = None
    """The end of the last minute with a request in it; None: none in the span."""
    total: int | None = None
    """How many ever ended, where a platform counts nothing else; more than at the last run is a request since."""


UNKNOWN_TRAFFIC = Traffic(is_known=False)


@dataclass(frozen=True, slots=True)
class Spend:
    """What a service has cost since the month began, in UTC; running capacity times price, and what always costs."""

    month: str
    """As 2026-11."""
    since: datetime
    """When the meter first saw the service in this month."""
    at: datetime
    usd: float
    usd_per_hour: float
    """At that moment."""
    projected_usd: float | None = None
    """At the end of the month, if the rest of it is like the part that is over; None where nothing says."""
    before_today_usd: float = 0.0
    """What of it was spent before the day began, in UTC."""

    @property
    def today_usd(self) -> float:
        """What of it was spent on the day of `at`; a bill that was corrected makes no day cost less than nothing."""
        return max(0.0, self.usd - self.before_today_usd)
