"""Parts that are built apart agree on the names between them."""

from __future__ import annotations

from pathlib import Path

from components import contracts

ROOT = Path(__file__).resolve().parents[2]


def source(folder: str) -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / folder).rglob("*.py")) if "tests" not in path.parts)


def test_the_gateway_publishes_the_metrics_of_the_contract() -> None:
    """The gateway imports nothing of components, so the names are compared here."""
    gateway = source("images/gateway")
    names = [*contracts.GatewayMetric, *contracts.METRIC_DIMENSIONS]
    assert [name for name in names if f'"{name}"' not in gateway] == []
