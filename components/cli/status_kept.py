"""What does its keeper say of a service: its state, why and until when, what was spent, and when its hours change?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from components.cli.table import table, usd
from components.keeper.names import function_log_group
from components.keeper.runtime.hours import local, next_edge
from components.keeper.runtime.instants import written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from components.cli.kept import Kept
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.state import State

SILENT = timedelta(minutes=25)
"""Two runs of every ten minutes, and what they take."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The next change of the hours."""

    at: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the keeper of one service says; None for what it has not said yet, or nobody knows."""

    kept_by: str
    owns_replicas: bool
    last_run: str | None
    state: str | None
    wanted: str | None
    reason: str | None
    why: str | None
    since: str | None
    until: str | None
    next_wake: str | None
    ready_at: str | None
    next_edge: Edge | None
    usd_today: float | None
    usd_month_to_date: float | None
    usd_projected: float | None
    usd_budget: float | None
    problem: str | None
    words: tuple[str, str, str]
    """State, its end and the next edge as a person in the zone of the service reads them."""


def keeping(kept: Kept, now: datetime) -> Keeping:
    """Return what the keeper says of a service; raises KeeperError where its documents cannot be read."""
    config, state = kept.config(), kept.state()
    spend, seen = state.spend, state.at is not None
    is_today = spend is not None and spend.at.date() == now.date()
    is_this_month = spend is not None and spend.month == f"{now:%Y-%m}"
    edge = _next_edge(config, now)
    return Keeping(
        kept_by=kept.keeper,
        owns_replicas=config.owns_capacity,
        last_run=written(state.at),
        state=state.state if seen else None,
        wanted=state.wanted if seen else None,
        reason=state.reason or None,
        why=state.why or None,
        since=written(state.since),
        until=written(state.until),
        next_wake=written(state.next_wake),
        ready_at=written(state.ready_at),
        next_edge=edge and Edge(written(edge[0]) or "", edge[1]),
        usd_today=round(spend.today_usd, 4) if spend and is_today else None,
        usd_month_to_date=round(spend.usd, 4) if spend and is_this_month else None,
        usd_projected=spend.projected_usd if spend and is_this_month else None,
        usd_budget=config.budget and config.budget.monthly_usd,
        problem="; ".join(text for text in (silence(kept, state, now), state.problem) if text) or None,
        words=(
            state.state if seen else "unknown",
            "-" if state.until is None else local(config.schedule, state.until),
            "-" if edge is None else f"{'opens' if edge[1] else 'closes'} {local(config.schedule, edge[0])}",
        ),
    )


def silence(kept: Kept, state: State, now: datetime) -> str | None:
    """Return what to say of a keeper that has not looked for too long; None of one that has."""
    if state.at is None:
        return f"{kept.keeper} has not looked at it yet; {_remedy(kept)}"
    if now - state.at <= SILENT:
        return None
    minutes = round((now - state.at).total_seconds() / 60)
    return f"{kept.keeper} has not looked at it for {minutes} min; {_remedy(kept)}"


def keeping_text(rows: Sequence[tuple[str, Keeping]]) -> str:
    """Return a table of all services that are kept, and a line with the reason for each."""
    head = ["kept", "state", "until", "next edge", "usd today", "this month", "at its end", "budget"]
    cells = [
        [
            name,
            *one.words,
            usd(one.usd_today),
            usd(one.usd_month_to_date),
            usd(one.usd_projected),
            "-" if one.usd_budget is None else usd(one.usd_budget),
        ]
        for name, one in rows
    ]
    lines = [
        table(head, cells, right=frozenset({"usd today", "this month", "at its end", "budget"})),
        "usd: what ran, at list price, in days and months of UTC, as the keeper met it at its last run.",
    ]
    lines.extend(f"{name}: {one.state}, as {one.why}" for name, one in rows if one.why)
    return "\n".join(lines)


def _next_edge(config: KeeperConfig, now: datetime) -> tuple[datetime, bool] | None:
    edges = ((next_edge(config.schedule, now, opens=opens), opens) for opens in (True, False))
    return min(((at, opens) for at, opens in edges if at is not None), default=None)


def _remedy(kept: Kept) -> str:
    if kept.function is None:
        return "run `berth keeper run --once` every ten minutes"
    return f"log group {function_log_group(kept.function)} says why"
