"""What does the gateway serve? /v1 through the pipeline; /healthz, /readyz and /metrics of its own."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from gateway import errors, openapi
from gateway.admission import Admission
from gateway.background import background
from gateway.cors import with_cors
from gateway.errors import RefusedError
from gateway.headers import request_id_of
from gateway.logs import RequestLog
from gateway.metrics.engine_watch import EngineWatch
from gateway.metrics.prometheus import prometheus_text
from gateway.metrics.recorder import Recorder
from gateway.metrics.reporter import Reporter
from gateway.metrics.sources import Sources
from gateway.metrics.text_format import CONTENT_TYPE
from gateway.pipeline import Pipeline
from gateway.readiness import Readiness
from gateway.stages.admit import Admit
from gateway.stages.authenticate import Authenticate
from gateway.stages.choose import Choose
from gateway.stages.receive_body import ReceiveBody
from gateway.stages.relay import Relay
from gateway.stages.resolve import Resolve
from gateway.stages.settle import Settle
from gateway.stages.trace import Trace
from gateway.stages.transcribe import Transcribe
from gateway.version import version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.config.settings import GatewayConfig
    from gateway.deadline import Drain
    from gateway.errors import ApiError
    from gateway.task_protection import TaskProtection
    from gateway.traces.spans import Traces
    from gateway.upstreams.fleet import Fleet

log = logging.getLogger(__name__)


class Gateway:
    """The hot routes as raw ASGI, everything else in FastAPI behind them."""

    def __init__(self, v1: ASGIApp, own: FastAPI) -> None:
        self.v1 = v1
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.v1 if scope["type"] == "http" and scope["path"].startswith("/v1/") else self.own
        await app(scope, receive, send)


def create_app(
    config: GatewayConfig,
    fleet: Fleet,
    drain: Drain,
    write_line: Callable[[str], None],
    *,
    traces: Traces | None = None,
    protection: TaskProtection | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Gateway:
    """The gateway as an ASGI app; `write_line` takes the metrics and the requests, line by line."""
    named = {model for route in fleet.routes for model in route.models}
    recorder = Recorder(config.model_name, models=named, most_series=config.max_metric_series)
    admission = Admission(config, fleet, drain, environment)
    stages = (
        *([Trace(traces)] if traces is not None else []),
        *([Transcribe(config.log_prompt_characters)] if config.log_prompts else []),
        Authenticate(admission.keys),
        Admit(config.limits, drain),
        *admission.before_body,
        ReceiveBody(config.limits),
        *admission.after_body,
        Resolve(fleet.routes, admission.models),
        Choose(),
        *admission.before_relay,
        Relay(recorder),
    )
    pipeline = Pipeline(stages, Settle(recorder, RequestLog(write_line)), drain, config.max_request_seconds)
    members = tuple(fleet.members.values())
    sources = Sources(config, recorder, EngineWatch(fleet), members, drain, protection, lambda: admission.held)
    v1 = with_cors(pipeline, config.cors_origins) if config.cors_origins else pipeline
    return Gateway(v1, _own_routes(fleet, admission, sources, write_line, traces))


def _own_routes(
    fleet: Fleet,
    admission: Admission,
    sources: Sources,
    write_line: Callable[[str], None],
    traces: Traces | None,
) -> FastAPI:
    config = sources.config
    readiness = Readiness(fleet, sources.drain)
    reporter = Reporter(sources, write_line)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if admission.keys.open:
            log.warning("no client keys are configured: everybody who reaches this port may use the model")
        async with fleet, admission, background(sources, reporter, traces):
            yield

    app = FastAPI(title="Berth gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", responses={503: {"model": dict[str, str]}})
    async def readyz(response: Response) -> dict[str, str]:
        obstacle = await readiness.obstacle()
        response.status_code = 200 if obstacle is None else 503
        return {"status": obstacle or "ready", "model": config.model_name}

    @app.get("/metrics", responses=openapi.OF_METRICS, response_class=PlainTextResponse)
    async def metrics(request: Request) -> Response:
        try:
            admission.keys.key_of(request.headers.get("authorization"))
        except RefusedError as refused:
            return _response(refused.error)
        return Response(prometheus_text(sources), media_type=CONTENT_TYPE)

    @app.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        return openapi.document(app, version())

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        response = _response(errors.plain_http(error.status_code), dict(error.headers or {}))
        response.headers["x-request-id"] = request_id_of(request.headers.get("x-request-id"))
        return response

    @app.exception_handler(Exception)
    async def failed(request: Request, _: Exception) -> Response:
        response = _response(errors.plain_http(500))
        response.headers["x-request-id"] = request_id_of(request.headers.get("x-request-id"))
        return response

    return app


def _response(error: ApiError, headers: dict[str, str] | None = None) -> Response:
    return Response(
        error.body(), error.status, headers={**(headers or {}), **dict(error.headers)}, media_type="application/json"
    )
