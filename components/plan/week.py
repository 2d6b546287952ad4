"""How does a week look, hour by hour: how many requests come, is the service awake, how many replicas run?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.cost.estimate import HOURS_PER_MONTH
from components.schedule import awake_share
from components.schedule.week import HOURS_PER_WEEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from components.spec.service import ServiceSpec

WEEKS_PER_MONTH = HOURS_PER_MONTH / HOURS_PER_WEEK
_DIGITS = 9
"""Beyond them a sum of floats is noise, which would put a floor above its expectation."""
_ALWAYS = (1.0,) * HOURS_PER_WEEK
_NO_REQUESTS = (0.0,) * HOURS_PER_WEEK
_WINTER, _SUMMER = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)
_SECONDS_PER_HOUR = 3600
_MOST_KEPT = 64
"""Pricing a curve asks for the week of one spec many times."""


@dataclass(frozen=True, slots=True)
class Week:
    """168 hours of a local week in `zone`, Monday 00:00 first; without holidays and changes of the clock.

    `awake` is the share of each hour in which the service may run. `requests` come whether it is awake or not; None
    when no load is declared. `replicas` is the mean of each hour, so one that is awake for half of it counts half; None
    when nothing says how many of the least and the most run.
    """

    zone: str
    awake: tuple[float, ...]
    requests: tuple[float, ...] | None
    replicas: tuple[float, ...] | None

    @property
    def awake_share(self) -> float:
        """Share of the week in which the service is awake."""
        return mean(self.awake)

    @property
    def awake_hours_per_month(self) -> float:
        """Awake hours in a month of 730."""
        return self.awake_share * HOURS_PER_MONTH

    @property
    def openings_per_month(self) -> float:
        """How often it wakes up."""
        return WEEKS_PER_MONTH * _openings(self.awake)

    @property
    def missed_share(self) -> float:
        """Share of the requests that come while it is asleep; 0 without a load."""
        if self.requests is None:
            return 0.0
        if min(self.awake) == 1:
            return 0.0
        missed = sum(map(mul, self.requests, _asleep(self.awake)))
        return missed / sum(self.requests)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A week as far as sums over it go: the awake hours of each rate of requests, and how rates follow each other.

    `changes` are the rate before, the rate then, and how often that is so in a week; None stands for asleep.
    """

    hours: tuple[tuple[float, float], ...]
    changes: tuple[tuple[float | None, float | None, int], ...]


@dataclass(frozen=True, slots=True)
class Running:
    """How many run while the service is awake, by what the load of the hour asks for: `counts` by rate of requests."""

    counts: Mapping[float, float]
    rates: tuple[float, ...]
    awake: tuple[float, ...]
    pattern: _Pattern

    @property
    def replicas(self) -> tuple[float, ...]:
        """Mean of each hour."""
        return tuple(map(mul, map(self.counts.__getitem__, self.rates), self.awake))

    def mean_of(self, part: Callable[[float], float]) -> float:
        """Return the mean over all hours, asleep ones as 0, of a part of what runs."""
        return mean(part(self.counts[rate]) * hours for rate, hours in self.pattern.hours)

    def mean_after(self, part: Callable[[float], float], hours: float, closing_hours: float) -> float:
        """Return the mean over all hours of a part of what has ended and is paid for `hours` longer.

        `closing_hours` are those of what ends because the service falls asleep.
        """
        return mean(
            max(0.0, part(self._count(before)) - part(self._count(now)))
            * times
            * (closing_hours if now is None else hours)
            for before, now, times in self.pattern.changes
        )

    @property
    def mean_awake(self) -> float:
        """Mean over the awake hours; 0 when there are none."""
        awake = sum(hours for _, hours in self.pattern.hours)
        runs = sum(self.counts[rate] * hours for rate, hours in self.pattern.hours)
        return round(runs / awake, _DIGITS) if awake else 0.0

    @property
    def starts_per_month(self) -> float:
        """How many start: those that the load asks for, and those of a service that wakes up."""
        started = sum(
            max(0.0, self._count(now) - self._count(before)) * times for before, now, times in self.pattern.changes
        )
        return round(WEEKS_PER_MONTH * started, _DIGITS)

    def _count(self, rate: float | None) -> float:
        return 0.0 if rate is None else self.counts[rate]


def running(week: Week, needed: Callable[[float], float]) -> Running | None:
    """Return what runs hour by hour, None without a load; `needed` says how many serve so many requests per hour."""
    if week.requests is None:
        return None
    pattern = _pattern(week.requests, week.awake)
    return Running({rate: needed(rate) for rate, _ in pattern.hours}, week.requests, week.awake, pattern)


def constant(week: Week, count: float) -> Running:
    """Return the same number in every awake hour."""
    return Running({0.0: float(count)}, _NO_REQUESTS, week.awake, _pattern(_NO_REQUESTS, week.awake))


@lru_cache(maxsize=_MOST_KEPT)
def _pattern(rates: tuple[float, ...], awake: tuple[float, ...]) -> _Pattern:
    """Return the pattern of a week; the hour before its first is its last."""
    if len(set(rates)) == 1:
        rate, openings = rates[0], _openings(awake)
        changes = ((None, rate, openings), (rate, None, openings)) if openings else ()
        return _Pattern(((rate, sum(awake)),), changes)
    hours = dict.fromkeys(rates, 0.0)
    for rate, share in zip(rates, awake, strict=True):
        hours[rate] += share
    on = [rate if share else None for rate, share in zip(rates, awake, strict=True)]
    followed = Counter(zip([on[-1], *on[:-1]], on, strict=True))
    changes = tuple((before, now, times) for (before, now), times in followed.items() if before != now)
    return _Pattern(tuple(hours.items()), changes)


def week_of(spec: ServiceSpec) -> Week:
    """Return the hours of a spec; how many replicas run is not said yet."""
    schedule = spec.schedule.awake if spec.schedule else None
    load = spec.load
    own = load.time_zone if load else None
    zone = schedule.zone if schedule else own or "UTC"
    awake = _ALWAYS if schedule is None else _awake_share(schedule)
    if spec.power == "off":
        awake = (0.0,) * HOURS_PER_WEEK
    if load is None:
        return Week(zone, awake, None, None)
    hourly = load.hourly if own is None or own == zone else moved(load.hourly, own, zone)
    return Week(zone, awake, hourly, None)


_awake_share = lru_cache(maxsize=_MOST_KEPT)(awake_share)


@lru_cache(maxsize=_MOST_KEPT)
def _openings(awake: tuple[float, ...]) -> int:
    """Return how often a week wakes up; the hour before its first is its last."""
    return sum(now > 0 and awake[hour - 1] == 0 for hour, now in enumerate(awake))


@lru_cache(maxsize=_MOST_KEPT)
def _asleep(awake: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(1 - share for share in awake)


@lru_cache(maxsize=_MOST_KEPT)
def moved(hourly: tuple[float, ...], zone: str, to: str) -> tuple[float, ...]:
    """Return a local week as the clock of another zone has it: the mean of what it is in winter and in summer.

    >>> moved((1.0, *[0.0] * 167), "Europe/Berlin", "America/New_York")[168 - 6]
    1.0
    """
    weeks = [_later(hourly, _offset_hours(to, at) - _offset_hours(zone, at)) for at in (_WINTER, _SUMMER)]
    return tuple((winter + summer) / 2 for winter, summer in zip(*weeks, strict=True))


def mean(values: Iterable[float]) -> float:
    """Return the mean over a week's hours, without the noise of the sum.

    >>> mean([1.0] * 84 + [0.0] * 84)
    0.5
    """
    return round(sum(values) / HOURS_PER_WEEK, _DIGITS)


def _later(hourly: tuple[float, ...], hours: float) -> tuple[float, ...]:
    """Return a week that is turned by so many hours; a part of an hour divides each value over two."""
    whole = math.floor(hours)
    part = hours - whole
    return tuple(
        hourly[(hour - whole) % HOURS_PER_WEEK] * (1 - part) + hourly[(hour - whole - 1) % HOURS_PER_WEEK] * part
        for hour in range(HOURS_PER_WEEK)
    )


def _offset_hours(zone: str, at: datetime) -> float:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / _SECONDS_PER_HOUR
