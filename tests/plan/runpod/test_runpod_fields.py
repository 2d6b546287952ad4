"""Do the fields that only RunPod reads, or reads in its own way, reach the plan?"""

from __future__ import annotations

from typing import Any

import pytest

from components.errors import BerthError
from components.plan import plan_dict
from components.plan.effects import REFUSAL
from components.plan.reference import fields_of
from components.plan.runpod.effects import RUNPOD_EFFECTS
from components.spec import ServiceSpec
from tests.plan.runpod.field_changes import RUNPOD_CHANGES

Planner = "Callable[..., Plan]"


def test_every_field_says_what_it_does_on_runpod() -> None:
    """A new field needs an effect, a removed one leaves none behind."""
    assert sorted(RUNPOD_EFFECTS) == sorted(fields_of(ServiceSpec))


@pytest.mark.parametrize("path", sorted(RUNPOD_CHANGES))
def test_a_field_reaches_the_part_of_the_plan_that_its_effect_names(on_runpod: Planner, path: str) -> None:
    """The spec before the change is accepted; after it the part differs, or the plan is refused."""
    before, after = RUNPOD_CHANGES[path]
    part, first = RUNPOD_EFFECTS[path].part, plan_dict(on_runpod(before))
    if part == REFUSAL:
        with pytest.raises(BerthError):
            on_runpod(after)
    else:
        assert _part(plan_dict(on_runpod(after)), part) != _part(first, part)


def _part(planned: dict[str, Any], path: str) -> object:
    below: Any = planned
    for name in path.split("."):
        below = below[name]
    return below
