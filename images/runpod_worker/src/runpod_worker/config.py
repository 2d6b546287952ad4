"""Which engine is run, and who stands in front of it? The environment, read once and checked as a whole."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runpod_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOAD_BALANCER, QUEUE = "load_balancer", "queue"
VLLM = "vllm serve"
GATEWAY = "/opt/gateway/bin/python -m gateway"
HEALTH_SCRIPT = "/opt/engine/engine_health.py"
ENGINE_URL = "http://127.0.0.1:8000"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
OURS = re.compile(r"--(host|port|uds)(=.*)?")
WHOLE = re.compile(r"[0-9]{1,6}")
HIGHEST_PORT = 65535
ADVICE_ON_PORTS = "set PORT and PORT_HEALTH to two ports, as 8080 and 8081, and expose both (RunPod sets both to 80)"


@dataclass(frozen=True)
class WorkerConfig:
    """Everything that the supervisor is told from outside."""

    mode: str
    """`load_balancer` or `queue`."""
    engine_command: tuple[str, ...]
    """Empty: the engine is not ours to run, and listens already."""
    engine_url: str
    engine_health_path: str
    gateway_command: tuple[str, ...]
    port: int
    """Where the gateway listens, behind RunPod's load balancer."""
    health_port: int
    """Where RunPod asks whether this worker is ready."""
    health_path: str
    start_seconds: int
    """How long the engine may take to load."""
    drain_seconds: int
    """How long running answers may go on after SIGTERM."""
    health_script: Path
    expects_gpus: bool


def load_config(environment: Mapping[str, str], arguments: Sequence[str]) -> WorkerConfig:
    """Read the variables of a worker; `arguments` are the engine's.

    Raises:
        ConfigError: with every problem found, joined by "; ".
    """
    values = {name: value.strip() for name, value in environment.items()}
    problems: list[str] = []

    def number(name: str, default: int, most: int = 999_999) -> int:
        text = values.get(name, "")
        if text and (not WHOLE.fullmatch(text) or int(text) > most):
            problems.append(f"{name}: {text!r} is not a whole number up to {most}")
            return default
        return int(text) if text else default

    mode = values.get("BERTH_WORKER_MODE", "") or LOAD_BALANCER
    if mode not in {LOAD_BALANCER, QUEUE}:
        problems.append(f"BERTH_WORKER_MODE: {mode!r} is not {LOAD_BALANCER} or {QUEUE}")
    command = _words(values, "BERTH_ENGINE_COMMAND", VLLM, problems)
    url = values.get("BERTH_ENGINE_URL", "") or ENGINE_URL
    address = urlsplit(url)
    if address.scheme != "http" or address.hostname not in LOOPBACK or address.path.strip("/"):
        problems.append(f"BERTH_ENGINE_URL: {url!r} is not on this machine, as {ENGINE_URL}")
    if command == tuple(VLLM.split()):
        problems += [
            f"argument {argument!r}: the worker decides where vLLM listens; leave it out"
            for argument in arguments
            if OURS.fullmatch(argument)
        ]
        arguments = [*arguments, "--host", "127.0.0.1", "--port", str(_port(url))]
    config = WorkerConfig(
        mode=mode,
        engine_command=(*command, *arguments) if command else (),
        engine_url=url.rstrip("/"),
        engine_health_path=_path(values, "BERTH_ENGINE_HEALTH_PATH", "/health", problems),
        gateway_command=_words(values, "BERTH_GATEWAY_COMMAND", GATEWAY, problems),
        port=number("PORT", 8080, HIGHEST_PORT),
        health_port=number("PORT_HEALTH", 8081, HIGHEST_PORT),
        health_path=_path(values, "HEALTH_CHECK_PATH", "/ping", problems),
        start_seconds=number("BERTH_START_SECONDS", 1200),
        drain_seconds=number("BERTH_DRAIN_SECONDS", 60),
        health_script=Path(values.get("BERTH_HEALTH_SCRIPT", "") or HEALTH_SCRIPT),
        expects_gpus=bool(number("BERTH_EXPECT_GPUS", 0)),
    )
    if mode == LOAD_BALANCER and config.port == config.health_port:
        problems.append(f"PORT_HEALTH: {config.health_port} is the gateway's port too; {ADVICE_ON_PORTS}")
    if problems:
        raise ConfigError("; ".join(problems))
    return config


def _words(values: Mapping[str, str], name: str, default: str, problems: list[str]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(values.get(name, default)))
    except ValueError as error:
        problems.append(f"{name}: {error}; quote it as a shell would")
        return ()


def _path(values: Mapping[str, str], name: str, default: str, problems: list[str]) -> str:
    path = values.get(name, "") or default
    if not path.startswith("/"):
        problems.append(f"{name}: {path!r} is not a path such as {default}")
    return path


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 80
    except ValueError:
        return 0
