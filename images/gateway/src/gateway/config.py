"""What was this gateway told to do? The environment, read once and checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from gateway.keys import ClientKeys, KeysError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024
HIGHEST_PORT = 65535
HOST_AND_PORT_ONLY = ("", "/")


class ConfigError(Exception):
    """The environment cannot be used; `problems` holds one line for each variable that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class GatewayConfig:
    """Everything the gateway is told from outside; nothing else reads the environment."""

    stack: str
    service: str
    upstream_url: str
    """Scheme, host and port of the engine, without a path and without a slash at the end."""
    model_name: str
    max_request_seconds: float
    """From a request's first byte in to its answer's last byte out."""
    drain_seconds: float
    """How long running answers may go on after SIGTERM."""
    port: int
    metrics_namespace: str
    max_body_bytes: int
    client_keys: ClientKeys | None
    """None leaves the gateway open to everybody who can reach it."""


def load_config(environment: Mapping[str, str]) -> GatewayConfig:
    """Read the `BERTH_*` variables.

    Raises:
        ConfigError: with every problem found, not only the first.
    """
    read = _Reader(environment)
    config = GatewayConfig(
        stack=read.value("BERTH_STACK", _text, "", "the name of the stack"),
        service=read.value("BERTH_SERVICE", _text, "", "the name of the service"),
        upstream_url=read.value("BERTH_UPSTREAM_URL", _origin, "", "http://host:port of the engine, without a path"),
        model_name=read.value("BERTH_MODEL_NAME", _text, "", "the model's name as clients send it"),
        max_request_seconds=read.value("BERTH_MAX_REQUEST_SECONDS", _positive, 0.0, "seconds, more than 0"),
        drain_seconds=read.value("BERTH_DRAIN_SECONDS", _not_negative, 0.0, "seconds, 0 or more"),
        port=read.value("BERTH_PORT", _port, 0, "a port from 1 to 65535", default="8080"),
        metrics_namespace=read.value(
            "BERTH_METRICS_NAMESPACE", _text, "", "a CloudWatch namespace such as Berth", default="Berth"
        ),
        max_body_bytes=read.value(
            "BERTH_MAX_BODY_BYTES", _count, 0, "a whole number of bytes, 1 or more", default=str(DEFAULT_MAX_BODY_BYTES)
        ),
        client_keys=read.client_keys("BERTH_CLIENT_KEYS"),
    )
    if read.problems:
        raise ConfigError(read.problems)
    return config


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def value(self, name: str, parse: Callable[[str], T], fallback: T, allowed: str, default: str | None = None) -> T:
        """Parse one variable; a problem is noted and `fallback` keeps the types whole until it is raised."""
        raw = self._environment.get(name, default)
        if raw is None:
            self.problems.append(f"{name}: not set; set it to {allowed}")
            return fallback
        try:
            return parse(raw.strip())
        except ValueError:
            self.problems.append(f"{name}: {raw!r} is not allowed; set it to {allowed}")
            return fallback

    def client_keys(self, name: str) -> ClientKeys | None:
        raw = self._environment.get(name)
        if raw is None:
            return None
        try:
            return ClientKeys.parse(raw)
        except KeysError as error:
            self.problems.append(f"{name}: {error}")
            return None


def _text(raw: str) -> str:
    if not raw:
        raise ValueError
    return raw


def _origin(raw: str) -> str:
    url = urlsplit(raw)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment or "@" in url.netloc:
        raise ValueError
    if url.path not in HOST_AND_PORT_ONLY or url.port == 0:
        raise ValueError
    return f"{url.scheme}://{url.netloc}"


def _not_negative(raw: str) -> float:
    seconds = float(raw)
    if not 0 <= seconds < float("inf"):
        raise ValueError
    return seconds


def _positive(raw: str) -> float:
    seconds = _not_negative(raw)
    if seconds == 0:
        raise ValueError
    return seconds


def _count(raw: str) -> int:
    number = int(raw)
    if number < 1:
        raise ValueError
    return number


def _port(raw: str) -> int:
    number = _count(raw)
    if number > HIGHEST_PORT:
        raise ValueError
    return number
