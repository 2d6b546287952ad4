from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.spec.document import merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

DIGEST = "@sha256:" + "0" * 64


@pytest.fixture
def on_runpod(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan Llama 3.1 8B on RunPod, with changes merged into its spec."""

    def plan_(change: dict[str, Any] | None = None, **arguments: Any) -> Plan:
        image = {"image": f"runpod/worker-v1-vllm{DIGEST}"}
        spec = {**llama, "engine": image, "runpod": {"token_secret": "huggingface_token"}}
        return plan(merged(spec, change or {}), target="runpod", **arguments)

    return plan_


@pytest.fixture
def qwen(plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan Qwen3 8B, which needs no token, on RunPod; keywords are groups of its spec."""

    def plan_(**groups: Any) -> Plan:
        spec = {"name": "chat", "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}}
        return plan(merged(spec, groups), target="runpod")

    return plan_
