"""How does the process end while it answers? As it runs in the image, with real signals."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_ecs_agent import FakeEcsAgent
from fake_engine import FakeEngine, gated, whole
from processes import ended, free_port, gateway_process, wait_until_ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

FIRST = b'data: {"choices":[{"text":"a"}]}\n\n'
LAST = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\ndata: [DONE]\n\n'


@dataclass
class Streaming:
    """A process in the middle of an answer, and the client's side of it."""

    process: Process
    port: int
    gate: asyncio.Event
    """Set, the engine goes on."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    engine: FakeEngine

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)


async def ask(port: int, path: str = "/v1/completions") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}" % path.encode())
    return reader, writer


async def answer(port: int, path: str) -> bytes:
    reader, writer = await ask(port, path)
    got = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return got


async def until(port: int, status: bytes) -> bytes:
    """The first answer of /readyz with that status: a signal is seen at the next tick."""
    async with asyncio.timeout(10):
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            got = await reader.read()
            writer.close()
            if got.startswith(b"HTTP/1.1 " + status):
                return got
            await asyncio.sleep(0.02)


@asynccontextmanager
async def streaming(**variables: str) -> AsyncIterator[Streaming]:
    """A process that has passed on an answer's first event; it is killed if the test leaves it running."""
    script, gate = gated(FIRST, [LAST])
    engine, port = FakeEngine(script), free_port()
    async with engine.running():
        process = await gateway_process(port, engine.url, **variables)
        try:
            await wait_until_ready(port)
            reader, writer = await ask(port)
            head = await reader.readuntil(FIRST + b"\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            yield Streaming(process, port, gate, reader, writer, engine)
            writer.close()
        finally:
            gate.set()
            if process.returncode is None:
                process.kill()
                await process.communicate()


def lines_of(stdout: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_an_idle_process_ends_at_once():
    """Nothing to wait for: exit code 0 within seconds, with a budget of a minute."""

    async def run() -> None:
        engine, port = FakeEngine(whole(b"{}")), free_port()
        async with engine.running():
            process = await gateway_process(port, engine.url, BERTH_DRAIN_SECONDS="60")
            await wait_until_ready(port)
            began = time.monotonic()
            process.terminate()
            code, stdout, stderr = await ended(process)
            assert (code, stderr, time.monotonic() - began < 5) == (0, b"", True)
            assert "draining" in [line.get("message") for line in lines_of(stdout)]

    asyncio.run(run())


def test_a_stream_ends_in_full_while_new_requests_are_refused():
    """SIGTERM: 503 with Retry-After for what is new, the running answer to its last byte, its counts, exit code 0."""

    async def run() -> None:
        async with streaming(BERTH_DRAIN_SECONDS="30") as running:
            running.terminate()
            assert b'"shutting down"' in await until(running.port, b"503")
            refused = await answer(running.port, "/v1/completions")
            assert refused.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 1" in refused
            assert b'"code": "shutting_down"' in refused
            running.gate.set()
            assert LAST in await asyncio.wait_for(running.reader.read(), 10)
            code, stdout, stderr = await ended(running.process)
        assert (code, stderr) == (0, b"")
        requests = [line for line in lines_of(stdout) if line.get("message") == "request"]
        assert [(line["status"], line["outcome"]) for line in requests] == [(503, "shutting_down"), (200, "complete")]
        (report,) = [line for line in lines_of(stdout) if "_aws" in line]
        assert (report["Requests"], report["TokensIn"], report["TokensOut"]) == (1, 7, 3)

    asyncio.run(run())


def test_what_outlives_the_budget_ends_with_an_error_event():
    """After `drain_seconds` the client hears why in whole events, the engine stops, the process exits with 0."""

    async def run() -> None:
        async with streaming(BERTH_DRAIN_SECONDS="0.5") as running:
            began = time.monotonic()
            running.terminate()
            rest = await asyncio.wait_for(running.reader.read(), 10)
            assert rest.endswith(b"\r\n0\r\n\r\n")
            event = rest.partition(b"data: ")[2].partition(b"\n\n")[0]
            assert json.loads(event)["error"]["code"] == "shutting_down"
            assert b"[DONE]" not in rest
            code, stdout, stderr = await ended(running.process)
            assert (code, stderr, 0.5 < time.monotonic() - began < 6) == (0, b"", True)
            await asyncio.wait_for(running.engine.left.wait(), 5)
        (line,) = [line for line in lines_of(stdout) if line.get("message") == "request"]
        assert (line["status"], line["outcome"], line["tokens_out"], line["tokens_estimated"]) == (
            200,
            "shutdown",
            1,
            True,
        )

    asyncio.run(run())


def test_a_second_signal_does_not_wait():
    """Whoever sends it twice means it: the connection is cut, the process is gone long before its budget."""

    async def run() -> None:
        async with streaming(BERTH_DRAIN_SECONDS="60", BERTH_MAX_REQUEST_SECONDS="120") as running:
            running.terminate()
            await until(running.port, b"503")
            began = time.monotonic()
            running.terminate()
            code, _, _ = await ended(running.process)
            assert (code, time.monotonic() - began < 5) == (0, True)
            assert b"[DONE]" not in await running.reader.read()

    asyncio.run(run())


def test_ecs_protects_the_task_while_it_streams():
    """The agent is asked while an answer runs, and the process ends on SIGTERM as it does elsewhere."""

    async def run() -> None:
        async with FakeEcsAgent().running() as agent, streaming(ECS_AGENT_URI=agent.url) as running:
            async with asyncio.timeout(10):
                while not agent.asked:  # noqa: ASYNC110 the agent is another server
                    await asyncio.sleep(0.05)
            assert agent.asked[0] == {"ProtectionEnabled": True, "ExpiresInMinutes": 1}
            running.terminate()
            running.gate.set()
            await running.reader.read()
            code, _, stderr = await ended(running.process)
            assert (code, stderr) == (0, b"")

    asyncio.run(run())


def test_an_agent_that_refuses_changes_nothing_for_clients():
    """No permission: a warning in the log, and the answer is complete."""

    async def run() -> None:
        async with (
            FakeEcsAgent({"Reason": "AccessDenied"}, 400).running() as agent,
            streaming(ECS_AGENT_URI=agent.url) as running,
        ):
            async with asyncio.timeout(10):
                while not agent.asked:  # noqa: ASYNC110 the agent is another server
                    await asyncio.sleep(0.05)
            running.gate.set()
            assert LAST in await running.reader.read()
            running.terminate()
            code, stdout, _ = await ended(running.process)
        assert code == 0
        warnings = [line["message"] for line in lines_of(stdout) if line.get("level") == "warning"]
        assert "ECS does not protect this task while it answers; may its role ecs:UpdateTaskProtection?" in warnings

    asyncio.run(run())
