"""What stands below the table: refusals, what a target leaves out, and where the numbers are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.limits import THIS_PLAN
from components.plan.price_age import stale_prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.compare.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Remark:
    """Sentences below the table, about one target or about all."""

    title: str
    lines: tuple[str, ...]


def remarks(comparison: Comparison) -> tuple[Remark, ...]:
    """Return what stands below the table: refusals, what is left out, where the numbers are from."""
    found: list[Remark] = []
    everywhere = len({column.differs for column in comparison.columns}) == 1
    if everywhere and comparison.columns[0].differs:
        found.append(Remark("Every target gets another spec than the file", comparison.columns[0].differs))
    for column in comparison.columns:
        name = TARGET_NAMES[column.target]
        if column.differs and not everywhere:
            found.append(Remark(f"{name} gets another spec than the file", column.differs))
        if column.refusal:
            found.append(Remark(f"{name} refuses it", column.refusal))
        if column.unhonoured:
            lines = tuple(f"{note.field}: {note.text}" for note in column.unhonoured)
            found.append(Remark(f"{name} leaves out", lines))
        short = [at for at in column.at_loads if at.refusal]
        if short:
            lines = tuple(f"at {at.traffic.requests_per_hour:,.0f} requests per hour: {at.refusal}" for at in short)
            found.append(Remark(f"{name} cannot be planned for every load", lines))
    found.append(Remark("Numbers", tuple(_origins(comparison))))
    return tuple(found)


def _origins(comparison: Comparison) -> Iterator[str]:
    for column in comparison.planned:
        plan = column.plan
        if plan is None:
            continue
        unknown = f"; unknown: {', '.join(plan.cost.unknowns)}" if plan.cost.unknowns else ""
        yield f"{TARGET_NAMES[column.target]}: prices of {plan.cost.price_table_date}{unknown}"
        yield from (f"{TARGET_NAMES[column.target]}: {text}" for text in stale_prices(plan))
    yield "a month has 730 hours; floor is the fewest replicas while awake, max the most replicas all month"
    for column in comparison.planned:
        sources = dict.fromkeys(limit.source for limit in column.limits if limit.source != THIS_PLAN)
        if sources:
            yield f"limits of {TARGET_NAMES[column.target]}: {'; '.join(sources)}"
