"""Services that somebody keeps: what the tests of their plans begin with, on each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.plan.sagemaker.field_changes import LLAMA_IN_S3

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
OFFICE: dict[str, Any] = {"schedule": {"hours": HOURS}}
IDLE: dict[str, Any] = {"idle": {"after": "30m"}}
BASES: dict[str, dict[str, Any]] = {
    "ecs": {},
    "sagemaker": {"model": LLAMA_IN_S3},
    "runpod": {
        "engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"},
        "runpod": {"token_secret": "hf", "api_key_secret": "runpod/key"},
        "accelerators": ["L4", "RTX-4090"],
    },
}


def notes(plan: Plan, *fields: str) -> list[str]:
    """What the plan says about these fields."""
    return [f"{note.level}: {note.field}: {note.text}" for note in plan.notes if note.field in fields]
