"""Which rows does a comparison show? The same for the terminal, for Markdown and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.money_rows import load_rows, month_rows, token_rows
from components.compare.rows import NONE, Row, Section, money, plan_row
from components.compare.speed_rows import speed_rows, start_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.compare.comparison import Column, Comparison
    from components.plan.model import Plan


def headline(comparison: Comparison) -> str:
    """Return what is compared, in one line."""
    return f"{comparison.service}: {comparison.model_id}, in {comparison.region} (environment {comparison.environment})"


def load_line(comparison: Comparison) -> str:
    """Return at which loads, in one line."""
    first, middle, last = comparison.traffics
    tokens = f"{middle.input_tokens:,} tokens in and {middle.output_tokens:,} out"
    loads = ", ".join(f"{traffic.requests_per_hour:,.0f}" for traffic in (first, middle, last))
    if comparison.load_is_assumed:
        return f"The spec declares no load: {loads} requests per hour are assumed, each of {tokens}; declare yours"
    return f"Loads: {loads} requests per hour on average (a third, as declared, three times), each of {tokens}"


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """Return the table, section by section; none when every target refuses the spec."""
    columns = comparison.columns
    if not comparison.planned:
        return ()
    return (
        Section("", tuple(_plan_rows(columns))),
        Section("USD per month", tuple(month_rows(columns))),
        Section("USD per month by load", tuple(load_rows(comparison))),
        Section("USD per million tokens", tuple(token_rows(comparison))),
        Section("Speed, computed", tuple(speed_rows(columns))),
        Section("Cold start", tuple(start_rows(columns))),
        Section("While asleep", tuple(_sleep_rows(columns))),
        Section("Limits", tuple(_limit_rows(columns))),
        Section("", (Row("Leaves out", tuple(_left_out(column) for column in columns)),)),
    )


def _plan_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    yield Row("Hardware", tuple(_hardware(column) for column in columns))
    yield plan_row(columns, "USD per hour", _hourly)
    yield plan_row(columns, "Engine", lambda plan: f"{plan.engine.kind} {plan.engine.version}")
    yield plan_row(columns, "Context", lambda plan: f"{plan.model.max_context_tokens:,} tokens")
    yield plan_row(columns, "Cache", lambda plan: f"{plan.hardware.fit.cache_tokens:,} tokens on each GPU")
    yield plan_row(columns, "Replicas", _replicas)
    if any(column.plan.schedule for column in columns if column.plan):
        yield plan_row(columns, "Awake", _awake)


def _hardware(column: Column) -> str:
    plan = column.plan
    if plan is None:
        return "refused, see below"
    hardware = plan.hardware
    verdict = "" if hardware.fit.verdict == "fits" else f" ({hardware.fit.verdict})"
    return f"{hardware.instance_type}, {hardware.gpu_count} x {hardware.gpu}{verdict}"


def _hourly(plan: Plan) -> str:
    """Return the price of a replica; RunPod decides on which of several pools one runs."""
    able = (plan.hardware, *plan.fallbacks) if plan.target == "runpod" else (plan.hardware,)
    prices = sorted({row.usd_per_hour for row in able if row.usd_per_hour is not None})
    return f"{prices[0]:.4f} to {prices[-1]:.4f}, by pool" if prices[1:] else money(plan.hardware.usd_per_hour, 4)


def _awake(plan: Plan) -> str:
    schedule = plan.schedule
    return "always" if schedule is None else f"{schedule.hours_per_month:,.0f} of 730 hours, {schedule.hours}"


def _replicas(plan: Plan) -> str:
    least, most = plan.scaling.min_replicas, plan.scaling.max_replicas
    return f"{least}, always" if least == most else f"{least} to {most}"


def _sleep_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    yield Row("the service", tuple(column.sleep.happens if column.sleep else NONE for column in columns))
    yield Row("its callers", tuple(column.sleep.callers if column.sleep else NONE for column in columns))


def _limit_rows(columns: tuple[Column, ...]) -> Iterator[Row]:
    names = next((tuple(limit.name for limit in column.limits) for column in columns if column.limits), ())
    for index, name in enumerate(names):
        yield Row(name, tuple(column.limits[index].text if column.limits else NONE for column in columns))


def _left_out(column: Column) -> str:
    if column.plan is None:
        return NONE
    fields = ", ".join(dict.fromkeys(note.field for note in column.unhonoured))
    return fields or "nothing of this spec"
