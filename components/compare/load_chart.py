"""The chart of cost by load: a line for each target, dashed beyond its replicas, and one for each API."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.compare.comparison import TARGET_NAMES
from components.compare.scale import LogScale, apart, short
from components.compare.svg import element, picture, points, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.compare.curve import ApiLine, Curve, CurvePoint
    from components.compare.traffic import Traffic

_TITLE = "USD per month by requests per hour, both axes logarithmic"
_LABEL_GAP = 15
_LEAST_USD = 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a chart and the room around its lines, in pixels."""

    name: str
    width: float
    height: float
    right: float
    left: float = 44
    top: float = 24
    bottom: float = 40


WIDE = Frame("load-wide", 760, 380, right=124)
NARROW = Frame("load-narrow", 360, 300, right=12)


@dataclass(frozen=True, slots=True)
class _Axes:
    x: LogScale
    y: LogScale


def load_chart(curves: Sequence[Curve], apis: Sequence[ApiLine], traffics: Sequence[Traffic], frame: Frame) -> str:
    """Return the chart as SVG; empty without a curve."""
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return ""
    axes = _axes(drawn, apis, frame)
    parts = [*_grid(axes, frame), *_loads(axes, traffics, frame)]
    parts += [_api(axes, index, line) for index, line in enumerate(apis)]
    for curve in drawn:
        parts += _curve(axes, curve)
    if frame is WIDE:
        parts += _labels(axes, drawn, apis, frame)
    return picture(parts, width=frame.width, height=frame.height, title=_TITLE, name=frame.name, kind=frame.name)


def _axes(curves: Sequence[Curve], apis: Sequence[ApiLine], frame: Frame) -> _Axes:
    rates = [point.requests_per_hour for curve in curves for point in curve.points]
    amounts = [point.usd_per_month for curve in curves for point in curve.points]
    low, high = min(rates), max(rates)
    amounts += [line.usd_per_month(rate) for line in apis for rate in (low, high)]
    positive = [amount for amount in amounts if amount >= _LEAST_USD]
    least = 10.0 ** math.floor(math.log10(min(positive, default=_LEAST_USD)))
    most = 10.0 ** math.ceil(math.log10(max(positive, default=10.0) * 1.05))
    return _Axes(
        LogScale(low, high * 1.0001, frame.left, frame.width - frame.right),
        LogScale(least, max(most, least * 10), frame.height - frame.bottom, frame.top),
    )


def _grid(axes: _Axes, frame: Frame) -> Iterator[str]:
    left, right = frame.left, frame.width - frame.right
    for amount in axes.y.ticks():
        y = axes.y.place(amount)
        yield element("line", x1=left, x2=right, y1=y, y2=y, class_="grid")
        yield element("text", text(short(amount)), x=left - 8, y=y + 4, text_anchor="end", class_="tick")
    floor = frame.height - frame.bottom
    for rate in axes.x.ticks():
        x = axes.x.place(rate)
        yield element("line", x1=x, x2=x, y1=floor, y2=floor + 4, class_="grid")
        yield element("text", text(short(rate)), x=x, y=floor + 17, text_anchor="middle", class_="tick")
    yield element("text", text("USD per month"), x=0, y=12, class_="axis")
    yield element("text", text("requests per hour"), x=right, y=frame.height - 6, text_anchor="end", class_="axis")


def _loads(axes: _Axes, traffics: Sequence[Traffic], frame: Frame) -> Iterator[str]:
    """Yield a hairline at each load that the table prices."""
    for traffic in traffics:
        x = axes.x.place(traffic.requests_per_hour)
        kind = "load declared" if traffic.name == "as declared" else "load"
        yield element("line", x1=x, x2=x, y1=frame.top, y2=frame.height - frame.bottom, class_=kind)
        if traffic.name == "as declared":
            yield element("text", text(traffic.name), x=x, y=frame.top - 6, text_anchor="middle", class_="tick")


def _api(axes: _Axes, index: int, line: ApiLine) -> str:
    ends = [(axes.x.low, line.usd_per_month(axes.x.low)), (axes.x.high, line.usd_per_month(axes.x.high))]
    (x1, y1), (x2, y2) = ((axes.x.place(rate), axes.y.place(usd)) for rate, usd in ends)
    return element("line", x1=x1, x2=x2, y1=y1, y2=y2, class_=f"api api-{index}")


def _curve(axes: _Axes, curve: Curve) -> Iterator[str]:
    within = [point for point in curve.points if point.within_limits]
    beyond = curve.points[max(0, len(within) - 1) :] if len(within) < len(curve.points) else ()
    for found, kind in ((within, "line"), (beyond, "line beyond")):
        if len(found) > 1:
            path = points(_place(axes, point) for point in found)
            yield element("polyline", points=path, class_=f"{kind} {curve.target}")
    for point in within[-1:] if beyond else ():
        x, y = _place(axes, point)
        yield element("circle", cx=x, cy=y, r=4, class_=f"end {curve.target}")


def _place(axes: _Axes, point: CurvePoint) -> tuple[float, float]:
    return axes.x.place(point.requests_per_hour), axes.y.place(point.usd_per_month)


def _labels(axes: _Axes, curves: Sequence[Curve], apis: Sequence[ApiLine], frame: Frame) -> Iterator[str]:
    """Yield the name of each line at its end."""
    right = frame.width - frame.right + 10
    named = [(TARGET_NAMES[curve.target], curve.points[-1].usd_per_month, f"name {curve.target}") for curve in curves]
    named += [(line.label, line.usd_per_month(axes.x.high), "name") for line in apis]
    places = apart([axes.y.place(usd) for _, usd, _ in named], _LABEL_GAP, frame.top, frame.height - frame.bottom)
    for (name, _, kind), y in zip(named, places, strict=True):
        yield element("text", text(name), x=right, y=y + 4, class_=kind)
