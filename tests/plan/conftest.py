from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from components.plan import StackImages, make_plan
from components.spec import parse_spec
from components.spec.document import merged
from tests.plan.kept import BASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

TODAY = date(2026, 11, 21)
DIGEST = "@sha256:" + "0" * 64


@pytest.fixture
def llama() -> dict[str, Any]:
    """Llama 3.1 8B in 16 bit on L4, as the example spec has it."""
    return {
        "name": "llama-3-1-8b",
        "model": {
            "id": "meta-llama/Llama-3.1-8B-Instruct",
            "revision": "0e9e39f249a16976918f6564b8830bc894c89659",
            "token_secret": "huggingface/token",
            "max_context_tokens": 16384,
        },
        "accelerators": ["L4", "A10G", "L40S"],
        "load": {"requests_per_hour": 1200, "input_tokens": 1500, "output_tokens": 300, "peak_concurrency": 12},
        "scaling": {"min_replicas": 1, "max_replicas": 3, "target": 8},
        "gateway": {"keys_secret": "berth/client-keys"},
    }


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """Plan a spec given as a mapping, with changes merged into it."""

    def plan_(spec: dict[str, Any], change: dict[str, Any] | None = None, **arguments: Any) -> Plan:
        given = {
            "target": "ecs",
            "stack": "local",
            "region": "us-east-1",
            "images": StackImages(f"gateway{DIGEST}", f"weights{DIGEST}", f"vllm{DIGEST}", f"runpod-worker{DIGEST}"),
            "today": TODAY,
            **arguments,
        }
        return make_plan(parse_spec(merged(spec, change or {}), "chat.yaml"), **given)

    return plan_


@pytest.fixture
def on(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan the example spec on a target."""
    return lambda target, *changes: plan(_merged(llama, BASES[target], *changes), target=target)


def _merged(*parts: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        whole = merged(whole, part)
    return whole
