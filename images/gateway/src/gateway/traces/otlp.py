"""How does a request become spans? By OpenTelemetry's SDK, named after its conventions for generative AI.

Conventions as of 2026-11 (package `opentelemetry-semantic-conventions` 0.66b2); no prompt, answer, key or header.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

    from gateway.config.settings import GatewayConfig
    from gateway.exchange import Exchange
    from gateway.upstreams.upstream import RawHeaders

OPERATIONS = {
    "/v1/chat/completions": "chat",
    "/v1/responses": "chat",
    "/v1/completions": "text_completion",
    "/v1/embeddings": "embeddings",
}
PROPAGATED = (b"traceparent", b"tracestate")
ANSWERED = "answered"
NOT_OUR_FAULT = frozenset({"complete", "client left"})
FIRST_ERROR_STATUS, FIRST_SERVER_ERROR = 400, 500
LAST_WORDS_SECONDS = 3.0


class OtlpTraces:
    """A tracer of this process's own, apart from what other libraries do with OpenTelemetry."""

    def __init__(self, config: GatewayConfig, processor: SpanProcessor, environment: Mapping[str, str]) -> None:
        own = {"service.name": config.service, "service.namespace": config.stack}
        if environment.get("OTEL_SERVICE_NAME"):
            del own["service.name"]
        self._provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("berth.gateway")
        self._propagator = TraceContextTextMapPropagator()
        self._model_name = config.model_name

    @classmethod
    def to_collector(cls, config: GatewayConfig, environment: Mapping[str, str]) -> OtlpTraces:
        """In batches to where the `OTEL_EXPORTER_OTLP_*` variables say, from a thread of its own."""
        return cls(config, BatchSpanProcessor(OTLPSpanExporter()), environment)

    def begin(self, exchange: Exchange) -> OtlpRequestTrace:
        return OtlpRequestTrace(self._tracer, self._propagator, exchange, self._model_name)

    async def close(self) -> None:
        # A collector that does not answer must not keep the process from ending.
        thread = threading.Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        await asyncio.to_thread(thread.join, LAST_WORDS_SECONDS)


class OtlpRequestTrace:
    """A server's span around a client's span for each attempt."""

    def __init__(
        self, tracer: Tracer, propagator: TraceContextTextMapPropagator, exchange: Exchange, model_name: str
    ) -> None:
        self._tracer = tracer
        self._propagator = propagator
        self._model_name = model_name
        self._operation = OPERATIONS.get(exchange.path)
        carrier = {name.decode(): value for name in PROPAGATED if (value := exchange.header(name)) is not None}
        route = exchange.path if self._operation else "/v1/*"
        self._span = tracer.start_span(
            f"{exchange.method} {route}",
            context=propagator.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": exchange.method,
                "http.route": route,
                "url.scheme": "http",
                "berth.request_id": exchange.request_id,
            },
            start_time=time.time_ns(),
        )
        self.trace_id = format_trace_id(self._span.get_span_context().trace_id)
        self._attempt: Span | None = None

    def begin_attempt(self, exchange: Exchange) -> None:
        model = exchange.model or self._model_name
        attributes: dict[str, Any] = {"gen_ai.provider.name": "openai", "gen_ai.request.model": model}
        if self._operation is not None:
            attributes["gen_ai.operation.name"] = self._operation
        if exchange.upstream is not None:
            attributes["berth.upstream"] = exchange.upstream
        self._attempt = self._tracer.start_span(
            f"{self._operation or 'request'} {model}",
            context=set_span_in_context(self._span),
            kind=SpanKind.CLIENT,
            attributes=attributes,
        )

    def outgoing(self, headers: RawHeaders) -> RawHeaders:
        if self._attempt is None:
            return headers
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, set_span_in_context(self._attempt))
        kept = [(name, value) for name, value in headers if name not in PROPAGATED]
        return [*kept, *((name.encode("ascii"), value.encode("ascii")) for name, value in carrier.items())]

    def end_attempt(self, exchange: Exchange, result: str) -> None:
        span, self._attempt = self._attempt, None
        if span is None:
            return
        if exchange.started:
            span.set_attribute("http.response.status_code", exchange.status)
        if result == ANSWERED:
            _describe_answer(span, exchange)
        else:
            span.set_attribute("error.type", result)
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def end(self, exchange: Exchange) -> None:
        span = self._span
        span.set_attribute("http.response.status_code", exchange.status)
        span.set_attribute("berth.outcome", exchange.outcome)
        if exchange.key_name is not None:
            span.set_attribute("berth.key", exchange.key_name)
        if exchange.status >= FIRST_SERVER_ERROR or (
            exchange.status < FIRST_ERROR_STATUS and exchange.outcome not in NOT_OUR_FAULT
        ):
            span.set_attribute("error.type", exchange.outcome)
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _describe_answer(span: Span, exchange: Exchange) -> None:
    tokens = exchange.usage.tokens()
    span.set_attribute("gen_ai.request.stream", exchange.streamed)
    if exchange.streamed and exchange.first_byte_at is not None:
        span.set_attribute("gen_ai.response.time_to_first_chunk", round(exchange.first_byte_at - exchange.began, 6))
    if not tokens.estimated:
        span.set_attribute("gen_ai.usage.input_tokens", tokens.tokens_in)
        span.set_attribute("gen_ai.usage.output_tokens", tokens.tokens_out)
