"""Does a request reach the engine, and its answer the client, as they were sent?"""

from __future__ import annotations

import asyncio
import gzip
import json

import aiohttp
import pytest
from fake_engine import FakeEngine, broken, events, gated, whole
from running_gateway import running_gateway
from yarl import URL

EVENTS = [
    b'data: {"choices":[{"delta":{"content":"\xc3\xa4"}}],"usage":null}\n\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\n',
    b"data: [DONE]\n\n",
]
NOT_FOUND = {"message": "not found", "type": "invalid_request_error", "param": None, "code": "not_found"}


def test_a_plain_request_and_its_answer_cross_byte_for_byte():
    """Method, escaped path, query, odd spacing, unknown fields and the answer's bytes, status and headers are kept."""
    body = b'{ "model":"m",\n  "unknown_field": {"x": [1, 2.50]}, "prompt": "\xc3\xa4\\u00e4" }'
    answer = b'{"id" :  "1","usage":{"prompt_tokens":1,"completion_tokens":2}}'

    async def run() -> None:
        engine = FakeEngine(whole(answer, 203, {"x-custom": "kept", "x-request-id": "the engine's own"}))
        async with engine.running(), running_gateway(engine.url) as gateway:
            url = gateway.url + "/v1/files/a%2Fb?limit=1&q=%C3%A4+b"
            headers = {"content-type": "application/json", "openai-beta": "x", "x-request-id": "abc-1"}
            async with gateway.client.put(URL(url, encoded=True), data=body, headers=headers) as got:
                assert (got.status, await got.read()) == (203, answer)
                assert got.headers["x-custom"] == "kept"
                assert got.headers.getall("x-request-id") == ["abc-1"]
        seen = engine.seen[0]
        assert (seen.method, seen.target, seen.body) == ("PUT", "/v1/files/a%2Fb?limit=1&q=%C3%A4+b", body)
        assert seen.headers["openai-beta"] == "x"
        assert seen.headers["content-type"] == "application/json"
        assert seen.headers["x-request-id"] == "abc-1"

    asyncio.run(run())


def test_hop_by_hop_headers_and_the_key_stay_behind():
    """The engine sees neither the key nor what concerned only the client's connection, and is asked for plain bytes."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}", headers={"connection": "x-hop", "x-hop": "1", "keep-alive": "timeout=5"}))
        async with engine.running(), running_gateway(engine.url) as gateway:
            headers = {
                "authorization": "Bearer secret",
                "connection": "keep-alive, x-mine",
                "x-mine": "1",
                "te": "trailers",
                "proxy-authorization": "Basic x",
                "accept-encoding": "gzip",
            }
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}", headers=headers) as got:
                assert {"x-hop", "keep-alive"} & {name.lower() for name in got.headers} == set()
        seen = engine.seen[0].headers
        assert {"authorization", "x-mine", "te", "proxy-authorization"} & set(seen) == set()
        assert seen["accept-encoding"] == "identity"
        assert seen["host"] == engine.url.removeprefix("http://")

    asyncio.run(run())


def test_redirects_cookies_and_compressed_bytes_are_the_clients_business():
    """A redirect is not followed, a cookie of one client is not sent for the next, gzip is not unpacked on the way."""
    packed = gzip.compress(b"{}")

    async def run() -> None:
        engine = FakeEngine(whole(packed, 307, {"location": "/v1/b", "set-cookie": "a=1", "content-encoding": "gzip"}))
        async with engine.running(), running_gateway(engine.url.replace("127.0.0.1", "localhost")) as gateway:
            for _ in range(2):
                got = await gateway.client.post(gateway.url + "/v1/a", data=b"{}", allow_redirects=False)
                assert (got.status, got.headers["location"], await got.read()) == (307, "/v1/b", packed)
                gateway.client.cookie_jar.clear()
        assert [(seen.target, seen.headers.get("cookie")) for seen in engine.seen] == [("/v1/a", None), ("/v1/a", None)]

    asyncio.run(run())


def test_chunks_of_a_stream_arrive_as_the_engine_writes_them():
    """The first event is with the client while the engine still waits to write the second."""

    async def run() -> None:
        script, gate = gated(EVENTS[0], EVENTS[1:])
        engine = FakeEngine(script)
        async with engine.running(), running_gateway(engine.url) as gateway:
            got = await gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}")
            assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert await asyncio.wait_for(got.content.readany(), 5) == EVENTS[0]
            gate.set()
            assert await got.read() == b"".join(EVENTS[1:])

    asyncio.run(run())


def test_a_client_that_leaves_stops_the_engine_at_once():
    """Closing the client's connection in mid-stream closes the engine's, while its next write is still far away."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS, gap_seconds=30))
        async with engine.running(), running_gateway(engine.url) as gateway:
            got = await gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}")
            await got.content.readany()
            got.close()
            assert await asyncio.wait_for(engine.left.wait(), timeout=1)

    asyncio.run(run())


def test_a_client_that_leaves_before_the_first_byte_stops_the_engine_too():
    """A request given up during prefill does not go on costing GPU time."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS, first_after_seconds=30))
        async with engine.running(), running_gateway(engine.url) as gateway:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}")
            async with asyncio.timeout(1):
                await engine.left.wait()

    asyncio.run(run())


def test_an_engine_that_takes_too_long_is_a_504_and_is_stopped():
    """No byte within the time limit: OpenAI's error with 504, even though the engine had sent its head."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS, first_after_seconds=30))
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_REQUEST_SECONDS="0.2") as gateway:
            async with gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}") as got:
                assert got.status == 504
                assert await got.json() == {
                    "error": {
                        "message": "the answer was not complete after 0.2 seconds; ask for fewer tokens",
                        "type": "server_error",
                        "param": None,
                        "code": "request_timeout",
                    }
                }
            await asyncio.wait_for(engine.left.wait(), 1)

    asyncio.run(run())


def test_a_started_stream_that_takes_too_long_ends_with_an_error_event():
    """After the first byte the status is gone: the stream ends with an event that SDKs raise as an error."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS, gap_seconds=30))
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_REQUEST_SECONDS="0.3") as gateway:
            async with gateway.client.post(gateway.url + "/v1/chat/completions", data=b"{}") as got:
                text = await got.read()
            assert got.status == 200
            assert text.startswith(EVENTS[0] + b"\n\ndata: {")
            assert _last_event(text)["error"]["code"] == "request_timeout"

    asyncio.run(run())


def test_an_engine_that_is_not_there_is_a_503_that_says_when_to_retry():
    """Nothing listens: nothing was sent, so the client is invited to try again."""

    async def run() -> None:
        async with running_gateway() as gateway, gateway.client.post(gateway.url + "/v1/completions") as got:
            assert (got.status, got.headers["retry-after"]) == (503, "5")
            assert (await got.json())["error"]["code"] == "upstream_unavailable"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("sent", "length"),
    [(b'{"half":', 100), (b"", 100), (b"", None)],
    ids=["half a document", "a head with a length", "a head alone"],
)
def test_an_answer_that_breaks_off_before_it_was_passed_on_is_a_502(sent: bytes, length: int | None):
    """Half a JSON document never reaches the client."""

    async def run() -> None:
        engine = FakeEngine(broken("application/json", sent, length))
        async with engine.running(), running_gateway(engine.url) as gateway:
            got = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
            assert got.status == 502
            assert (await got.json())["error"]["code"] == "upstream_error"

    asyncio.run(run())


def test_a_stream_that_breaks_off_ends_with_an_error_event():
    """An engine that dies in mid-stream does not look like a complete answer."""

    async def run() -> None:
        engine = FakeEngine(broken("text/event-stream", EVENTS[0]))
        async with engine.running(), running_gateway(engine.url) as gateway:
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as got:
                text = await got.read()
            assert text.startswith(EVENTS[0])
            assert _last_event(text)["error"]["code"] == "upstream_error"

    asyncio.run(run())


def test_a_large_document_that_breaks_off_is_cut_for_the_client_too():
    """What cannot be taken back is not ended as if it were whole."""

    async def run() -> None:
        engine = FakeEngine(broken("application/json", b"[1,"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            got = await gateway.client.post(gateway.url + "/v1/embeddings", data=b"{}")
            with pytest.raises(aiohttp.ClientPayloadError):
                await got.read()

    asyncio.run(run())


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "in chunks"])
def test_a_body_over_the_limit_is_refused(chunked: bool):
    """413 whether the length was declared or only turned out, and the engine hears nothing of it."""

    async def body():
        for _ in range(3):
            yield b"x" * 50

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_BODY_BYTES="100") as gateway:
            data = body() if chunked else b"x" * 150
            async with gateway.client.post(gateway.url + "/v1/completions", data=data) as got:
                assert got.status == 413
                assert (await got.json())["error"]["message"] == (
                    "the request's body is larger than 100 bytes; send less"
                )
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"x" * 100) as got:
                assert got.status == 200
        assert [len(seen.body) for seen in engine.seen] == [100]

    asyncio.run(run())


def test_a_body_that_does_not_arrive_is_a_408():
    """A client that stops sending is told so, and holds no place at the engine."""

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_MAX_REQUEST_SECONDS="0.2") as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            writer.close()
            await writer.wait_closed()
        assert engine.seen == []

    asyncio.run(run())


def test_a_path_outside_of_v1_is_a_404_in_openais_shape():
    """Nothing but /v1 of the engine can be reached, whichever way the path is written."""
    outside = ["/v1/../metrics", "/v1/%2e%2e/metrics", "/v1/x/%2e/y", "/other", "/v1", "/docs"]

    async def run() -> None:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            for path in outside:
                async with gateway.client.get(URL(gateway.url + path, encoded=True)) as got:
                    assert (path, got.status, await got.json()) == (path, 404, {"error": NOT_FOUND})
                    assert len(got.headers["x-request-id"]) == 32
        assert engine.seen == []

    asyncio.run(run())


def _last_event(text: bytes) -> dict:
    assert text.endswith(b"\n\n")
    return json.loads(text.strip().rsplit(b"\n", 1)[-1].removeprefix(b"data: "))
