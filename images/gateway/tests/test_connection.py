"""Does a connection keep to its limits before there is a request, and after there is an answer?"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import re
import socket
from typing import Any

import pytest
from fake_engine import FakeEngine, events, whole
from running_gateway import RunningGateway, configured_gateway, running_gateway

POST = b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n"
REQUEST = POST + b"\r\n{}"
LIMITS = {"max_head_seconds": 0.2, "max_body_seconds": 0.2, "max_stall_seconds": 0.5, "max_head_bytes": 1000}


def document(engine: FakeEngine, **limits: float) -> dict[str, Any]:
    return {"upstreams": [{"name": "engine", "url": engine.url}], "limits": {**LIMITS, **limits}}


async def talk(gateway: RunningGateway, *sent: bytes, gap_seconds: float = 0.0) -> tuple[int, dict[str, Any]]:
    """Status and body of the first answer to `sent`, piece by piece."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for piece in sent:
        writer.write(piece)
        await asyncio.sleep(gap_seconds)
    answer = await read_answer(reader)
    writer.close()
    return answer


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]), json.loads(await reader.readexactly(length))


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",), 400, "bad_http"),
        ((b"GET / HTTP/9.9\r\n\r\n",), 400, "bad_http"),
        ((b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",), 405, "method_not_allowed"),
        ((b"POST /v1/\xff HTTP/1.1\r\nhost: x\r\n\r\n",), 400, "bad_http"),
        ((POST + b"content-length: 3\r\n\r\n{}",), 400, "bad_http"),
        ((POST + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",), 400, "bad_http"),
        ((POST + b"x: " + b"y" * 1000 + b"\r\n\r\n{}",), 431, "headers_too_large"),
        ((POST, b"x: " + b"y" * 600, b"y" * 600), 431, "headers_too_large"),
        ((b"GET /" + b"v" * 1200 + b" HTTP/1.1\r\n\r\n",), 431, "headers_too_large"),
        ((b"POST /v1/completions HTTP/1.1\r\nhost:",), 408, "header_timeout"),
        ((POST + b"\r\n{",), 408, "body_timeout"),
    ],
    ids=[
        "TLS",
        "HTTP/9.9",
        "CONNECT",
        "a byte that no path has",
        "two lengths",
        "length and chunks",
        "a long header",
        "a header that grows",
        "a long path",
        "half a head",
        "half a body",
    ],
)
def test_what_is_no_request_gets_an_answer_in_openais_shape(sent: tuple[bytes, ...], status: int, code: str):
    """400, 431 and 408 with a JSON body, and nothing of it reaches the engine."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), configured_gateway(document(engine)) as gateway:
            got, body = await talk(gateway, *sent, gap_seconds=0.02)
            assert (got, body["error"]["code"]) == (status, code)
            assert engine.seen == []

    asyncio.run(run())


def test_a_connection_that_says_nothing_is_closed():
    """Without a word within the time for headers; on a kept connection half a second request gets its 408."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), configured_gateway(document(engine)) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            for _ in range(2):
                writer.write(REQUEST)
                assert (await read_answer(reader))[0] == 200
                await asyncio.sleep(0.3)
            writer.write(b"P")
            status, body = await read_answer(reader)
            assert (status, body["error"]["code"]) == (408, "header_timeout")
            writer.close()

    asyncio.run(run())


def test_requests_that_come_behind_each_other_are_answered_in_order():
    """Pipelining: three requests in one segment are three answers."""

    async def run() -> None:
        engine = FakeEngine(whole(b'{"n":1}'))
        async with engine.running(), configured_gateway(document(engine)) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(REQUEST * 3)
            assert [await read_answer(reader) for _ in range(3)] == [(200, {"n": 1})] * 3
            writer.close()

    asyncio.run(run())


def test_a_client_that_first_sends_everything_still_reads_its_refusal():
    """A large body with a wrong key: the answer waits for the client, and the connection serves the next request."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        keys = json.dumps({"a": hashlib.sha256(b"k").hexdigest()})
        async with engine.running(), running_gateway(engine.url, BERTH_CLIENT_KEYS=keys) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            for size, status in ((5_000_000, 401), (50_000_000, 401)):
                writer.write(b"POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size)
                for _ in range(0, size, 1_000_000):
                    writer.write(b"x" * 1_000_000)
                    await writer.drain()
                assert (await read_answer(reader))[0] == status
            writer.close()
            assert engine.seen == []

    asyncio.run(run())


def test_a_body_that_is_declared_too_large_is_refused_before_it_comes():
    """413 to the head alone: a client that waits for 100 Continue need not send a gigabyte for it."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), configured_gateway(document(engine, max_body_seconds=5)) as gateway:
            head = b"POST /v1/x HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1000000000\r\n\r\n"
            async with asyncio.timeout(2):
                status, body = await talk(gateway, head)
            assert (status, body["error"]["code"]) == (413, "request_too_large")
            assert engine.seen == []

    asyncio.run(run())


def test_an_upgrade_that_is_offered_is_declined():
    """Java's HTTP client offers HTTP/2 on every plain request: it gets its answer over HTTP/1.1."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), configured_gateway(document(engine, max_body_seconds=2)) as gateway:
            offer = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n{}"
            assert (await talk(gateway, POST + offer))[0] == 200
            assert [seen.body for seen in engine.seen] == [b"{}"]
            assert "upgrade" not in engine.seen[0].headers

    asyncio.run(run())


def test_a_client_that_reads_nothing_is_cut_off():
    """An endless stream into a full window: after the stall limit the connection is gone and the engine stopped."""

    async def run() -> None:
        engine = FakeEngine(events([b"data: " + b"x" * 100_000 + b"\n\n"] * 1000))
        async with engine.running(), configured_gateway(document(engine)) as gateway:
            with socket.socket() as lazy:
                lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lazy.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_connect(lazy, ("127.0.0.1", gateway.port))
                await loop.sock_sendall(lazy, REQUEST)
                await asyncio.wait_for(engine.left.wait(), 10)
                async with asyncio.timeout(5):
                    while not gateway.requests:  # noqa: ASYNC110 the log has no event
                        await asyncio.sleep(0.01)
            (line,) = gateway.requests
            assert line["outcome"] == "client left"
            assert gateway.server.server_state.connections == set()

    asyncio.run(run())


def test_a_thousand_connections_stream_at_once_and_leave_nothing_behind():
    """All get their whole stream; afterwards no task, no connection and no request is left."""
    stream = [b'data: {"n":1}\n\n', b"data: [DONE]\n\n"]

    async def one(gateway: RunningGateway) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(POST + b"connection: close\r\n\r\n{}")
        answer = await reader.read()
        writer.close()
        return answer

    async def run() -> None:
        gate = asyncio.Event()
        engine = FakeEngine(events(stream))
        waiting = engine.script

        async def script(request):
            await gate.wait()
            return await waiting(request)

        engine.script = script
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_REQUEST_SECONDS="60") as gateway:
            running = [asyncio.create_task(one(gateway)) for _ in range(1000)]
            async with asyncio.timeout(60):
                while len(engine.seen) < 1000:  # noqa: ASYNC110 the engine has no event for the last
                    await asyncio.sleep(0.01)
                gate.set()
                answers = await asyncio.gather(*running)
            assert all(answer.startswith(b"HTTP/1.1 200 ") and b"[DONE]" in answer for answer in answers)
            async with gateway.client.get(gateway.url + "/metrics") as got:
                lines = (await got.text()).splitlines()
            in_flight = [line for line in lines if re.match(r"berth_(upstream_)?requests_in_flight\b.* ", line)]
            assert in_flight
            assert {float(line.rpartition(" ")[2]) for line in in_flight} == {0}
            async with asyncio.timeout(5):
                while any("run_asgi" in repr(task.get_coro()) for task in asyncio.all_tasks()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert len(gateway.server.server_state.connections) <= 1
            assert len(gateway.requests) == 1000

    asyncio.run(run())
    gc.collect()
