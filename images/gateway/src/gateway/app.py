"""What does the gateway serve? /v1 passed through, /healthz, /readyz and /metrics of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Header, Request, Response
from starlette.exceptions import HTTPException

from gateway import errors
from gateway.headers import request_id_of
from gateway.readiness import Readiness
from gateway.relay import Relay
from gateway.reports import Reporter, prometheus_text
from gateway.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.config import GatewayConfig
    from gateway.deadline import Drain
    from gateway.errors import ApiError
    from gateway.upstream import Upstream

PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


def write_to_stdout(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def create_app(
    config: GatewayConfig, upstream: Upstream, drain: Drain, write_line: Callable[[str], None] = write_to_stdout
) -> FastAPI:
    """The gateway as an ASGI app; `write_line` takes the EMF lines."""
    traffic = Traffic()
    readiness = Readiness(upstream, drain)
    reporter = Reporter(config, traffic, upstream, write_line)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if config.client_keys is None:
            log.warning("no client keys are configured: everybody who reaches this port may use the model")
        async with upstream:
            reports = asyncio.create_task(reporter.run())
            yield
            reports.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reports
            reporter.report_rest()

    app = FastAPI(title="Berth gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        obstacle = await readiness.obstacle()
        response.status_code = 200 if obstacle is None else 503
        return {"status": obstacle or "ready", "model": config.model_name}

    @app.get("/metrics")
    async def metrics(authorization: Annotated[str | None, Header()] = None) -> Response:
        if config.client_keys is not None and config.client_keys.name_of(authorization) is None:
            return _response(errors.BAD_KEY)
        return Response(prometheus_text(config, traffic), media_type=PROMETHEUS_TYPE)

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

    app.mount("/v1", Relay(config, upstream, traffic, drain))
    return app


def _response(error: ApiError, headers: dict[str, str] | None = None) -> Response:
    return Response(
        error.body(), error.status, headers={**(headers or {}), **dict(error.headers)}, media_type="application/json"
    )
