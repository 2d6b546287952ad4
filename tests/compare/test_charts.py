"""The charts: amounts that add up to the plan's, places inside the frame, labels that do not overlap."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compare.comparison import Comparison
from components.compare.curve import ApiLine, Curve, CurvePoint
from components.compare.load_chart import NARROW, WIDE, load_chart
from components.compare.memory_chart import WIDE as WIDE_MEMORY
from components.compare.memory_chart import memory_chart, memory_gib
from components.compare.scale import LogScale, apart
from components.compare.traffic import Traffic
from components.compare.week_chart import week_chart, week_usd
from components.plan import Plan
from components.plan.week import WEEKS_PER_MONTH
from tests.compare.conftest import Compared

TRAFFICS = [Traffic("as declared", 1000, 1500, 300)]
CURVES = [
    Curve("ecs", (CurvePoint(100, 800, True), CurvePoint(1000, 800, True), CurvePoint(10_000, 8000, False))),
    Curve("runpod", (CurvePoint(100, 0, True), CurvePoint(1000, 750, True), CurvePoint(10_000, 7900, True))),
]
APIS = [ApiLine("acme API", "this model at acme", 0.001)]


def _plan(comparison: Comparison, target: str) -> Plan:
    plan = next(column.plan for column in comparison.columns if column.target == target)
    assert plan is not None
    return plan


def _svg(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 - our own


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_the_hours_of_a_week_add_up_to_the_gpu_lines_of_the_bill(
    target: str, qwen: dict[str, Any], compared: Compared
) -> None:
    """A month has 730 hours, a week 168."""
    plan = _plan(compared(qwen), target)
    hours = week_usd(plan)
    gpus = sum(line.expected or 0 for line in plan.cost.lines if line.name.startswith("GPU"))
    assert hours is not None
    assert len(hours) == 168
    assert sum(hours) * WEEKS_PER_MONTH == pytest.approx(gpus)


def test_hours_asleep_cost_nothing_and_are_drawn_empty(qwen: dict[str, Any], compared: Compared) -> None:
    """Awake for one hour of a week: one cell is filled, and 167 are not."""
    plan = _plan(compared(qwen, {"schedule": {"hours": "Mon 08:00-09:00 UTC"}}), "ecs")
    hours = week_usd(plan)
    assert hours is not None
    assert [hour for hour, usd in enumerate(hours) if usd] == [8]
    kinds = [rect.get("class") for rect in _svg(week_chart(plan, max(hours))).iter("rect")]
    assert (kinds.count("hour ecs"), kinds.count("hour asleep")) == (1, 167)


def test_a_commitment_is_paid_in_every_hour(compared: Compared) -> None:
    """Asleep too: a Savings Plan for a T4 of which one hour a week is used."""
    spec = {
        "name": "chat",
        "model": {"id": "Qwen/Qwen2.5-3B-Instruct", "max_context_tokens": 4096},
        "accelerators": ["T4"],
        "schedule": {"hours": "Mon 08:00-09:00 UTC"},
        "pricing": {"commitment": "1y_partial_upfront"},
    }
    plan = _plan(compared(spec), "ecs")
    hours = week_usd(plan)
    [committed] = [line for line in plan.cost.lines if line.name == "GPU committed"]
    assert hours is not None
    assert committed.expected is not None
    assert hours == pytest.approx((committed.expected / 730,) * 168)


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_the_parts_of_memory_are_all_of_what_is_usable(target: str, qwen: dict[str, Any], compared: Compared) -> None:
    """Weights, runtime, cache and what is kept free."""
    plan = _plan(compared(qwen), target)
    assert sum(memory_gib(plan)) == pytest.approx(plan.hardware.fit.usable_gib)


def test_the_largest_memory_fills_the_width(llama: dict[str, Any], compared: Compared) -> None:
    """All bars have one scale: parts touch each other, and nothing sticks out."""
    plan = _plan(compared(llama), "ecs")
    rects = list(_svg(memory_chart([plan], WIDE_MEMORY)).iter("rect"))
    ends = [float(rect.get("x", 0)) + float(rect.get("width", 0)) for rect in rects]
    assert len(rects) == 4
    assert ends[-1] == pytest.approx(WIDE_MEMORY.width - 1, abs=0.1)


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=["wide", "narrow"])
def test_lines_stay_inside_their_frame(frame: Any) -> None:
    """An amount of nothing has no place on a logarithmic axis: it is drawn on its floor."""
    root = _svg(load_chart(CURVES, APIS, TRAFFICS, frame))
    places = [
        tuple(map(float, pair.split(","))) for line in root.iter("polyline") for pair in line.get("points", "").split()
    ]
    assert len(places) == 2 + 2 + 3
    assert all(frame.left <= x <= frame.width - frame.right for x, _ in places)
    assert all(frame.top <= y <= frame.height - frame.bottom for _, y in places)


def test_beyond_the_replicas_a_line_is_dashed_from_a_dot_on() -> None:
    """ECS holds 1,000 requests an hour and not 10,000; RunPod holds all."""
    root = _svg(load_chart(CURVES, APIS, TRAFFICS, WIDE))
    assert [line.get("class") for line in root.iter("polyline")] == ["line ecs", "line beyond ecs", "line runpod"]
    assert [dot.get("class") for dot in root.iter("circle")] == ["end ecs"]


def test_names_at_the_ends_do_not_overlap() -> None:
    """8,000 and 7,900 USD end in one place; their names are 15 pixels apart."""
    root = _svg(load_chart(CURVES, APIS, TRAFFICS, WIDE))
    names = [text for text in root.iter("text") if "name" in (text.get("class") or "")]
    assert [text.text for text in names] == ["ECS", "RunPod", "acme API"]
    places = sorted(float(text.get("y", 0)) for text in names)
    assert all(later - earlier >= 14.9 for earlier, later in pairwise(places))


def test_without_a_curve_there_is_no_chart() -> None:
    """And without a plan no bar."""
    assert load_chart([], APIS, TRAFFICS, WIDE) == ""
    assert memory_chart([], WIDE_MEMORY) == ""


@given(st.lists(st.floats(min_value=0, max_value=100), min_size=1, max_size=6))
def test_labels_are_apart_in_their_order_and_inside(places: list[float]) -> None:
    """Six labels of 15 pixels fit 100."""
    moved = apart(places, 15, 0, 100)
    order = sorted(range(len(places)), key=places.__getitem__)
    inside = [moved[index] for index in order]
    assert all(later - earlier >= 15 - 1e-9 for earlier, later in pairwise(inside))
    assert min(inside) >= -1e-9
    assert max(inside) <= 100 + 1e-9


@given(st.floats(min_value=1e-3, max_value=1e6), st.floats(min_value=1.01, max_value=1e6))
def test_a_scale_keeps_the_order_and_the_ends(low: float, factor: float) -> None:
    """Its ends are the ends of the axis, and its ticks lie on it."""
    scale = LogScale(low, low * factor, 0, 500)
    assert scale.place(scale.low) == 0
    assert scale.place(scale.high) == pytest.approx(500)
    assert scale.place(low * factor**0.5) == pytest.approx(250)
    assert all(-1 <= scale.place(tick) <= 501 for tick in scale.ticks())
