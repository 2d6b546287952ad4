"""How are jobs of a queue endpoint answered? The environment of the handler, read once and checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runpod_worker.config import ENGINE_URL, WHOLE
from runpod_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class QueueConfig:
    """Everything that the handler is told from outside."""

    engine_url: str
    engine_health_path: str
    routes: tuple[str, ...]
    """Prefixes of the engine's routes that jobs may ask for."""
    model: str | None
    """Filled in where a job names no model; None: the engine decides."""
    max_concurrency: int
    """Jobs at once."""
    max_request_seconds: int


def load_queue_config(environment: Mapping[str, str]) -> QueueConfig:
    """Read the variables of the handler.

    Raises:
        ConfigError: with every problem found, joined by "; ".
    """
    values = {name: value.strip() for name, value in environment.items()}
    problems: list[str] = []

    def number(name: str, default: int) -> int:
        text = values.get(name, "") or str(default)
        if not WHOLE.fullmatch(text) or int(text) == 0:
            problems.append(f"{name}: {text!r} is not a whole number of at least 1")
            return default
        return int(text)

    routes = tuple(values.get("BERTH_ROUTES", "").split(",") if values.get("BERTH_ROUTES") else ["/v1/"])
    if not all(route.startswith("/") for route in routes):
        problems.append(f"BERTH_ROUTES: {','.join(routes)!r} are not paths with commas between, as /v1/,/tokenize")
    config = QueueConfig(
        engine_url=values.get("BERTH_ENGINE_URL", "") or ENGINE_URL,
        engine_health_path=values.get("BERTH_ENGINE_HEALTH_PATH", "") or "/health",
        routes=routes,
        model=values.get("BERTH_MODEL_NAME") or None,
        max_concurrency=number("BERTH_MAX_CONCURRENCY", 30),
        max_request_seconds=number("BERTH_MAX_REQUEST_SECONDS", 600),
    )
    if problems:
        raise ConfigError("; ".join(problems))
    return config
