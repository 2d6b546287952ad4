"""Which target is the cheapest that does all that a spec asks for, and what would change that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES, Recommendation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.comparison import AtLoad, Column


def recommended(columns: Sequence[Column]) -> Recommendation:
    """Return the cheapest target at the expected load that honours everything and holds the load.

    Where none honours everything, the cheapest that holds the load; where none holds it, or no price is known, none.
    """
    holding = [column for column in columns if _holds(column.expected)]
    honouring = [column for column in holding if not column.unhonoured]
    ranked = sorted(honouring or holding, key=lambda column: _usd(column.expected))
    if not ranked:
        return Recommendation(None, _nothing(columns), ())
    best = ranked[0]
    price = f"{_name(best)}, {_usd(best.expected):,.0f} USD a month at the expected load"
    text = f"{price}: the cheapest that honours all of this spec"
    if best.unhonoured:
        text = f"{price}: the cheapest, but no target honours all of this spec, and it leaves out {_fields(best)}"
    elif len(ranked) == 1:
        text = f"{price}: the only one that honours all of this spec"
        text += " and holds the load" if any(not _holds(column.expected) for column in columns if column.plan) else ""
    return Recommendation(best.target, text, tuple(_changes(best, columns)))


def _changes(best: Column, columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        if column is best or column.plan is None:
            continue
        saved = _usd(best.expected) - _usd(column.expected)
        if saved > 0 and _holds(column.expected) and column.unhonoured:
            share = saved / _usd(best.expected)
            yield (
                f"{_name(column)} is {saved:,.0f} USD a month ({share:.0%}) cheaper for who can do without "
                f"{_fields(column)}"
            )
        elif column.expected is not None and column.expected.usd_per_month is None:
            yield f"{_name(column)} has no known price at the expected load"
    yield from _other_loads(best, columns)
    yield from _refused(columns)


def _other_loads(best: Column, columns: Sequence[Column]) -> Iterator[str]:
    """Yield each load at which the best one is too small, or another that honours as much is cheaper."""
    planned = [column for column in columns if column.plan is not None]
    for index, at in enumerate(best.at_loads):
        where = f"at {at.traffic.requests_per_hour:,.0f} requests per hour"
        holding = [column for column in planned if _holds(column.at_loads[index])]
        alike = [column for column in holding if bool(column.unhonoured) <= bool(best.unhonoured)]
        if not holding:
            yield f"{where} no target holds the load with scaling.max_replicas {_most(best)}: raise it"
            continue
        cheapest = min(alike or holding, key=lambda column: _usd(column.at_loads[index]))
        usd = f"{_usd(cheapest.at_loads[index]):,.0f} USD a month"
        if not alike:
            yield (
                f"{where} {_name(best)} needs more than scaling.max_replicas {_most(best)}; {_name(cheapest)} "
                f"holds the load, {usd}, and leaves out {_fields(cheapest)}"
            )
        elif cheapest is not best:
            why = "is the cheapest" if _holds(at) else f"holds the load, {_name(best)} does not"
            yield f"{where} {_name(cheapest)} {why}: {usd}"


def _name(column: Column) -> str:
    return TARGET_NAMES[column.target]


def _most(column: Column) -> int:
    return column.plan.scaling.max_replicas if column.plan else 0


def _refused(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        if column.plan is None:
            yield f"{_name(column)} refuses the spec as it is; its reasons are below"


def _nothing(columns: Sequence[Column]) -> str:
    if all(column.plan is None for column in columns):
        return "none: every target refuses this spec"
    return "none: no target is known to hold the expected load at a known price"


def _fields(column: Column) -> str:
    return ", ".join(dict.fromkeys(note.field for note in column.unhonoured))


def _holds(at: AtLoad | None) -> bool:
    return at is not None and at.is_served and at.usd_per_month is not None


def _usd(at: AtLoad | None) -> float:
    return float("inf") if at is None or at.usd_per_month is None else at.usd_per_month
