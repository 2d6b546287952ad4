"""The chart of cost by hour of the week: a calendar for each target, stronger where an hour costs more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.svg import element, picture, text
from components.cost.estimate import HOURS_PER_MONTH
from components.plan.week import WEEKS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.plan.model import Plan

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = 24
_CELL_WIDTH, _CELL_HEIGHT, _GAP = 8.0, 14.0, 1.5
_LEFT, _TOP, _RIGHT = 28.0, 18.0, 40.0
_LABELLED_HOURS = (0, 6, 12, 18)
_FAINTEST = 0.14
"""Opacity of the cheapest hour that costs anything: it must differ from an hour that costs nothing."""
WIDTH = _LEFT + _HOURS * (_CELL_WIDTH + _GAP) + _RIGHT
HEIGHT = _TOP + len(DAYS) * (_CELL_HEIGHT + _GAP)


def week_usd(plan: Plan) -> tuple[float, ...] | None:
    """Return what the GPUs cost in each hour of the local week, Monday 00:00 first; None where it is not known.

    The GPU lines of the bill, spread over the hours as the replicas are; what is committed is paid in every hour.
    """
    replicas = plan.week.replicas if plan.week else None
    lines = [line for line in plan.cost.lines if line.name.startswith("GPU")]
    amounts = [line.expected for line in lines]
    if replicas is None or any(amount is None for amount in amounts):
        return None
    committed = sum(line.expected or 0.0 for line in lines if line.name == "GPU committed") / HOURS_PER_MONTH
    running = sum(line.expected or 0.0 for line in lines if line.name != "GPU committed") / WEEKS_PER_MONTH
    whole = sum(replicas)
    return tuple(committed + (running * count / whole if whole else 0.0) for count in replicas)


def week_chart(plan: Plan, most: float) -> str:
    """Return the calendar of one plan as SVG, on a scale up to `most` USD per hour; empty where nothing is known."""
    hours = week_usd(plan)
    if hours is None:
        return ""
    name = TARGET_NAMES[plan.target]
    parts = [part for day in range(len(DAYS)) for part in _day(day, hours, most, plan.target)]
    parts += [
        element("text", text(f"{hour:02}"), x=_LEFT + hour * (_CELL_WIDTH + _GAP), y=_TOP - 6, class_="tick")
        for hour in _LABELLED_HOURS
    ]
    parts.append(element("text", text("USD/day"), x=WIDTH, y=_TOP - 6, text_anchor="end", class_="tick"))
    title = f"{name}: USD per hour for GPUs in each hour of the week"
    return picture(parts, width=WIDTH, height=HEIGHT, title=title, name=f"week-{plan.target}", kind="week")


def _day(day: int, hours: Sequence[float], most: float, target: str) -> Iterator[str]:
    y = _TOP + day * (_CELL_HEIGHT + _GAP)
    amounts = hours[day * _HOURS : (day + 1) * _HOURS]
    yield element("text", text(DAYS[day]), x=0, y=y + _CELL_HEIGHT - 3, class_="tick")
    for hour, usd in enumerate(amounts):
        title = element("title", text(f"{DAYS[day]} {hour:02}:00, {usd:.2f} USD"))
        share = 0.0 if most == 0 or usd == 0 else _FAINTEST + (1 - _FAINTEST) * usd / most
        kind = f"hour {target}" if share else "hour asleep"
        place = {
            "x": _LEFT + hour * (_CELL_WIDTH + _GAP),
            "y": y,
            "width": _CELL_WIDTH,
            "height": _CELL_HEIGHT,
            "rx": 1.5,
        }
        opacity = {"fill_opacity": round(share, 2)} if share else {}
        yield element("rect", title, **place, **opacity, class_=kind)
    yield element(
        "text", text(f"{sum(amounts):.0f}"), x=WIDTH, y=y + _CELL_HEIGHT - 3, text_anchor="end", class_="tick"
    )
