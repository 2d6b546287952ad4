"""Is what /metrics answers what Prometheus reads? Its own client's parser says so, and it stays small."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from fake_clock import FakeClock
from fake_engine import FakeEngine, events, whole
from finished import finished
from gateway.metrics.engine_names import readings_in
from gateway.metrics.families import FAMILIES
from gateway.metrics.prometheus import prometheus_text
from gateway.metrics.recorder import Recorder
from gateway.metrics.reference import rewritten
from gateway.metrics.series import MOST_ANSWERS
from gateway.usage import Tokens
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from running_gateway import configured_gateway, running_gateway
from sources import sources

USAGE = b'{"usage":{"prompt_tokens":7,"completion_tokens":3}}'
VLLM = 'vllm:num_requests_running{engine="0"} 2.0\nvllm:prompt_tokens_total{engine="0"} 40.0\n'
Labels = dict[str, str]


def parsed(text: str) -> dict[str, list[tuple[Labels, float]]]:
    """Samples by name, without the labels that stand on all of them."""
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert (sample.labels.pop("stack"), sample.labels.pop("service")) == ("local", "chat")
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def recorded(clock: FakeClock | None = None, **settings: Any) -> Recorder:
    return Recorder("org/model", clock=clock or FakeClock(0.0), **settings)


def test_a_request_shows_in_every_family_of_its_key_and_model():
    """Counts, tokens, cost and three histograms, for the key that sent it and the model that it named."""
    clock = FakeClock(0.0)
    recorder = recorded(clock, models={"m"})
    series = recorder.begin(finished(key="team-a", model="m"))
    assert parsed(prometheus_text(sources(recorder)))["berth_requests_in_flight"] == [
        ({"key": "team-a", "model": "m"}, 1)
    ]
    recorder.end(series)
    clock.now = 2.2
    recorder.settle(
        finished(key="team-a", model="m", tokens=Tokens(7, 5, estimated=True), first_byte_at=0.2, cost_usd=0.5)
    )
    found = parsed(prometheus_text(sources(recorder)))
    user = {"key": "team-a", "model": "m"}
    for name, value in {
        "berth_requests_in_flight": 0,
        "berth_tokens_in_total": 7,
        "berth_tokens_out_total": 5,
        "berth_tokens_out_estimated_total": 5,
        "berth_cost_usd_total": 0.5,
        "berth_time_to_first_token_seconds_count": 1,
        "berth_time_to_first_token_seconds_sum": 0.2,
        "berth_time_per_output_token_seconds_sum": 0.5,
        "berth_request_duration_seconds_sum": 2.2,
    }.items():
        assert found[name] == [(user, value)], name
    assert found["berth_requests_total"] == [({**user, "status": "200", "outcome": "complete"}, 1)]
    buckets = {labels["le"]: value for labels, value in found["berth_time_to_first_token_seconds_bucket"]}
    assert (buckets["0.1"], buckets["0.2"], buckets["0.3"], buckets["+Inf"]) == (0, 1, 1, 1)


def test_what_did_not_reach_an_upstream_is_counted_and_not_timed():
    """A refusal is a request with its status; it is no traffic, has no duration, and gives no name a series."""
    recorder = recorded()
    recorder.settle(finished(key=None, model="made-up", tries=0, status=401, outcome="invalid_api_key"))
    found = parsed(prometheus_text(sources(recorder)))
    assert found["berth_requests_total"] == [
        ({"key": "", "model": "other", "status": "401", "outcome": "invalid_api_key"}, 1)
    ]
    assert found["berth_request_duration_seconds_count"] == [({"key": "", "model": "other"}, 0)]
    assert recorder.traffic.requests == 0


def test_a_model_that_an_upstream_takes_has_a_series_of_its_own():
    """An adapter that is in no configuration shows by its name, from the first answer on."""
    recorder = recorded()
    recorder.settle(finished(model="my-adapter", status=404))
    recorder.settle(finished(model="my-adapter", status=200))
    assert [series.model for series in recorder.series] == ["other", "my-adapter"]


KEYS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.lists(st.tuples(KEYS, KEYS.filter(bool), st.integers(200, 599)), max_size=40),
    st.text(min_size=1).filter(str.strip),
)
def test_any_names_are_escaped_and_their_number_is_bounded(requests: list[tuple[str, str, int]], model_name: str):
    """Whatever keys and models are called, the page can be read, no request is lost, and series end at the limit."""
    recorder = recorded(most_series=5)
    for key, _, status in requests:
        recorder.settle(finished(key=key, status=status))
    for key, model, status in requests:
        recorder.series.of(key, model, taken=True).answered(status, "complete")
    text = prometheus_text(sources(recorder, BERTH_MODEL_NAME=model_name))
    found = parsed(text)
    labels = {(labels["key"], labels["model"]) for labels, _ in found.get("berth_requests_total", [])}
    assert len(labels) <= 6
    assert sum(value for _, value in found.get("berth_requests_total", [])) == 2 * len(requests)
    assert found["berth_gateway_info"][0][0]["model"] == model_name.strip()


def test_an_upstream_that_invents_statuses_fills_no_memory():
    """Beyond the bound, pairs of status and outcome are counted together."""
    recorder = recorded()
    for status in range(200, 600):
        recorder.settle(finished(status=status))
    answers = parsed(prometheus_text(sources(recorder)))["berth_requests_total"]
    assert len(answers) == MOST_ANSWERS + 1
    assert sum(value for _, value in answers) == 400
    assert answers[-1][0] | {"model": ""} == {"key": "", "model": "", "status": "0", "outcome": "other"}


def test_engines_show_under_one_name_each():
    """What vLLM says is mapped, with whether it can be asked, how often not, and how often it began anew."""
    all_sources = sources(None, "engine", "never-asked", held=4)
    state = all_sources.engines.states["engine"]
    state.read(readings_in(VLLM))
    state.failed()
    found = parsed(prometheus_text(all_sources))
    engine = {"upstream": "engine"}
    for name, value in {
        "berth_engine_up": 0,
        "berth_engine_scrape_failures_total": 1,
        "berth_engine_restarts_total": 0,
        "berth_engine_requests_running": 2,
        "berth_engine_prompt_tokens_total": 40,
    }.items():
        assert found[name] == [(engine, value)], name
    assert "berth_engine_requests_waiting" not in found
    assert found["berth_requests_held"] == [({}, 4)]


def test_the_running_gateway_answers_with_them():
    """Plain and streamed answers with their tokens, the upstream's attempts and breaker, over HTTP."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE), metrics=VLLM)
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_BODY_BYTES="100") as gateway:
            url = gateway.url + "/v1/chat/completions"
            await (await gateway.client.post(url, data=b"{}")).read()
            await (await gateway.client.post(url, data=b"x" * 101)).read()
            engine.script = events([b'data: {"usage":null}\n\n', b"data: " + USAGE + b"\n\n", b"data: [DONE]\n\n"])
            await (await gateway.client.post(url, data=b"{}")).read()
            async with gateway.client.get(gateway.url + "/metrics") as got:
                assert got.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
                found = parsed(await got.text())
            user, upstream = {"key": "", "model": "org/model"}, {"upstream": "engine"}
            assert sorted((labels["status"], value) for labels, value in found["berth_requests_total"]) == [
                ("200", 2),
                ("413", 1),
            ]
            assert found["berth_tokens_in_total"] == [(user, 14)]
            assert found["berth_tokens_out_total"] == [(user, 6)]
            assert found["berth_time_to_first_token_seconds_count"] == [(user, 1)]
            assert found["berth_request_duration_seconds_count"] == [(user, 2)]
            assert found["berth_upstream_attempts_total"] == [({**upstream, "result": "answered"}, 2)]
            assert found["berth_upstream_breaker_open"] == [(upstream, 0)]
            assert found["berth_engine_requests_running"] == [(upstream, 2)]
            assert found["process_resident_memory_bytes"][0][1] > 1e6
            assert abs(found["process_start_time_seconds"][0][1] - time.time()) < 3600
            assert gateway.emf_lines == []
        (last,) = map(json.loads, gateway.emf_lines)
        assert (last["Requests"], last["TokensIn"], last["TokensOut"]) == (2, 14, 6)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("body", "status", "result"),
    [
        (b"{}", 200, "answered"),
        (b'{"error":{"message":"no such field"}}', 400, "error"),
        (b'{"detail":"no such field"}', 422, "error"),
    ],
)
def test_an_upstreams_error_is_one_in_whatever_shape_it_comes(body: bytes, status: int, result: str):
    """Whether the gateway passes it on or puts it into OpenAI's shape first, the attempt was no success."""

    async def run() -> None:
        engine = FakeEngine(whole(body, status))
        async with engine.running(), running_gateway(engine.url) as gateway:
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                assert got.status == status
            async with gateway.client.get(gateway.url + "/metrics") as got:
                found = parsed(await got.text())
        assert found["berth_upstream_attempts_total"] == [({"upstream": "engine", "result": result}, 1)]

    asyncio.run(run())


def test_attempts_show_what_became_of_them():
    """No connection, a status that has a fallback, and an answer: each is counted at the upstream that it concerns."""

    async def run() -> None:
        engine, backup = FakeEngine(whole(b"{}", status=500)), FakeEngine(whole(b"{}"))
        async with engine.running(), backup.running():
            document = {
                "upstreams": [
                    {"name": "gone", "url": "http://127.0.0.1:9", "metrics_path": None},
                    {"name": "failing", "url": engine.url},
                    {"name": "backup", "url": backup.url},
                ],
                "routes": [{"upstreams": ["gone"], "fallback": ["failing", "backup"]}],
            }
            async with configured_gateway(document) as gateway:
                async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                    assert got.status == 200
                async with gateway.client.get(gateway.url + "/metrics") as got:
                    found = parsed(await got.text())
                assert found["berth_upstream_attempts_total"] == [
                    ({"upstream": "gone", "result": "unreachable"}, 1),
                    ({"upstream": "failing", "result": "error"}, 1),
                    ({"upstream": "backup", "result": "answered"}, 1),
                ]
                assert [labels["upstream"] for labels, _ in found["berth_engine_up"]] == ["failing", "backup"]

    asyncio.run(run())


def test_probes_are_no_traffic():
    """Health checks and scrapes leave no count, no line, and nothing that would keep a service awake."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE))
        async with engine.running(), running_gateway(engine.url) as gateway:
            for path in ("/healthz", "/readyz", "/metrics", "/nowhere"):
                async with gateway.client.get(gateway.url + path) as got:
                    text = await got.text()
                    if path == "/metrics":
                        assert "berth_requests_total" not in parsed(text)
        assert (gateway.lines, engine.seen) == ([], [])

    asyncio.run(run())


def test_every_family_is_described_once_and_nothing_else_is_shown():
    """Names end as their kind demands, and a page has exactly the families that the README's table has."""
    recorder = recorded()
    recorder.settle(finished(first_byte_at=0.1))
    text = prometheus_text(sources(recorder, "engine"))
    shown = [line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE")]
    named = {family.name: family.kind for family in FAMILIES}
    outside_of_ecs = [pair for pair in named.items() if not pair[0].startswith("berth_gateway_protect")]
    assert sorted(map(tuple, shown)) == sorted(outside_of_ecs)
    assert len(named) == len(FAMILIES)
    assert [name for name, kind in named.items() if (kind == "counter") != name.endswith("_total")] == []


def test_the_readmes_table_is_up_to_date():
    """`python -m gateway.metrics.reference README.md` would change nothing."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert rewritten(readme) == readme
