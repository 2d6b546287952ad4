"""How long workers run for a load: they are paid from start to stop."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plan import UNBUILT
from components.plan.draft import Request, draft, engine_of
from components.plan.runpod.load import expected_use, on_share, speeds_of
from components.plan.runpod.market import runpod_market
from components.spec import parse_spec
from components.spec.document import merged

Planner = "Callable[..., Plan]"

ZERO: dict[str, Any] = {"scaling": {"min_replicas": 0, "metric": "queue_wait", "target": 4}, "accelerators": ["L4"]}


def test_rare_requests_pay_for_start_work_and_idle_each() -> None:
    """One request in 10 hours: 100 s of start, 30 of work and 10 of waiting, a tenth of a time in each hour."""
    share, starts = on_share(1 / 36_000, 40, 100)
    assert share == pytest.approx(140 / 36_140, rel=0.01)
    assert starts == pytest.approx(0.1, rel=0.01)


def test_constant_requests_keep_the_worker_on() -> None:
    """One request a second that takes 30 s never lets the worker stop."""
    share, starts = on_share(1.0, 40, 100)
    assert share == pytest.approx(1.0)
    assert starts == pytest.approx(0.0, abs=1e-6)


@given(st.floats(1e-6, 100), st.floats(0.1, 4000), st.floats(0, 4000))
def test_a_share_is_a_share_and_grows_with_the_load(rate: float, stay: float, start: float) -> None:
    """Between nothing and always; more requests, or longer ones, never less."""
    share, starts = on_share(rate, stay, start)
    assert 0 <= share <= 1
    assert starts >= 0
    assert on_share(rate * 2, stay, start)[0] >= share - 1e-9
    assert on_share(rate, stay * 2, start)[0] >= share - 1e-9


def test_a_quiet_service_costs_little_and_says_how_it_was_counted(on_runpod: Planner) -> None:
    """6 requests an hour on a service that scales to zero: a fraction of the month, with starts that are paid for."""
    plan = on_runpod({**ZERO, "load": {"requests_per_hour": 6, "peak_concurrency": None}})
    assert plan.cost.floor == 0.0
    assert plan.cost.max == pytest.approx(3 * 730 * 0.684 + 18, abs=0.01)
    said = re.fullmatch(
        r"the expected load, arriving at random, needs a worker for (\d+) hours a month on L4, which starts ([\d,]+) "
        r"times, paid (\d+)m(\d+)s each, waits 10s; a request alone should take ([\d.]+) s, a worker finish [\d,]+ an "
        r"hour \(computed, not measured\)",
        plan.cost.assumptions[-1],
    )
    assert said is not None
    hours, starts, minutes, seconds, alone = (float(number.replace(",", "")) for number in said.groups())
    # Each request keeps the worker on for its own time and 10 s; between stays, 600 s pass on average.
    stay = 600 * math.expm1((alone + 10) / 600)
    on = minutes * 60 + seconds + stay
    assert hours == pytest.approx(730 * on / (on + 600), abs=1)
    assert starts == pytest.approx(730 * 3600 / (on + 600), rel=0.01)
    assert plan.cost.expected == pytest.approx(hours * (0.684 + 6 / 730), rel=0.01)


def test_a_busy_service_needs_what_its_throughput_needs(on_runpod: Planner) -> None:
    """1,200 requests an hour keep more than one L4 busy; no starts are counted where one always runs."""
    plan = on_runpod({"accelerators": ["L4"]})
    hours = (plan.cost.lines[0].expected or 0) / 0.684
    assert plan.week is not None
    assert plan.week.replicas is not None
    assert hours == pytest.approx(plan.week.replicas[0] * 730, abs=0.1)
    text = plan.cost.assumptions[-1]
    finished = float(re.findall(r"a worker finish ([\d,]+) an hour", text)[0].replace(",", ""))
    assert plan.week.replicas[0] == pytest.approx(1200 / finished, rel=0.001)
    assert text.startswith(
        f"the expected load, arriving at random, needs {1200 / finished:.1f} workers all month on L4; a request alone"
    )


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_a_multiple_of_the_load_keeps_as_many_workers_busy(llama: dict[str, Any], scale: float) -> None:
    """Beyond one worker their hours grow with the requests, and so do the tokens; the week is the declared one's."""
    busy = {"scaling": {"max_replicas": 20}, "load": {"requests_per_hour": 6000, "peak_concurrency": None}}
    spec = parse_spec(merged(llama, {**busy, "accelerators": ["L4"], "runpod": {"token_secret": "hf"}}), "chat.yaml")
    request = Request(
        spec=spec,
        target="runpod",
        stack="dev",
        region="us-east-1",
        images=UNBUILT,
        today=date(2026, 11, 21),
        tags={},
        engine=engine_of(spec, "runpod"),
    )
    made = draft(request, runpod_market(spec.accelerators))
    [speed] = speeds_of(made, (made.hardware,))
    use = expected_use(made, (made.hardware,), (speed,), idle_seconds=10, start_seconds=60, scale=scale)
    assert use.worker_hours == {"AMPERE_24": pytest.approx(730 * 6000 * scale / speed.finished_per_hour)}
    assert use.traffic is not None
    assert use.traffic.requests == pytest.approx(730 * 6000 * scale)
    assert (use.week.replicas is None) == (use.assumptions == ()) == (scale != 1)


def test_the_tokens_are_those_that_the_slowest_gpu_can_serve(on_runpod: Planner) -> None:
    """Beyond the capacity of three workers no token is counted, so the price of a million stays."""
    over = on_runpod({"accelerators": ["L4"], "load": {"requests_per_hour": 100_000}}).cost
    full = on_runpod({"accelerators": ["L4"], "load": {"requests_per_hour": 50_000}}).cost
    assert over.usd_per_million_tokens == pytest.approx(full.usd_per_million_tokens, rel=0.01)
    assert over.expected == over.max


def test_without_a_load_a_fixed_number_is_expected_and_a_range_is_not(qwen: Planner) -> None:
    """Nobody can say how much of a range is used."""
    assert qwen(accelerators=["L4"]).cost.expected == pytest.approx(505.32)
    ranged = qwen(accelerators=["L4"], scaling={"max_replicas": 2}).cost
    assert (ranged.expected, ranged.unknowns) == (None, ("expected workers: the spec declares no load",))
