"""A service that is kept, as the tests of the keeper see it: one fact changed at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from components.keeper.runtime.asked import Override, Wake
from components.keeper.runtime.config import Budget, KeeperConfig
from components.keeper.runtime.decide import Seen, decide
from components.keeper.runtime.decision import Decision
from components.keeper.runtime.facts import Capacity, Spend, Traffic
from components.keeper.runtime.state import State

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
MONDAY = "2026-11-23"
"""In winter, so that Berlin is an hour ahead of UTC."""
ON = Capacity("on", {"g6.2xlarge": 1})
OFF = Capacity("off")
QUIET = Traffic(is_known=True)
PRICE = 1.0


def at(text: str) -> datetime:
    """Return an instant of UTC: `2026-11-23 07:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def config(**changes: Any) -> KeeperConfig:
    """Return a service with office hours."""
    usual: dict[str, Any] = {
        "stack": "prod",
        "service": "chat",
        "target": "ecs",
        "region": "us-east-1",
        "min_replicas": 1,
        "max_replicas": 4,
        "start_seconds": 420,
        "hours": HOURS,
        "usd_per_hour": {"g6.2xlarge": PRICE},
    }
    return KeeperConfig(**{**usual, **changes})


def budget(**changes: Any) -> Budget:
    """Return a budget of 100 USD that parks after half an hour."""
    return replace(Budget(100.0, "park", 1800), **changes)


def spent(usd: float, now: str) -> Spend:
    """Return a spending of this month."""
    instant = at(now)
    return Spend(month=f"{instant:%Y-%m}", since=instant.replace(day=1), at=instant, usd=usd, usd_per_hour=PRICE)


def awake_order(since: str, until: str, *, acknowledges: bool = False) -> Override:
    """Return what `berth awake` writes."""
    return Override("awake", at(since), at(until), "ann", acknowledges)


def sleep_order(since: str) -> Override:
    """Return what `berth sleep --now` writes."""
    return Override("asleep", at(since), None, "ann")


def woken(instant: str) -> Wake:
    """Return what the wake hook writes."""
    return Wake(at(instant), "team-a")


def seen(now: str, **changes: Any) -> Seen:
    """Return the facts at an instant of UTC."""
    usual: dict[str, Any] = {"config": config(), "state": State(), "capacity": OFF, "traffic": QUIET}
    return Seen(now=at(now), **{**usual, **changes})


def decided(now: str, **changes: Any) -> Decision:
    """Return what is decided at an instant of UTC."""
    return decide(seen(now, **changes))


def said(decision: Decision) -> tuple[str, str]:
    """Return the short form of a decision."""
    return decision.wanted, decision.reason.value
