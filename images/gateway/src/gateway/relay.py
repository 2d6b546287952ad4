"""How does a request reach the engine and its answer the client? Byte for byte, chunk by chunk, under one deadline.

A raw ASGI app, mounted in the FastAPI app: this is the hot path.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

import aiohttp

from gateway import errors, headers
from gateway.deadline import Deadline, Drain, Ending
from gateway.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from gateway.config import GatewayConfig
    from gateway.errors import ApiError
    from gateway.traffic import Traffic
    from gateway.upstream import Upstream

# Up to here an answer of known length is taken whole before it is passed on, so that one that breaks off can still
# become a clean error instead of half a JSON document.
WHOLE_ANSWER_BYTES = 1024 * 1024
DOT_SEGMENTS = {".", ".."}

log = logging.getLogger(__name__)


class Relay:
    """Everything below /v1."""

    def __init__(self, config: GatewayConfig, upstream: Upstream, traffic: Traffic, drain: Drain) -> None:
        self._config = config
        self._upstream = upstream
        self._traffic = traffic
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        refusal = self._refusal(exchange)
        if refusal is not None:
            await exchange.fail(refusal)
        else:
            await self._relay_in_time(exchange)
        if exchange.forwarded:
            self._traffic.answered(exchange.status, exchange.usage.tokens())
        log.info("request", extra={"fields": exchange.summary()})

    def _refusal(self, exchange: Exchange) -> ApiError | None:
        """What can be refused before the body is read."""
        if self._config.client_keys is not None:
            exchange.key_name = self._config.client_keys.name_of(exchange.header(b"authorization"))
            if exchange.key_name is None:
                return errors.BAD_KEY
        if self._drain.draining:
            return errors.DRAINING
        if DOT_SEGMENTS & set(exchange.path.split("/")):
            # An upstream that resolves them would be led out of /v1.
            return errors.plain_http(404)
        if exchange.declared_bytes > self._config.max_body_bytes:
            return errors.body_too_large(self._config.max_body_bytes)
        return None

    async def _relay_in_time(self, exchange: Exchange) -> None:
        deadline = Deadline(self._config.max_request_seconds)
        self._drain.join(deadline)
        try:
            async with deadline:
                body = await exchange.read_body(self._config.max_body_bytes)
                if body is not None:
                    await self._forward_while_wanted(exchange, body, deadline)
        except TimeoutError:
            exchange.outcome = deadline.ending.value
            if deadline.ending is not Ending.CLIENT_LEFT:
                await exchange.fail(self._out_of_time(exchange, deadline.ending))
        finally:
            self._drain.leave(deadline)

    def _out_of_time(self, exchange: Exchange, ending: Ending) -> ApiError:
        if ending is Ending.SHUTDOWN:
            return errors.DRAINING
        return errors.too_long(self._config.max_request_seconds) if exchange.body_read else errors.CLIENT_TOO_SLOW

    async def _forward_while_wanted(self, exchange: Exchange, body: bytes, deadline: Deadline) -> None:
        exchange.forwarded = True
        watcher = asyncio.create_task(_end_when_client_leaves(exchange, deadline))
        try:
            with self._traffic.request():
                await self._forward(exchange, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            await self._upstream_failed(exchange, errors.UPSTREAM_AWAY, error)
        except (aiohttp.ClientError, ConnectionError) as error:
            await self._upstream_failed(exchange, errors.UPSTREAM_BROKE, error)
        finally:
            watcher.cancel()

    async def _forward(self, exchange: Exchange, body: bytes) -> None:
        request_headers = headers.to_upstream(exchange.headers, exchange.request_id)
        answer = await self._upstream.send(
            exchange.method, exchange.target, request_headers, body if body or exchange.declares_body else None
        )
        # Leaving early closes the connection, which is how an engine learns to stop generating.
        async with answer, aclosing(_chunks(answer)) as chunks:
            # The head waits for the first byte of the body: until then a failure still gets a status of its own.
            first = await anext(chunks, b"")
            await exchange.start(answer.status, headers.to_client(answer.raw_headers, exchange.request_id))
            await exchange.pass_on(first)
            async for chunk in chunks:
                await exchange.pass_on(chunk)
            await exchange.finish()

    async def _upstream_failed(self, exchange: Exchange, refusal: ApiError, error: Exception) -> None:
        # The kind only: an error's text may quote the request.
        log.warning(
            "upstream failed", extra={"fields": {"request_id": exchange.request_id, "error": type(error).__name__}}
        )
        exchange.outcome = refusal.code
        await exchange.fail(refusal)


async def _end_when_client_leaves(exchange: Exchange, deadline: Deadline) -> None:
    await exchange.client_left()
    deadline.end_in(0, Ending.CLIENT_LEFT)


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    if answer.content_length is not None and answer.content_length <= WHOLE_ANSWER_BYTES:
        yield await answer.read()
        return
    async for chunk in answer.content.iter_any():
        yield chunk
