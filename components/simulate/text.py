"""How is a simulated span shown in a terminal: months as a table, the week as a chart, what went wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.schedule.windows import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.simulate.result import Month, Result

_SHADES = " ░▒▓█"
_BAR = 24
_HOURS = "00    03    06    09    12    15    18    21"


def result_text(result: Result) -> str:
    """Return the report as text."""
    return "\n".join([*_head(result), "", *_months(result), "", *_week(result), "", *_verdict(result), ""])


def _head(result: Result) -> Iterator[str]:
    config, events = result.config, result.events
    parts = [config.hours or "always awake"]
    if config.holidays:
        parts.append(f"not on {', '.join(config.holidays)}")
    if config.idle_seconds:
        parts.append(f"idle after {config.idle_seconds // 60} min")
    if config.budget:
        parts.append(f"{config.budget.monthly_usd:,.2f} USD a month, then {config.budget.on_breach}")
    yield f"{config.service} on {config.target} in {config.region}, {_span(result)}: {'; '.join(parts)}"
    yield (
        f"{result.runs:,} runs of the keeper, {result.problems:,} with a problem; {len(events.orders)} orders,"
        f" {len(events.troubles)} troubles, {len(events.deployments)} deployments, {len(result.notices)} notices"
    )


def _span(result: Result) -> str:
    return f"{result.span.start:%Y-%m-%d %H:%M} to {result.span.end:%Y-%m-%d %H:%M} UTC"


def _months(result: Result) -> Iterator[str]:
    yield f"{'MONTH':<9}{'SHOULD H':>9}{'AWAKE H':>9}{'BILLED H':>10}{'USD':>12}{'METER USD':>12}"
    most = max((month.usd for month in result.months), default=0.0)
    for month in result.months:
        bar = "█" * round(_BAR * month.usd / most) if most else ""
        yield f"{_figures(month)}  {bar}".rstrip()


def _figures(month: Month) -> str:
    meter = "unknown" if month.metered_usd is None else f"{month.metered_usd:,.2f}"
    return (
        f"{month.month:<9}{month.expected_hours:>9,.1f}{month.awake_hours:>9,.1f}{month.replica_hours:>10,.1f}"
        f"{month.usd:>12,.2f}{meter:>12}"
    )


def _week(result: Result) -> Iterator[str]:
    yield f"awake    {_HOURS}   {result.span.zone}"
    for number, day in enumerate(DAYS):
        hours = result.awake_by_hour[number * 24 : number * 24 + 24]
        yield f"{day}      {''.join(_shade(share) * 2 for share in hours)}".rstrip()


def _shade(share: float) -> str:
    """Return a mark for a share: blank for never, full for always alone."""
    if share in (0.0, 1.0):
        return _SHADES[-1] if share else _SHADES[0]
    return _SHADES[1 + min(2, int(share * 3))]


def _verdict(result: Result) -> Iterator[str]:
    verdict = result.verdict
    saved = 1 - result.usd / result.always_usd if result.always_usd else 0.0
    yield (
        f"awake           {result.awake_hours:,.1f} h of {result.hours:,.0f} ({result.awake_hours / result.hours:.1%});"
        f" should be {verdict.expected.count(1) / 60:,.1f} h"
    )
    yield (
        f"cost            {result.usd:,.2f} USD; always awake {result.always_usd:,.2f} USD,"
        f" {abs(saved):.0%} {'less' if saved >= 0 else 'more'}"
    )
    yield (
        f"wrong           {verdict.wrongly_awake_minutes:,} min awake that should be asleep,"
        f" {verdict.wrongly_asleep_minutes:,} min asleep that should be awake"
    )
    yield f"in between      {verdict.starting_minutes:,} min starting, {verdict.ending_minutes:,} min ending"
    yield f"requests        in {result.asked_minutes:,} min; {verdict.unanswered_minutes:,} min of them unanswered"
