"""What came of a simulated span, in figures?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from components.schedule import HOURS_PER_WEEK
from components.simulate.span import MINUTE

if TYPE_CHECKING:
    from components.keeper.runtime.config import KeeperConfig
    from components.simulate.events import Events
    from components.simulate.judge import Verdict
    from components.simulate.record import Minutes, Record
    from components.simulate.run import Year
    from components.simulate.span import Span


@dataclass(frozen=True, slots=True)
class Month:
    """One month of UTC, as bills have it; the first and the last of a local year may be short."""

    month: str
    expected_hours: float
    """In which the service should be awake."""
    awake_hours: float
    """In which it answered."""
    replica_hours: float
    """That were billed."""
    usd: float
    """What ran times its price, and what always costs."""
    metered_usd: float | None
    """What the keeper's meter said; None where it did not run."""


@dataclass(frozen=True, slots=True)
class Result:
    """A span of one service."""

    config: KeeperConfig
    span: Span
    events: Events
    months: tuple[Month, ...]
    verdict: Verdict
    asked_minutes: int
    """With a request."""
    runs: int
    problems: int
    notices: tuple[str, ...]
    always_usd: float
    """What the least number of replicas costs when it never sleeps."""
    awake_by_hour: tuple[float, ...]
    """Share of each hour of the local week in which it answered, Monday 00:00 first."""

    @property
    def usd(self) -> float:
        """What the span cost."""
        return sum(month.usd for month in self.months)

    @property
    def awake_hours(self) -> float:
        """In which the service answered."""
        return self.verdict.awake_minutes / 60

    @property
    def hours(self) -> float:
        """Of the span."""
        return self.span.minutes / 60

    def to_dict(self) -> dict[str, Any]:
        """Return the figures under the names of the JSON output."""
        verdict = self.verdict
        return {
            "service": self.config.service,
            "target": self.config.target,
            "from": self.span.start.isoformat(),
            "until": self.span.end.isoformat(),
            "hours": round(self.hours, 2),
            "awake_hours": round(self.awake_hours, 2),
            "replica_hours": round(sum(month.replica_hours for month in self.months), 2),
            "usd": round(self.usd, 2),
            "usd_always_awake": round(self.always_usd, 2),
            "wrongly_awake_minutes": verdict.wrongly_awake_minutes,
            "wrongly_asleep_minutes": verdict.wrongly_asleep_minutes,
            "starting_minutes": verdict.starting_minutes,
            "ending_minutes": verdict.ending_minutes,
            "asked_minutes": self.asked_minutes,
            "unanswered_minutes": verdict.unanswered_minutes,
            "runs": self.runs,
            "runs_with_a_problem": self.problems,
            "notices": len(self.notices),
            "orders": len(self.events.orders),
            "troubles": len(self.events.troubles),
            "deployments": len(self.events.deployments),
            "months": [
                {
                    "month": month.month,
                    "expected_hours": round(month.expected_hours, 2),
                    "awake_hours": round(month.awake_hours, 2),
                    "replica_hours": round(month.replica_hours, 2),
                    "usd": round(month.usd, 2),
                    "metered_usd": None if month.metered_usd is None else round(month.metered_usd, 2),
                }
                for month in self.months
            ],
            "awake_by_hour_of_week": [round(share, 4) for share in self.awake_by_hour],
        }


def months_of(
    config: KeeperConfig, span: Span, record: Record, minutes: Minutes, expected: bytes, year: Year
) -> tuple[Month, ...]:
    """Return the months of a span."""
    found: list[Month] = []
    since = span.start
    while since < span.end:
        until = min(span.end, _next_month(since))
        place = slice(span.minute(since), span.minute(until))
        hours = (until - since) / MINUTE / 60
        found.append(
            Month(
                month=f"{since:%Y-%m}",
                expected_hours=expected[place].count(1) / 60,
                awake_hours=sum(minutes.serving[place]) / 60,
                replica_hours=record.hours(since, until),
                usd=record.usd(config.usd_per_hour, since, until) + hours * config.fixed_usd_per_hour,
                metered_usd=year.metered.get(f"{since:%Y-%m}"),
            )
        )
        since = until
    return tuple(found)


def by_hour(span: Span, minutes: bytes) -> tuple[float, ...]:
    """Return the share of each hour of the local week in which a minute is set."""
    place = ZoneInfo(span.zone)
    sums, counts = [0] * HOURS_PER_WEEK, [0] * HOURS_PER_WEEK
    first = 0
    while first < span.minutes:
        local = span.at(first).astimezone(place)
        upto = min(span.minutes, first + 60 - local.minute)
        hour = local.weekday() * 24 + local.hour
        sums[hour] += sum(minutes[first:upto])
        counts[hour] += upto - first
        first = upto
    return tuple(total / count if count else 0.0 for total, count in zip(sums, counts, strict=True))


def parked_minutes(config: KeeperConfig, span: Span, record: Record, events: Events) -> bytearray:
    """Return 1 for each minute in which the budget was spent for longer than its grace, and nobody said so."""
    found = bytearray(span.minutes)
    budget = config.budget
    if budget is None or budget.on_breach != "park":
        return found
    since = span.start
    while since < span.end:
        until = min(span.end, _next_month(since))
        spent = _spent_at(config, record, since, until, budget.monthly_usd)
        if spent is not None:
            parks = spent + timedelta(seconds=budget.grace_seconds)
            told = [one.at for one in events.orders if one.acknowledges_budget and since <= one.at < until]
            last = span.minute(min([until, *told]))
            first = min(span.minute(parks), last)
            found[first:last] = b"\x01" * (last - first)
        since = until
    return found


def _spent_at(config: KeeperConfig, record: Record, since: datetime, until: datetime, limit: float) -> datetime | None:
    """Return when what a month cost reached a limit, None when it did not: found by halving."""

    def cost(at: datetime) -> float:
        hours = (at - since).total_seconds() / 3600
        return record.usd(config.usd_per_hour, since, at) + hours * config.fixed_usd_per_hour

    if cost(until) < limit:
        return None
    low, high = since, until
    while high - low > MINUTE:
        middle = low + (high - low) / 2
        low, high = (low, middle) if cost(middle) >= limit else (middle, high)
    return high


def _next_month(at: datetime) -> datetime:
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return at.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
