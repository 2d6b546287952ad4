from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.spec.document import merged
from tests.plan.sagemaker.field_changes import LLAMA_IN_S3

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

BASES: dict[str, dict[str, Any]] = {
    "ecs": {},
    "sagemaker": {"model": LLAMA_IN_S3},
    "runpod": {"runpod": {"token_secret": "huggingface_token", "api_key_secret": "runpod/api-key"}},
}


@pytest.fixture
def on(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan the example spec on a target, with changes of group `gateway` and others."""

    def on_(target: str, gateway: dict[str, Any] | None = None, **changes: Any) -> Plan:
        arguments = {name: changes.pop(name) for name in ("region", "images") if name in changes}
        base = merged(llama, BASES[target])
        return plan(base, {**changes, "gateway": gateway or {}}, target=target, **arguments)

    return on_


@pytest.fixture
def front(on: Callable[..., Plan]) -> Callable[..., Plan]:
    """Plan the example spec on a target with a front."""
    return lambda target, gateway=None, **changes: on(target, {"front": True, **(gateway or {})}, **changes)
