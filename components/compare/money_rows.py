"""Which rows say what a month costs: at the floor, as expected, at most, asleep, and at each of the loads?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.rows import NONE, Row, lowest, money, plan_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.compare.comparison import AtLoad, Column, Comparison


def month_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    """Yield floor, expectation, maximum, what the first month has besides, and what a sleeping service costs."""
    yield _amounts("floor", [column.plan.cost.floor if column.plan else None for column in columns], columns)
    yield _amounts("expected", [column.plan.cost.expected if column.plan else None for column in columns], columns)
    yield _amounts("max", [column.plan.cost.max if column.plan else None for column in columns], columns)
    if any(column.plan is not None and column.plan.cost.one_off for column in columns):
        yield plan_row(columns, "one-off", lambda plan: money(plan.cost.once))
    yield _amounts("asleep", [column.sleep.usd_per_month if column.sleep else None for column in columns], columns)


def _amounts(label: str, amounts: list[float | None], columns: tuple[Column, ...]) -> Row:
    cells = [NONE if column.plan is None else money(usd) for usd, column in zip(amounts, columns, strict=True)]
    return Row(label, tuple(cells), lowest(amounts))


def load_rows(comparison: Comparison) -> Iterator[Row]:
    """Yield what a month costs at each load."""
    yield from _by_load(comparison, _at_cost, lambda at: at.usd_per_month)


def token_rows(comparison: Comparison) -> Iterator[Row]:
    """Yield what a million tokens cost at each load."""
    yield from _by_load(comparison, _at_tokens, lambda at: at.usd_per_million_tokens)


def _by_load(
    comparison: Comparison, text: Callable[[Column, AtLoad], str], amount: Callable[[AtLoad], float | None]
) -> Iterator[Row]:
    for index, traffic in enumerate(comparison.traffics):
        found = [(column, column.at_loads[index] if column.at_loads else None) for column in comparison.columns]
        yield Row(
            f"{traffic.requests_per_hour:,.0f} an hour",
            tuple(NONE if at is None else text(column, at) for column, at in found),
            lowest([None if at is None or not at.is_served else amount(at) for _, at in found]),
        )


def _at_cost(column: Column, at: AtLoad) -> str:
    if at.refusal:
        return "refused, see below"
    replicas = "" if at.mean_replicas is None else f", {at.mean_replicas:.1f} replicas"
    served = "" if at.served_share is None or at.is_served else f", serves {at.served_share:.0%}"
    other = column.plan is not None and at.instance_type != column.plan.hardware.instance_type
    return f"{money(at.usd_per_month)}{replicas}{f', on {at.instance_type}' if other else ''}{served}"


def _at_tokens(_column: Column, at: AtLoad) -> str:
    return NONE if at.refusal else money(at.usd_per_million_tokens)
