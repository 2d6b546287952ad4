"""How does a test run the gateway as the image does? `python -m gateway`, a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from running_gateway import environment

if TYPE_CHECKING:
    from asyncio.subprocess import Process

SOURCE = Path(__file__).parents[2] / "src"
# Below 32768, where systems begin to hand ports to connections; tests side by side count in thousands of their own.
PORTS = count(20_000 + os.getpid() % 12 * 1_000)
READY_SECONDS = 20
END_SECONDS = 20


def process_environment(**variables: str) -> dict[str, str]:
    """What the tests' own process has, without settings of another gateway."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BERTH_", "OTEL_", "ECS_"))}
    return {**inherited, **environment(**variables), "PYTHONPATH": str(SOURCE)}


def free_port() -> int:
    """A port that nothing listens on, another one with each call."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("the numbers do not end")


async def gateway_process(port: int, upstream_url: str, **variables: str) -> Process:
    """A process that will listen on `port`; every warning of Python's is an error."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-m", "gateway"),
        env=process_environment(BERTH_UPSTREAM_URL=upstream_url, BERTH_PORT=str(port), **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def wait_until_ready(port: int) -> None:
    """Until it answers /healthz.

    Raises:
        TimeoutError: when it does not within 20 s.
    """
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
                continue
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            await reader.read()
            writer.close()
            await writer.wait_closed()
            return


async def ended(process: Process) -> tuple[int, bytes, bytes]:
    """Its exit code and all that it wrote to stdout and stderr.

    Raises:
        TimeoutError: when it does not end within 20 s.
    """
    stdout, stderr = await asyncio.wait_for(process.communicate(), END_SECONDS)
    assert process.returncode is not None
    return process.returncode, stdout, stderr
