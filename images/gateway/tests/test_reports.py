"""Do the metrics say what happened, in the form that CloudWatch and Prometheus read?"""

from __future__ import annotations

import asyncio
import json

from fake_engine import FakeEngine, events, whole
from gateway.app import create_app
from gateway.config import load_config
from gateway.deadline import Drain
from gateway.reports import Reporter, emf_line, prometheus_text
from gateway.traffic import Interval, Traffic
from gateway.upstream import Upstream
from gateway.usage import Tokens
from running_gateway import environment, running_gateway

USAGE = b'{"usage":{"prompt_tokens":7,"completion_tokens":3}}'
VLLM_METRICS = """# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 5.0
vllm:num_requests_running{engine="0",model_name="m"} 4.0
"""


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_emf_line_is_the_contract():
    """Namespace, dimensions, names and units are exactly what alarms and scaling policies look up; zeros are there."""
    config = load_config(environment())
    line = emf_line(config, Interval(in_flight=0.0, requests=0, tokens_in=0, tokens_out=0), 0, now=1.5)
    assert "\n" not in line
    assert json.loads(line) == {
        "_aws": {
            "Timestamp": 1500,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Berth",
                    "Dimensions": [["Stack", "Service"]],
                    "Metrics": [
                        {"Name": "InFlight", "Unit": "Count"},
                        {"Name": "Queued", "Unit": "Count"},
                        {"Name": "Requests", "Unit": "Count"},
                        {"Name": "TokensIn", "Unit": "Count"},
                        {"Name": "TokensOut", "Unit": "Count"},
                    ],
                }
            ],
        },
        "Stack": "local",
        "Service": "chat",
        "Model": "org/model",
        "InFlight": 0.0,
        "Queued": 0,
        "Requests": 0,
        "TokensIn": 0,
        "TokensOut": 0,
    }


def test_in_flight_is_the_mean_over_the_interval():
    """Two requests for 15 of 60 seconds are 0.5, even if none runs at the moment of the report."""
    clock = Clock()
    traffic = Traffic(clock)
    with traffic.request(), traffic.request():
        assert traffic.in_flight == 2
        clock.now += 15
    traffic.answered(200, Tokens(10, 20))
    clock.now += 45
    assert traffic.take_interval() == Interval(in_flight=0.5, requests=2, tokens_in=10, tokens_out=20)
    clock.now += 60
    assert traffic.take_interval() == Interval(in_flight=0.0, requests=0, tokens_in=0, tokens_out=0)


def test_a_request_longer_than_an_interval_counts_in_each():
    """A ten-minute answer never looks idle: 1.0 in each minute it runs, one request in the first."""
    clock = Clock()
    traffic = Traffic(clock)
    with traffic.request():
        clock.now += 60
        assert traffic.take_interval() == Interval(in_flight=1.0, requests=1, tokens_in=0, tokens_out=0)
        clock.now += 60
        assert traffic.take_interval() == Interval(in_flight=1.0, requests=0, tokens_in=0, tokens_out=0)


def test_the_queue_is_read_from_the_engine():
    """`vllm:num_requests_waiting` is summed over the engine's processes; another server, or none, counts as 0."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"), metrics=VLLM_METRICS)
        async with engine.running(), Upstream(engine.url) as upstream:
            assert await upstream.queued() == 5
            engine.metrics = "llamacpp:requests_deferred 3\n"
            assert await upstream.queued() == 0
        async with Upstream("http://127.0.0.1:9") as upstream:
            assert await upstream.queued() == 0

    asyncio.run(run())


def test_a_line_is_written_per_interval_also_while_nothing_happens():
    """Zeros come at every interval, so that no data can only mean no gateway."""

    async def run() -> list[str]:
        lines: asyncio.Queue[str] = asyncio.Queue()
        async with Upstream("http://127.0.0.1:9") as upstream:
            reporter = Reporter(load_config(environment()), Traffic(), upstream, lines.put_nowait)
            task = asyncio.create_task(reporter.run(every_seconds=0.05))
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

        async with Upstream("http://127.0.0.1:9") as upstream:
            reporter = Reporter(load_config(environment()), Traffic(), upstream, write_line)
            task = asyncio.create_task(reporter.run(every_seconds=0.05))
            await asyncio.wait_for(lines.get(), 5)
            task.cancel()

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["a metrics report failed"]


def test_served_requests_show_in_prometheus_text_and_in_a_last_emf_line():
    """Plain and streamed answers are counted with their tokens, refused ones are not, and a shutdown loses nothing."""

    async def run() -> None:
        engine = FakeEngine(whole(USAGE))
        async with engine.running():
            async with running_gateway(engine.url, BERTH_MAX_BODY_BYTES="100") as gateway:
                url = gateway.url + "/v1/chat/completions"
                await (await gateway.client.post(url, data=b"{}")).read()
                await (await gateway.client.post(url, data=b"x" * 101)).read()
                engine.script = events([b'data: {"usage":null}\n\n', b"data: " + USAGE + b"\n\n", b"data: [DONE]\n\n"])
                await (await gateway.client.post(url, data=b"{}")).read()
                async with gateway.client.get(gateway.url + "/metrics") as got:
                    assert got.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
                    lines = (await got.text()).splitlines()
                label = 'stack="local",service="chat",model="org/model"'
                assert [line for line in lines if not line.startswith("#")] == [
                    f"berth_requests_in_flight{{{label}}} 0",
                    f"berth_requests_total{{{label}}} 2",
                    f'berth_answers_total{{{label},status="200"}} 2',
                    f"berth_tokens_in_total{{{label}}} 14",
                    f"berth_tokens_out_total{{{label}}} 6",
                ]
                assert gateway.emf_lines == []
            last = json.loads(gateway.emf_lines[0])
            assert (last["Requests"], last["TokensIn"], last["TokensOut"]) == (2, 14, 6)
            assert len(gateway.emf_lines) == 1

    asyncio.run(run())


def test_label_values_are_escaped():
    """A name with a quote does not break the exposition."""
    text = prometheus_text(load_config(environment(BERTH_MODEL_NAME='a"b\\c')), Traffic())
    assert 'model="a\\"b\\\\c"' in text


def test_the_app_offers_no_interactive_docs():
    """What serves tokens serves nothing else: four routes, no OpenAPI pages."""
    app = create_app(load_config(environment()), Upstream("http://127.0.0.1:9"), Drain())
    assert [getattr(route, "path", None) for route in app.routes] == ["/healthz", "/readyz", "/metrics", "/v1"]
