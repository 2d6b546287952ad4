"""Which charts does a page have, and which numbers stand beside each for who cannot see it?"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from components.compare import load_chart, memory_chart
from components.compare.comparison import TARGET_NAMES
from components.compare.curve import break_even
from components.compare.week_chart import DAYS, week_chart, week_usd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.comparison import Comparison
    from components.compare.curve import ApiLine, Curve
    from components.plan.model import Plan


def figures(comparison: Comparison, curves: Sequence[Curve], apis: Sequence[ApiLine]) -> Iterator[str]:
    """Yield the charts as HTML, each with its numbers; nothing when every target refuses the spec."""
    plans = [column.plan for column in comparison.planned if column.plan is not None]
    if not plans:
        return
    yield from _load(comparison, curves, apis)
    yield from _week(plans)
    yield from _memory(plans)


def _load(comparison: Comparison, curves: Sequence[Curve], apis: Sequence[ApiLine]) -> Iterator[str]:
    yield '<figure aria-labelledby="by-load">'
    yield '<h2 id="by-load">Cost by load</h2>'
    for frame, kind in ((load_chart.WIDE, "wide"), (load_chart.NARROW, "narrow")):
        yield f'<div class="{kind}">{load_chart.load_chart(curves, apis, comparison.traffics, frame)}</div>'
    yield '<ul class="legend narrow" aria-hidden="true">'
    yield from (f'<li class="key {curve.target}">{TARGET_NAMES[curve.target]}</li>' for curve in curves)
    yield from (f'<li class="key api api-{index}">{escape(line.label)}</li>' for index, line in enumerate(apis))
    yield "</ul>"
    yield "<figcaption>"
    yield f"<p>{escape(' '.join(_load_caption(curves, apis)))}</p>"
    yield "</figcaption>"
    heads = [*(TARGET_NAMES[curve.target] for curve in curves), *(line.label for line in apis)]
    yield from _numbers("requests per hour", heads, _load_rows(curves, apis))
    yield "</figure>"


def _load_caption(curves: Sequence[Curve], apis: Sequence[ApiLine]) -> Iterator[str]:
    yield "Vertical lines: the loads of the table."
    if any(not point.within_limits for curve in curves for point in curve.points):
        yield "Dashed beyond the dot: scaling.max_replicas would have to be raised."
    dearer = [line.name for line in apis if _is_always_dearer(curves, line)]
    if dearer:
        yield f"Over the whole range every target costs more than {' and '.join(dearer)}."
    for line in apis:
        rate = break_even(curves, line)
        if rate == 0:
            yield f"Over the whole range the cheapest target undercuts {line.name}."
        elif rate is not None:
            yield f"From about {_rounded(rate):,.0f} requests per hour on the cheapest target undercuts {line.name}."


def _rounded(rate: float) -> float:
    """Return a rate with two digits that count.

    >>> _rounded(1234.0), _rounded(87.3)
    (1200.0, 87.0)
    """
    return float(f"{rate:.2g}")


def _is_always_dearer(curves: Sequence[Curve], line: ApiLine) -> bool:
    return all(
        point.usd_per_month > line.usd_per_month(point.requests_per_hour) for curve in curves for point in curve.points
    )


def _load_rows(curves: Sequence[Curve], apis: Sequence[ApiLine]) -> Iterator[tuple[str, list[str]]]:
    rates = sorted({point.requests_per_hour for curve in curves for point in curve.points})
    by_rate = [{point.requests_per_hour: point for point in curve.points} for curve in curves]
    for rate in rates:
        cells = [f"{found[rate].usd_per_month:,.0f}" if rate in found else "-" for found in by_rate]
        yield f"{rate:,.0f}", [*cells, *(f"{line.usd_per_month(rate):,.0f}" for line in apis)]


def _week(plans: Sequence[Plan]) -> Iterator[str]:
    known = [(plan, hours) for plan in plans if (hours := week_usd(plan)) is not None]
    if not known:
        return
    most = max(max(hours) for _, hours in known)
    zone = next((plan.week.zone for plan, _ in known if plan.week is not None), "UTC")
    yield '<figure aria-labelledby="by-hour">'
    yield '<h2 id="by-hour">Cost by hour of the week</h2>'
    yield '<div class="panels">'
    for plan, hours in known:
        yield f'<div class="panel"><h3 class="{plan.target}">{TARGET_NAMES[plan.target]}'
        yield f" <small>{sum(hours):,.0f} USD a week</small></h3>{week_chart(plan, most)}</div>"
    yield "</div>"
    yield "<figcaption>"
    scale = f"on one scale up to {most:.2f} USD per hour; empty hours cost nothing"
    yield f"<p>GPUs alone, {scale}. {escape(zone)} time.</p>"
    yield "</figcaption>"
    heads = [f"{TARGET_NAMES[plan.target]}, USD" for plan, _ in known]
    yield from _numbers("hour", heads, _week_rows([hours for _, hours in known]))
    yield "</figure>"


def _week_rows(weeks: Sequence[Sequence[float]]) -> Iterator[tuple[str, list[str]]]:
    """Yield one row for each run of hours that cost the same."""
    start = 0
    count = len(weeks[0])
    for hour in range(1, count + 1):
        if hour < count and all(week[hour] == week[start] for week in weeks):
            continue
        yield f"{_moment(start)} to {_moment(hour)}", [f"{week[start]:.2f}" for week in weeks]
        start = hour


def _moment(hour: int) -> str:
    """Return an hour of the week; the last one ends on Sunday.

    >>> _moment(33), _moment(168)
    ('Tue 09:00', 'Sun 24:00')
    """
    day, left = divmod(hour, 24)
    return f"{DAYS[day]} {left:02}:00" if day < len(DAYS) else f"{DAYS[-1]} 24:00"


def _memory(plans: Sequence[Plan]) -> Iterator[str]:
    yield '<figure aria-labelledby="memory">'
    yield '<h2 id="memory">Memory of one GPU</h2>'
    for frame, kind in ((memory_chart.WIDE, "wide"), (memory_chart.NARROW, "narrow")):
        yield f'<div class="{kind}">{memory_chart.memory_chart(plans, frame)}</div>'
    yield '<ul class="legend" aria-hidden="true">'
    yield from (f'<li class="key part {name.replace(" ", "-")}">{name}</li>' for name in memory_chart.PARTS)
    yield "</ul>"
    yield "<figcaption>"
    yield "<p>GiB, all bars on one scale. The cache holds keys and values of the requests in flight.</p>"
    yield "</figcaption>"
    heads = [f"{name}, GiB" for name in memory_chart.PARTS]
    rows = ((TARGET_NAMES[plan.target], [f"{gib:.2f}" for gib in memory_chart.memory_gib(plan)]) for plan in plans)
    yield from _numbers("target", heads, rows)
    yield "</figure>"


def _numbers(corner: str, heads: Sequence[str], rows: Iterator[tuple[str, list[str]]]) -> Iterator[str]:
    """Yield the table that says the same as a chart."""
    yield "<details><summary>The numbers</summary>"
    yield '<div class="scroll" tabindex="0"><table class="numbers">'
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield f'<thead><tr><th scope="col">{escape(corner)}</th>{columns}</tr></thead><tbody>'
    for label, cells in rows:
        found = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{escape(label)}</th>{found}</tr>'
    yield "</tbody></table></div></details>"
