"""What does a spec ask for that a target does not do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from components.plan.ecs.effects import ECS_EFFECTS
from components.plan.effects import NOTED, Effect
from components.plan.exemptions import EXEMPTION_EFFECTS
from components.plan.runpod.effects import RUNPOD_EFFECTS
from components.plan.sagemaker.effects import SAGEMAKER_EFFECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Note, Plan, Target
    from components.spec.service import ServiceSpec

EFFECTS: Mapping[Target, Mapping[str, Effect]] = {
    "ecs": ECS_EFFECTS,
    "sagemaker": SAGEMAKER_EFFECTS,
    "runpod": RUNPOD_EFFECTS,
}
INFORMING = frozenset({"load", "load.peak_concurrency", "model.shape", "model.token_secret", *EXEMPTION_EFFECTS})
"""Fields that a note alone answers, and that are honoured all the same: the note says what follows from them."""

_OF_A_GATEWAY = frozenset(
    {"gateway.fallback", "gateway.templates", "gateway.cors_origins", "gateway.log_prompts", "gateway.hold_seconds"}
)
_OF_A_WORKER = _OF_A_GATEWAY - {"gateway.hold_seconds"} | {"runpod.client_keys_secret"}
"""What the gateway in a worker behind RunPod's load balancer does."""
_PARTLY: Mapping[Target, frozenset[str]] = {
    "ecs": frozenset({"gateway.hold_seconds"}),
    "sagemaker": frozenset({"gateway.max_request"}) | _OF_A_GATEWAY,
    "runpod": _OF_A_GATEWAY,
}
"""Fields that a target honours in part, or with a front alone, and notes."""
_GROUPS_OF_A_FRONT = ("gateway.", "network.")
_KEPT = frozenset({"gateway.max_request"})
"""What the platform behind a front decides all the same."""


def unhonoured(spec: ServiceSpec, plan: Plan) -> tuple[Note, ...]:
    """Return the notes of a plan that say what its target leaves out of this spec.

    A field that the spec does not set is one that nobody asked for, unless the plan warns about its default.
    """
    left_out = _left_out(plan.target)
    if plan.runpod is not None and plan.gateway is not None:
        left_out -= _OF_A_WORKER
    if plan.front is not None:
        left_out = frozenset(path for path in left_out if path in _KEPT or not path.startswith(_GROUPS_OF_A_FRONT))
    return tuple(
        note for note in plan.notes if note.field in left_out and (note.level == "warning" or is_set(spec, note.field))
    )


def _left_out(target: Target) -> frozenset[str]:
    noted = {path for path, effect in EFFECTS[target].items() if effect.part == NOTED}
    return frozenset(noted - INFORMING) | _PARTLY[target]


def is_set(spec: ServiceSpec, path: str) -> bool:
    """Tell whether a spec sets a field, to its default or to something else."""
    below: object = spec
    for name in path.split("."):
        if not isinstance(below, BaseModel) or name not in below.model_fields_set:
            return False
        below = getattr(below, name)
    return True
