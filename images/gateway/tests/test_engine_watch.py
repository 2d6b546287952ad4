"""Does the gateway know how its engines are, through failures and restarts, whatever they call their metrics?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_engine import FakeEngine, whole
from fake_vllm import FakeVllm
from gateway.config.load import load_config
from gateway.metrics.engine_names import Reading, readings_in
from gateway.metrics.engine_watch import EngineState, EngineWatch
from gateway.upstreams.fleet import Fleet
from hypothesis import given
from hypothesis import strategies as st
from running_gateway import environment, fleet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

VLLM = """# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting{engine="1",model_name="a } \\" 9.0"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 5.0
vllm:num_requests_running{engine="0",model_name="m"} 4.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.75
vllm:generation_tokens_total{engine="0",model_name="m"} 1.5e3
vllm:generation_tokens_created{engine="0",model_name="m"} 1.7e9
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 2.5
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 10.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="m"} 10.0
"""
TGI = """tgi_queue_size 3
tgi_batch_current_size 8
tgi_request_generated_tokens_sum 900
tgi_request_queue_duration_sum 1.25
tgi_request_queue_duration_count 5
"""
LLAMA = """llamacpp:requests_processing 1
llamacpp:requests_deferred 4
llamacpp:prompt_tokens_total 70
llamacpp:tokens_predicted_total 30
"""


@pytest.mark.parametrize(
    ("text", "gauges", "counters"),
    [
        (
            VLLM,
            {"requests_waiting": 5, "requests_running": 4, "kv_cache_usage_ratio": 0.75},
            {
                "generation_tokens_total": 1500,
                "time_to_first_token_seconds_sum": 2.5,
                "time_to_first_token_seconds_count": 10,
            },
        ),
        (
            TGI,
            {"requests_waiting": 3, "requests_running": 8},
            {"generation_tokens_total": 900, "queue_seconds_sum": 1.25, "queue_seconds_count": 5},
        ),
        (
            LLAMA,
            {"requests_waiting": 4, "requests_running": 1},
            {"prompt_tokens_total": 70, "generation_tokens_total": 30},
        ),
        ("something_else 1\n<html>vllm:num_requests_waiting 3\n", {}, {}),
        ("vllm:num_requests_waiting NaN\nvllm:num_requests_running many\n", {}, {}),
    ],
    ids=["vLLM", "TGI", "llama.cpp", "others", "no numbers"],
)
def test_every_engines_names_become_ours(text: str, gauges: dict[str, float], counters: dict[str, float]):
    """Processes of one engine are added up, the fullest cache counts, and what is no number is left out."""
    state = EngineState("engine")
    state.read(readings_in(text))
    assert (state.gauges, state.counters, state.up) == (gauges, counters, True)


@given(st.text())
def test_no_text_of_an_engine_is_a_defect(text: str):
    """Whatever it answers, reading it raises nothing and finds only sane numbers."""
    assert all(reading.value >= 0 for reading in readings_in("vllm:num_requests_waiting " + text + "\n" + text))


def counted(state: EngineState, **values: float) -> None:
    state.read([Reading("prompt_tokens_total", name, value) for name, value in values.items()])


def test_a_restart_is_seen_and_takes_nothing_away():
    """Counters that begin anew go on counting from where they were; each process of an engine counts for itself."""
    state = EngineState("engine")
    counted(state, first=100, second=50)
    counted(state, first=120, second=50)
    assert (state.counters["prompt_tokens_total"], state.restarts) == (170, 0)
    counted(state, first=7, second=60)
    assert (state.counters["prompt_tokens_total"], state.restarts) == (187, 1)
    counted(state, first=7, second=60)
    assert (state.counters["prompt_tokens_total"], state.restarts) == (187, 1)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_a_counter_never_falls(values: list[int]):
    """Whatever an engine says, what is shown of its counters only grows, by what it grew there or began anew with."""
    state, shown = EngineState("engine"), [0.0]
    for value in values:
        counted(state, only=value)
        shown.append(state.counters["prompt_tokens_total"])
    assert shown == sorted(shown)
    assert shown[-1] == sum(now - last if now >= last else now for last, now in zip([0, *values], values, strict=False))


def test_an_engine_that_misses_an_answer_is_down_and_what_it_said_holds_for_a_while():
    """One failure is visible at once; the gauges go with the third, since by then nobody knows."""
    state = EngineState("engine")
    state.read(readings_in(VLLM))
    for failures, known in ((1, True), (2, True), (3, False)):
        state.failed()
        assert (state.up, state.failures, bool(state.gauges)) == (False, failures, known)
    state.read(readings_in(VLLM))
    assert (state.up, state.failures, state.gauges["requests_waiting"]) == (True, 3, 5)


def test_what_waits_is_the_mean_since_the_last_question():
    """2, then 4 waited: 3. Afterwards what was said last holds, until the engine has been silent for too long."""
    state = EngineState("engine")
    assert state.take_waiting() is None
    for waiting in (2.0, 4.0):
        state.read([Reading("requests_waiting", "w", waiting)])
    assert (state.take_waiting(), state.take_waiting()) == (3.0, 4.0)
    for _ in range(3):
        state.failed()
    assert state.take_waiting() is None
    state.read([])
    assert state.take_waiting() == 0.0


def fleet(*upstreams: dict[str, Any]) -> Fleet:
    variables = environment(BERTH_CONFIG=json.dumps({"upstreams": upstreams}))
    del variables["BERTH_UPSTREAM_URL"]
    return Fleet.of(load_config(variables))


def queued_after_a_look(*upstreams: dict[str, Any]) -> float | None:
    async def run() -> float | None:
        async with fleet(*upstreams) as asked:
            watch = EngineWatch(asked)
            await watch.look()
            return watch.take_queued()

    return asyncio.run(run())


def test_the_queue_is_that_of_all_engines_and_unknown_is_not_zero():
    """Of two engines one is gone: what the other has is known; nobody knows of nothing. A hosted API has no queue."""

    async def run(metrics: str, *others: dict[str, Any]) -> float | None:
        engine = FakeEngine(whole(b"{}"), metrics=metrics)
        async with engine.running(), fleet({"name": "engine", "url": engine.url}, *others) as asked:
            watch = EngineWatch(asked)
            await watch.look()
            return watch.take_queued()

    gone = {"name": "gone", "url": "http://127.0.0.1:9"}
    hosted = {"name": "hosted", "url": "http://127.0.0.1:9/openai/v1"}
    assert asyncio.run(run(VLLM, gone)) == 5
    assert asyncio.run(run("vllm:num_requests_waiting 0\n", gone)) is None
    assert asyncio.run(run("", hosted)) == 0
    assert queued_after_a_look(hosted) == 0
    assert queued_after_a_look(gone) is None


def test_null_leaves_a_load_balancer_in_peace():
    """Behind a load balancer a question is a request, which may wake what sleeps: `null` asks neither path."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"), health=500, metrics=VLLM)
        async with engine.running():
            upstream = {"name": "lb", "url": engine.url, "health_path": None, "metrics_path": None}
            async with fleet(upstream) as asked:
                assert await asked.healthy()
                await EngineWatch(asked).look()
                assert await asked.members["lb"].upstream.readings() is None
        assert (engine.health_probes, EngineWatch(asked).states) == (0, {})

    asyncio.run(run())


def test_a_failing_engine_is_logged_once_and_harms_nothing(caplog):
    """One line when it begins and one when it ends, however often it is asked between."""
    caplog.set_level("INFO", "gateway")

    async def run() -> None:
        vllm = FakeVllm(waiting=3)
        async with vllm.engine.running(), fleet_of(vllm.engine.url) as asked:
            watch = EngineWatch(asked)
            upstream = asked.members["engine"].upstream
            answers: Sequence[Any] = [None, ValueError("a defect"), await upstream.readings()]
            for answer in answers:
                watch._note(watch.states["engine"], None if isinstance(answer, Exception) else answer)
            assert watch.take_queued() == 3

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == [
        "an engine's metrics cannot be read",
        "an engine's metrics can be read again",
    ]
