from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.spec.document import merged
from tests.plan.sagemaker.field_changes import LLAMA_IN_S3

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan


@pytest.fixture
def on_sagemaker(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan Llama 3.1 8B from S3 on SageMaker, with changes merged into its spec."""

    def plan_(change: dict[str, Any] | None = None, **arguments: Any) -> Plan:
        spec = merged(llama, {"model": LLAMA_IN_S3})
        return plan(merged(spec, change or {}), target="sagemaker", **arguments)

    return plan_


@pytest.fixture
def qwen(plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan Qwen3 8B from the Hub, which needs no token, on SageMaker; keywords are groups of its spec."""

    def plan_(region: str = "us-east-1", **groups: Any) -> Plan:
        spec = {"name": "chat", "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192}}
        return plan(merged(spec, groups), target="sagemaker", region=region)

    return plan_
