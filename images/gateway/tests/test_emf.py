"""Do the lines for CloudWatch say what happened, exactly as its embedded metric format wants it?"""

from __future__ import annotations

import asyncio
import json
import math
import random
from typing import Any

from fake_clock import FakeClock
from finished import finished
from gateway.config.load import load_config
from gateway.metrics.emf import MOST_USAGE, Report, emf_line
from gateway.metrics.engine_names import readings_in
from gateway.metrics.recorder import Recorder
from gateway.metrics.reporter import Reporter
from gateway.metrics.sample import MOST_VALUES, Sample
from gateway.traffic import Interval, Traffic
from gateway.usage import Tokens
from hypothesis import given
from hypothesis import strategies as st
from running_gateway import environment
from sources import sources

NOTHING = Interval(in_flight=0.0, requests=0, tokens_in=0, tokens_out=0)
COUNTS = [{"Name": name, "Unit": "Count"} for name in ("InFlight", "Queued", "Requests", "TokensIn", "TokensOut")]
LATENCIES = [{"Name": name, "Unit": "Milliseconds"} for name in ("TimeToFirstToken", "TimePerOutputToken")]


def document(report: Report, now: float = 1.5) -> dict[str, Any]:
    line = emf_line(load_config(environment()), report, now)
    assert "\n" not in line
    return json.loads(line)


def test_a_line_of_an_idle_minute_is_the_contract():
    """Namespace, dimensions, names and units are what alarms and scaling look up; zeros are there, InFlight first."""
    assert document(Report(NOTHING)) == {
        "_aws": {
            "Timestamp": 1500,
            "CloudWatchMetrics": [{"Namespace": "Berth", "Dimensions": [["Stack", "Service"]], "Metrics": COUNTS}],
        },
        "Stack": "local",
        "Service": "chat",
        "Model": "org/model",
        "InFlight": 0.0,
        "Queued": 0.0,
        "Requests": 0,
        "TokensIn": 0,
        "TokensOut": 0,
        "CostUsd": 0.0,
        "Upstreams": {},
        "Usage": [],
    }


def test_a_line_of_a_busy_minute_adds_latencies_as_values_and_keys_as_fields():
    """Percentiles come from values; keys and models are no dimensions, which would cost by their number."""
    entry = {"key": "team-a", "model": "org/model", "requests": 3, "tokens_in": 21, "tokens_out": 9, "cost_usd": 0.002}
    engine = {"engine": {"in_flight": 1, "breaker_open": False}}
    found = document(Report(Interval(1.5, 3, 21, 9), 2.5, [120.0, 80.5], [11.5], [entry], 0.002, engine))
    assert found.pop("_aws")["CloudWatchMetrics"][0]["Metrics"] == COUNTS + LATENCIES
    assert found == {
        "Stack": "local",
        "Service": "chat",
        "Model": "org/model",
        "InFlight": 1.5,
        "Queued": 2.5,
        "Requests": 3,
        "TokensIn": 21,
        "TokensOut": 9,
        "TimeToFirstToken": [120.0, 80.5],
        "TimePerOutputToken": [11.5],
        "CostUsd": 0.002,
        "Upstreams": engine,
        "Usage": [entry],
    }


def test_what_nobody_knows_is_left_out():
    """An engine that cannot be asked has no queue of 0: the metric is missing, not wrong."""
    found = document(Report(NOTHING, None))
    assert found["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [each for each in COUNTS if each["Name"] != "Queued"]
    assert "Queued" not in found


VALUES = st.lists(st.floats(), max_size=MOST_VALUES)
ENTRIES = st.lists(st.fixed_dictionaries({"key": st.text(max_size=60), "requests": st.integers(1, 9)}), max_size=300)


@given(VALUES, VALUES, ENTRIES, st.none() | st.floats(0, 1e6))
def test_every_line_keeps_to_the_specification(
    first: list[float], between: list[float], usage: list[dict[str, Any]], queued: float | None
):
    """Each declared metric is there as a finite number or up to 100 of them, and a line is far below 256 KB."""
    line = emf_line(load_config(environment()), Report(NOTHING, queued, first, between, usage), 1.0)
    found = json.loads(line)
    assert len(line.encode()) < 256 * 1024
    assert len(found["Usage"]) <= MOST_USAGE
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert len(directive["Metrics"]) <= 100
    for metric in directive["Metrics"]:
        value = found[metric["Name"]]
        values = value if isinstance(value, list) else [value]
        assert 1 <= len(values) <= 100
        assert all(type(each) in {int, float} and math.isfinite(each) for each in values)
    for dimension in directive["Dimensions"][0]:
        assert isinstance(found[dimension], str)


def test_a_sample_is_bounded_and_fair():
    """Of ten thousand values a hundred are kept, of all parts alike: their median is near the median of all."""
    sample = Sample(random.Random(7))  # noqa: S311
    for value in range(10_000):
        sample.add(value)
    taken = sorted(sample.take())
    assert len(taken) == MOST_VALUES
    assert 4000 < taken[MOST_VALUES // 2] < 6000
    assert sample.take() == []


def test_in_flight_is_the_mean_over_the_interval():
    """Two requests for 15 of 60 seconds are 0.5, even if none runs at the moment of the report."""
    clock = FakeClock()
    traffic = Traffic(clock)
    traffic.begin()
    traffic.begin()
    assert traffic.in_flight == 2
    clock.now += 15
    traffic.end()
    traffic.end()
    traffic.count(Tokens(10, 20))
    clock.now += 45
    assert traffic.take_interval() == Interval(in_flight=0.5, requests=2, tokens_in=10, tokens_out=20)
    clock.now += 60
    assert traffic.take_interval() == Interval(in_flight=0.0, requests=0, tokens_in=0, tokens_out=0)


def test_a_request_longer_than_an_interval_counts_in_each():
    """A ten-minute answer never looks idle: 1.0 in each minute it runs, one request in the first."""
    clock = FakeClock()
    traffic = Traffic(clock)
    traffic.begin()
    clock.now += 60
    assert traffic.take_interval() == Interval(in_flight=1.0, requests=1, tokens_in=0, tokens_out=0)
    clock.now += 60
    assert traffic.take_interval() == Interval(in_flight=1.0, requests=0, tokens_in=0, tokens_out=0)


def test_a_report_tells_what_is_new_since_the_last():
    """Usage by key and model, latencies, cost and the queue: each once, in the interval in which it happened."""
    clock = FakeClock(0.0)
    recorder = Recorder("org/model", clock=clock)
    lines: list[str] = []
    all_sources = sources(recorder, "engine", held=1)
    reporter = Reporter(all_sources, lines.append, clock)
    series = recorder.begin(finished(key="team-a"))
    clock.now = 3.0
    recorder.end(series)
    recorder.settle(finished(key="team-a", tokens=Tokens(7, 5), first_byte_at=1.0, cost_usd=0.25))
    recorder.settle(finished(key="team-a", tries=0, status=429, outcome="rate_limit_exceeded"))
    engine = all_sources.engines.states["engine"]
    for waiting in (2, 5):
        engine.read(readings_in(f"vllm:num_requests_waiting {waiting}\n"))
    clock.now = 60.0
    reporter.report()
    clock.now = 120.0
    reporter.report()
    busy, idle = map(json.loads, lines)
    assert (busy["InFlight"], busy["Requests"], busy["TokensIn"], busy["TokensOut"]) == (0.05, 1, 7, 5)
    assert (busy["Queued"], busy["TimeToFirstToken"], busy["TimePerOutputToken"]) == (4.5, [1000.0], [500.0])
    assert busy["CostUsd"] == 0.25
    assert busy["Usage"] == [
        {"key": "team-a", "model": "org/model", "requests": 2, "tokens_in": 7, "tokens_out": 5, "cost_usd": 0.25}
    ]
    assert (idle["InFlight"], idle["Requests"], idle["Queued"], idle["CostUsd"], idle["Usage"]) == (0.0, 0, 6.0, 0, [])
    assert "TimeToFirstToken" not in idle


def test_the_last_line_is_written_only_for_what_is_left():
    """A shutdown loses no request, and an idle one adds no line."""
    recorder, lines = Recorder("org/model"), list[str]()
    reporter = Reporter(sources(recorder), lines.append)
    reporter.report_rest()
    assert lines == []
    recorder.settle(finished(tries=0, status=401))
    reporter.report_rest()
    assert [json.loads(line)["Usage"][0]["requests"] for line in lines] == [1]


def test_a_line_is_written_per_interval_also_while_nothing_happens():
    """Zeros come at every interval, so that no data can only mean no gateway."""

    async def run() -> list[str]:
        lines: asyncio.Queue[str] = asyncio.Queue()
        task = asyncio.create_task(Reporter(sources(), lines.put_nowait).run(every_seconds=0.05))
        got = [await asyncio.wait_for(lines.get(), 5) for _ in range(3)]
        task.cancel()
        return got

    assert [json.loads(line)["Requests"] for line in asyncio.run(run())] == [0, 0, 0]


def test_one_bad_report_does_not_end_the_others(caplog):
    """Autoscaling hangs on the lines: an error is logged and the next line comes."""

    async def run() -> None:
        failures = [OSError(5, "the pipe is gone")]
        lines: asyncio.Queue[str] = asyncio.Queue()

        def write_line(line: str) -> None:
            if failures:
                raise failures.pop()
            lines.put_nowait(line)

        task = asyncio.create_task(Reporter(sources(), write_line).run(every_seconds=0.05))
        await asyncio.wait_for(lines.get(), 5)
        task.cancel()

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["a metrics report failed"]
