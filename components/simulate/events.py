"""What happens in the year besides the keeper's runs: orders by hand, failures of the platform, deployments?"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from components.keeper.runtime.asked import Override

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.keeper.runtime.config import KeeperConfig
    from components.simulate.span import Span

_DAY = timedelta(days=1)
_EVERY_DAYS = 11
"""So that troubles walk through the days of the week."""


class Kind(StrEnum):
    """What can go wrong."""

    REFUSED = "orders are refused"
    MUTE = "no figures of requests"
    SHORTAGE = "no capacity"
    SILENCE = "the keeper does not run"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong from an instant to another."""

    kind: Kind
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of the stack: from then on the keeper reads another document."""

    at: datetime
    config: KeeperConfig


@dataclass(frozen=True, slots=True)
class Events:
    """Everything that happens to one service in a span."""

    orders: tuple[Override, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    deployments: tuple[Deployment, ...] = ()

    def troubled(self, kind: Kind, now: datetime) -> bool:
        """Tell whether something goes wrong at an instant."""
        return any(one.kind is kind and one.since <= now < one.until for one in self.troubles)


def usual(span: Span, config: KeeperConfig, seed: int) -> Events:
    """Return an eventful year: every eleventh day something fails, somebody orders, somebody deploys at night."""
    return Events(
        orders=tuple(_orders(span, seed)),
        troubles=tuple(_troubles(span, seed)),
        deployments=tuple(_deployments(span, config)),
    )


def _orders(span: Span, seed: int) -> Iterator[Override]:
    """An evening that takes longer, and an afternoon off."""
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    for number, day in enumerate(_days(span, first=3)):
        at = _local(day, span, 18 if number % 2 else 14, chance.randrange(60))
        until = at + timedelta(hours=chance.randrange(2, 6)) if number % 2 else None
        yield Override("awake" if until else "asleep", at, until, "ann")


def _troubles(span: Span, seed: int) -> Iterator[Trouble]:
    """One kind after the other, around the edges of office hours: there they do most harm."""
    chance = random.Random(seed + 1)  # noqa: S311
    kinds = list(Kind)
    for number, day in enumerate(_days(span, first=5)):
        kind = kinds[number % len(kinds)]
        since = _local(day, span, 7 if number % 8 < len(kinds) else 19, chance.randrange(30, 60))
        yield Trouble(kind, since, since + timedelta(minutes=chance.randrange(20, 180)))


def _deployments(span: Span, config: KeeperConfig) -> Iterator[Deployment]:
    """A night on which one replica more is allowed, and one on which it is taken back."""
    for number, day in enumerate(_days(span, first=8)):
        most = config.max_replicas + (1 if number % 2 == 0 else 0)
        yield Deployment(_local(day, span, 23, 17), replace(config, max_replicas=most))


def _days(span: Span, first: int) -> Sequence[datetime]:
    return [span.start + number * _DAY for number in range(first, span.minutes // 1440, _EVERY_DAYS)]


def _local(day: datetime, span: Span, hour: int, minute: int) -> datetime:
    """Return an instant of the local day that holds the noon after `day`."""
    noon = (day + _DAY / 2).astimezone(ZoneInfo(span.zone))
    return noon.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)
