"""Do spans say what happened to a request, by OpenTelemetry's names, and only where they are wanted?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from fake_engine import FakeEngine, broken, events, whole
from gateway.config.load import ConfigError, load_config
from gateway.traces.configured import configured_traces
from gateway.traces.otlp import OtlpTraces
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes, http_attributes, url_attributes
from opentelemetry.trace import SpanKind, StatusCode
from processes import ended, free_port, gateway_process, process_environment, wait_until_ready
from running_gateway import RunningGateway, environment, serving
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    from opentelemetry.sdk.trace import ReadableSpan

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PROMPT, ANSWER = "a very private prompt", "a very private answer"
STREAM = [
    b'data: {"choices":[{"text":"%s"}]}\n\n' % ANSWER.encode(),
    b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\ndata: [DONE]\n\n',
]


@asynccontextmanager
async def traced(document: dict[str, Any]) -> AsyncIterator[tuple[RunningGateway, InMemorySpanExporter]]:
    variables = environment(BERTH_CONFIG=json.dumps(document))
    del variables["BERTH_UPSTREAM_URL"]
    exporter = InMemorySpanExporter()
    traces = OtlpTraces(load_config(variables), SimpleSpanProcessor(exporter), {})
    async with serving(variables, traces) as gateway:
        yield gateway, exporter


def traced_engine(engine: FakeEngine) -> AbstractAsyncContextManager[tuple[RunningGateway, InMemorySpanExporter]]:
    return traced({"upstreams": [{"name": "engine", "url": engine.url}]})


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    assert span.attributes is not None
    return dict(span.attributes)


def test_a_stream_is_a_servers_span_around_a_clients():
    """Names, kinds, parents and attributes by the conventions; the client's trace goes on through the upstream."""

    async def run() -> None:
        parents: list[str] = []
        answer = events(STREAM)

        async def script(request: web.Request) -> web.StreamResponse:
            parents.extend(request.headers.getall("traceparent"))
            return await answer(request)

        engine = FakeEngine(script)
        async with engine.running(), traced_engine(engine) as (gateway, exporter):
            body = json.dumps({"model": "org/model", "prompt": PROMPT, "stream": True}).encode()
            headers = {"traceparent": PARENT, "tracestate": "vendor=1", "x-request-id": "r-1"}
            url = gateway.url + "/v1/completions"
            async with gateway.client.post(url, data=body, headers=headers) as got:
                await got.read()
            attempt, request = exporter.get_finished_spans()
        assert (request.name, request.kind) == ("POST /v1/completions", SpanKind.SERVER)
        assert (attempt.name, attempt.kind) == ("text_completion org/model", SpanKind.CLIENT)
        assert request.parent is not None
        assert attempt.parent is not None
        assert request.context is not None
        assert attempt.context is not None
        assert format(request.context.trace_id, "032x") == TRACE_ID
        assert format(request.parent.span_id, "016x") == "b7ad6b7169203331"
        assert attempt.parent.span_id == request.context.span_id
        assert parents == [f"00-{TRACE_ID}-{attempt.context.span_id:016x}-01"]
        assert engine.seen[0].headers["tracestate"] == "vendor=1"
        assert attributes(request) == {
            "http.request.method": "POST",
            "http.route": "/v1/completions",
            "url.scheme": "http",
            "http.response.status_code": 200,
            "berth.request_id": "r-1",
            "berth.outcome": "complete",
        }
        found = dict(attributes(attempt))
        assert found.pop("gen_ai.response.time_to_first_chunk") > 0
        assert found == {
            "gen_ai.operation.name": "text_completion",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "org/model",
            "gen_ai.request.stream": True,
            "gen_ai.usage.input_tokens": 7,
            "gen_ai.usage.output_tokens": 3,
            "http.response.status_code": 200,
            "berth.upstream": "engine",
        }
        assert gateway.requests[0]["trace_id"] == TRACE_ID
        text = "".join(span.to_json() for span in (attempt, request))
        assert PROMPT not in text
        assert ANSWER not in text
        assert dict(request.resource.attributes)["service.name"] == "chat"
        assert dict(request.resource.attributes)["service.namespace"] == "local"

    asyncio.run(run())


def test_each_attempt_has_a_span_and_its_failure_a_type():
    """One upstream is not there, one breaks off, one answers: three spans of clients below one of the server."""

    async def run() -> list[ReadableSpan]:
        failing, backup = FakeEngine(broken("application/json", b"{", 100)), FakeEngine(whole(b"{}"))
        async with failing.running(), backup.running():
            document = {
                "upstreams": [
                    {"name": "gone", "url": "http://127.0.0.1:9"},
                    {"name": "failing", "url": failing.url},
                    {"name": "backup", "url": backup.url},
                ],
                "routes": [{"upstreams": ["gone"], "fallback": ["failing", "backup"]}],
            }
            async with traced(document) as (gateway, exporter):
                async with gateway.client.get(gateway.url + "/v1/models") as got:
                    assert got.status == 200
                return list(exporter.get_finished_spans())

    *attempts, request = asyncio.run(run())
    assert [
        (attributes(span)["berth.upstream"], attributes(span).get("error.type"), span.status.status_code)
        for span in attempts
    ] == [
        ("gone", "unreachable", StatusCode.ERROR),
        ("failing", "broke_off", StatusCode.ERROR),
        ("backup", None, StatusCode.UNSET),
    ]
    assert (request.name, request.status.status_code) == ("GET /v1/*", StatusCode.UNSET)
    assert request.context is not None
    assert {span.parent.span_id for span in attempts if span.parent} == {request.context.span_id}


def test_a_refusal_is_the_clients_fault_and_a_503_is_ours():
    """Only what the gateway or its upstreams did wrong is an error of the server's span."""

    async def run() -> list[ReadableSpan]:
        async with traced({"upstreams": [{"name": "gone", "url": "http://127.0.0.1:9"}]}) as (gateway, exporter):
            for url in (URL(gateway.url + "/v1/a/../b", encoded=True), URL(gateway.url + "/v1/models")):
                await (await gateway.client.get(url)).read()
            return [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]

    refused, failed = asyncio.run(run())
    assert (attributes(refused)["http.response.status_code"], refused.status.status_code) == (404, StatusCode.UNSET)
    assert (attributes(failed)["http.response.status_code"], failed.status.status_code) == (503, StatusCode.ERROR)
    assert attributes(failed)["error.type"] == "upstream_unavailable"


def test_every_attribute_is_one_of_the_conventions():
    """What is ours says so; every other name stands in OpenTelemetry's own list."""
    listed = {
        value
        for module in (gen_ai_attributes, http_attributes, url_attributes, error_attributes)
        for name, value in vars(module).items()
        if name.isupper()
    }
    used = {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.request.stream",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
        "error.type",
    }
    assert used - listed == set()


def configured(**variables: str) -> OtlpTraces | None:
    found = configured_traces(load_config(environment()), variables)
    assert found is None or isinstance(found, OtlpTraces)
    return found


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
        {"OTEL_RESOURCE_ATTRIBUTES": "a=b"},
    ],
    ids=["nothing", "exporter none", "disabled", "no endpoint"],
)
def test_there_are_none_unless_they_are_wanted(variables: dict[str, str]):
    """OpenTelemetry's own variables decide, as everywhere."""
    assert configured(**variables) is None


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: 'zipkin' is not allowed; set it to otlp or none"),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' is not allowed; set it to http/protobuf, or leave it out",
        ),
    ],
)
def test_what_cannot_be_done_is_said_at_the_start(variables: dict[str, str], problem: str):
    """Another exporter or protocol ends the process with a line that names the variable."""
    with pytest.raises(ConfigError) as raised:
        configured(**variables)
    assert raised.value.problems == [problem]


def test_the_sdk_is_not_loaded_without_them():
    """It costs memory and time at start: a gateway without traces imports none of it."""
    code = "import sys, gateway.__main__; print([m for m in sys.modules if m.startswith('opentelemetry.sdk')])"
    done = subprocess.run([sys.executable, "-c", code], env=process_environment(), capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_the_process_sends_its_spans_to_a_collector():
    """`python -m gateway` with an endpoint: what was traced last arrives, even though the process ends at once."""

    async def run() -> tuple[list[str], int]:
        names: list[str] = []

        async def collect(request: web.Request) -> web.Response:
            message = ExportTraceServiceRequest.FromString(await request.read())
            names.extend(
                span.name for each in message.resource_spans for scope in each.scope_spans for span in scope.spans
            )
            return web.Response(content_type="application/x-protobuf")

        collector = web.Application()
        collector.router.add_post("/v1/traces", collect)
        runner = web.AppRunner(collector, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        engine = FakeEngine(whole(b"{}"))
        async with engine.running():
            port = free_port()
            process = await gateway_process(port, engine.url, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
            await wait_until_ready(port)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
            writer.close()
            process.terminate()
            code, _, stderr = await ended(process)
            assert stderr == b""
        await runner.cleanup()
        return names, code

    assert asyncio.run(run()) == (["request org/model", "GET /v1/*"], 0)
