"""When does the load balancer send requests here, and how does the process start and end?"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import pytest
from fake_engine import FakeEngine, events, gated, whole
from gateway.deadline import Drain
from gateway.readiness import Readiness
from processes import free_port, process_environment
from running_gateway import RunningGateway, fleet_of, running_gateway

EVENTS = [b'data: {"n":1}\n\n', b'data: {"n":2}\n\n', b"data: [DONE]\n\n"]


async def ready(gateway: RunningGateway) -> tuple[int, str]:
    async with gateway.client.get(gateway.url + "/readyz") as got:
        return got.status, (await got.json())["status"]


def test_ready_follows_the_engine_and_healthz_does_not():
    """A dead engine takes the replica out of the load balancer, but does not make ECS shoot the gateway."""

    async def run() -> None:
        async with running_gateway() as gateway:
            assert await ready(gateway) == (503, "engine not healthy")
            async with gateway.client.get(gateway.url + "/healthz") as got:
                assert (got.status, await got.json()) == (200, {"status": "ok"})
        engine = FakeEngine(whole(b"{}"), health=503)
        async with engine.running():
            async with running_gateway(engine.url) as gateway:
                assert await ready(gateway) == (503, "engine not healthy")
            engine.health = 200
            async with running_gateway(engine.url) as gateway:
                assert await ready(gateway) == (200, "ready")

    asyncio.run(run())


def test_the_engine_is_asked_at_most_once_a_second():
    """Twenty probes at once are one question; a second later the next one is."""

    async def run() -> None:
        now = 50.0
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), fleet_of(engine.url) as fleet:
            readiness = Readiness(fleet, Drain(), clock=lambda: now)
            assert set(await asyncio.gather(*(readiness.obstacle() for _ in range(20)))) == {None}
            assert engine.health_probes == 1
            engine.health, now = 500, 50.9
            assert await readiness.obstacle() is None
            now = 51.0
            assert await readiness.obstacle() == "engine not healthy"
            assert engine.health_probes == 2

    asyncio.run(run())


def test_while_it_drains_a_stream_finishes_and_new_requests_are_refused():
    """After SIGTERM: /readyz 503, a new request 503 with Retry-After, the running stream complete, then the end."""

    async def run() -> None:
        script, gate = gated(EVENTS[0], EVENTS[1:])
        engine = FakeEngine(script)
        async with engine.running(), running_gateway(engine.url) as gateway:
            stream = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
            assert await stream.content.readany() == EVENTS[0]
            assert await ready(gateway) == (200, "ready")
            gateway.server.handle_exit(signal.SIGTERM, None)
            async with asyncio.timeout(5):
                while await ready(gateway) != (503, "shutting down"):  # noqa: ASYNC110 the signal is seen at a tick
                    await asyncio.sleep(0.02)
            async with gateway.client.post(gateway.url + "/v1/completions", data=b"{}") as refused:
                assert (refused.status, refused.headers["retry-after"]) == (503, "1")
                assert (await refused.json())["error"]["code"] == "shutting_down"
            assert not gateway.server.should_exit
            gate.set()
            assert await stream.read() == b"".join(EVENTS[1:])
            async with asyncio.timeout(5):
                while not gateway.server.should_exit:  # noqa: ASYNC110 uvicorn offers a flag and no event
                    await asyncio.sleep(0.02)

    asyncio.run(run())


def test_a_stream_that_outlives_the_drain_ends_with_an_error_event():
    """At the end of the drain the client hears why, and the engine stops."""

    async def run() -> None:
        engine = FakeEngine(events(EVENTS, gap_seconds=30))
        async with engine.running(), running_gateway(engine.url, BERTH_DRAIN_SECONDS="0.3") as gateway:
            stream = await gateway.client.post(gateway.url + "/v1/completions", data=b"{}")
            await stream.content.readany()
            gateway.server.handle_exit(signal.SIGTERM, None)
            event = (await stream.read()).strip()
            assert json.loads(event.removeprefix(b"data: "))["error"]["code"] == "shutting_down"
            await asyncio.wait_for(engine.left.wait(), 1)

    asyncio.run(run())


def test_the_process_serves_and_ends_on_sigterm_with_0():
    """`python -m gateway`, as the image runs it: every line on stdout is JSON, and the last one is its EMF report."""

    async def run() -> None:
        engine = FakeEngine(whole(b'{"usage":{"prompt_tokens":7,"completion_tokens":3}}'))
        async with engine.running():
            port = free_port()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-W", "error", "-m", "gateway"),
                env=process_environment(BERTH_UPSTREAM_URL=engine.url, BERTH_PORT=str(port)),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            answer = await _first_answer(port)
            process.send_signal(signal.SIGTERM)
            stdout, stderr = await asyncio.wait_for(process.communicate(), 10)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert (process.returncode, stderr) == (0, b"")
        lines = [json.loads(line) for line in stdout.splitlines()]
        (report,) = [line for line in lines if "_aws" in line]
        assert (report["Requests"], report["TokensIn"], report["TokensOut"]) == (1, 7, 3)

    asyncio.run(run())


def test_a_wrong_environment_ends_the_process_with_2_and_all_problems():
    """The task stops at once with lines that name each variable; a plain key in place of its hash is not shown."""
    variables = process_environment(BERTH_CLIENT_KEYS='{"a": "sk-plain"}', BERTH_PORT="0")
    done = subprocess.run([sys.executable, "-m", "gateway"], env=variables, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    port, keys = done.stderr.decode().splitlines()
    assert port == "gateway: BERTH_PORT: '0' is not allowed; set it to a port from 1 to 65535"
    assert keys.startswith("gateway: BERTH_CLIENT_KEYS: the value of 'a' is not a SHA-256 (64 hex digits); ")
    assert "sk-plain" not in keys


async def _first_answer(port: int) -> bytes:
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
            continue
        writer.write(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer
    pytest.fail("the gateway did not listen within 10 s")
