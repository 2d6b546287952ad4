"""How does a request reach an upstream and its answer the client? Byte for byte, chunk by chunk.

The hot path: an upstream that fails before the answer's first byte is replaced by the next one, afterwards never.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from gateway import errors
from gateway.deadline import Ending
from gateway.errors import RefusedError
from gateway.headers import is_event_stream
from gateway.upstream_errors import MOST_ERROR_BYTES, in_openai_shape
from gateway.upstreams.upstream import BrokenOffError, RefusedUsError, UnreachableError
from gateway.upstreams.whole_events import WholeEvents

if TYPE_CHECKING:
    from gateway.errors import ApiError
    from gateway.exchange import Exchange
    from gateway.metrics.recorder import Recorder
    from gateway.upstreams.attempts import Attempts
    from gateway.upstreams.member import Member
    from gateway.upstreams.upstream import Answer

# Up to here an answer of known length is taken whole before it is passed on, so that one that breaks off can still
# become a clean error instead of half a JSON document.
WHOLE_ANSWER_BYTES = 1024 * 1024
FIRST_ERROR_STATUS = 400
# An upstream that says so is broken; one that says 429 or 503 is busy, and is not made better by leaving it alone.
BROKEN_STATUSES = frozenset({500, 502, 504})

log = logging.getLogger(__name__)


class Relay:
    """Asks one upstream after the other until one answers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def __call__(self, exchange: Exchange) -> None:
        attempts = exchange.attempts
        if attempts is None:
            raise RuntimeError("relay comes behind choose")
        deadline = exchange.deadline
        client_is_back = exchange.when_client_leaves(lambda: deadline.end_in(0, Ending.CLIENT_LEFT))
        series = self._recorder.begin(exchange)
        exchange.forwarded_at = time.monotonic()
        try:
            while (member := await attempts.next()) is not None:
                if await self._asked(exchange, attempts, member):
                    return
            raise RefusedError(attempts.refusal())
        finally:
            self._recorder.end(series)
            client_is_back()

    async def _asked(self, exchange: Exchange, attempts: Attempts, member: Member) -> bool:
        """Whether this member's answer, or its failure, is what the client got."""
        exchange.upstream = member.name
        exchange.tries += 1
        began = member.begin()
        trace = exchange.trace
        if trace is not None:
            trace.begin_attempt(exchange)
        result = "ended"  # by the client, its time limit, or a shutdown
        try:
            await self._ask(exchange, attempts, member)
            result = "answered" if exchange.status < FIRST_ERROR_STATUS else "error"
        except UnreachableError as error:
            result = "unreachable"
            member.breaker.failed()
            _note(exchange, error)
            attempts.nothing_sent()
        except BrokenOffError as error:
            result = "broke_off"
            member.breaker.failed()
            _note(exchange, error)
            failure = errors.UPSTREAM_REFUSED_US if isinstance(error, RefusedUsError) else errors.UPSTREAM_BROKE
            if exchange.started:
                await exchange.fail(failure)
                return True
            attempts.failed(failure)
        except _NoAnswerError as error:
            result = "no_first_byte" if error.failure is errors.NO_FIRST_BYTE else "error"
            attempts.failed(error.failure)
        except RefusedError:
            result = "error"
            raise
        else:
            return True
        finally:
            member.end(exchange, began, served=exchange.started or result == "ended")
            member.results[result] += 1
            if trace is not None:
                trace.end_attempt(exchange, result)
        return False

    async def _ask(self, exchange: Exchange, attempts: Attempts, member: Member) -> None:
        if member.first_byte_seconds is None:
            answer, first = await _first_bytes(exchange, member)
        else:
            try:
                async with asyncio.timeout(member.first_byte_seconds):
                    answer, first = await _first_bytes(exchange, member)
            except TimeoutError:
                member.breaker.failed()
                raise _NoAnswerError(errors.NO_FIRST_BYTE) from None
        try:
            if answer.status >= FIRST_ERROR_STATUS:
                await _pass_on_error(exchange, attempts, member, answer, first)
            else:
                member.breaker.succeeded()
                await _pass_on(exchange, answer, first)
        finally:
            answer.close()


class _NoAnswerError(Exception):
    """An answer that is not passed on because a fallback may have a better one."""

    def __init__(self, failure: ApiError) -> None:
        super().__init__(failure.code)
        self.failure = failure


async def _first_bytes(exchange: Exchange, member: Member) -> tuple[Answer, bytes]:
    """The answer's head and the first of its body: until then a failure still gets a status of its own."""
    outgoing = member.outgoing(exchange)
    if exchange.trace is not None:
        outgoing.headers = exchange.trace.outgoing(outgoing.headers)
    answer = await member.upstream.send(outgoing)
    if is_event_stream(answer.headers):
        answer = WholeEvents(answer)
    try:
        whole = answer.length is not None and answer.length <= WHOLE_ANSWER_BYTES
        return answer, await (answer.whole() if whole else answer.read())
    except BaseException:
        answer.close()
        raise


async def _pass_on(exchange: Exchange, answer: Answer, first: bytes) -> None:
    raw_headers = [*answer.headers, (b"x-request-id", exchange.request_id.encode("ascii"))]
    if not first or (answer.length is not None and len(first) >= answer.length):
        await exchange.answer(answer.status, raw_headers, first)
        return
    await exchange.start(answer.status, raw_headers)
    chunk = first
    while chunk:
        await exchange.pass_on(chunk)
        chunk = await answer.read()
    await exchange.finish()


async def _pass_on_error(exchange: Exchange, attempts: Attempts, member: Member, answer: Answer, first: bytes) -> None:
    body = bytearray(first)
    while len(body) <= MOST_ERROR_BYTES and (chunk := await answer.read()):
        body += chunk
    if answer.status in BROKEN_STATUSES:
        member.breaker.failed()
    elif answer.status not in {429, 503}:
        member.breaker.succeeded()
    failure = in_openai_shape(answer.status, answer.headers, bytes(body))
    if exchange.route is not None and answer.status in exchange.route.fallback_statuses and attempts.has_fallback:
        raise _NoAnswerError(failure or errors.plain_http(answer.status))
    if failure is not None:
        raise RefusedError(failure)
    await _pass_on(exchange, answer, bytes(body))


def _note(exchange: Exchange, error: Exception) -> None:
    # The kind only: an error's text may quote the request.
    log.warning(
        "upstream failed",
        extra={"fields": {"request_id": exchange.request_id, "upstream": exchange.upstream, "error": str(error)}},
    )
