"""Does the reference page say what the models say?"""

from __future__ import annotations

from pathlib import Path

from components.plan.ecs.effects import ECS_EFFECTS
from components.plan.reference import COMMAND, PAGE, fields_of, written_into
from components.spec import ServiceSpec

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_models_say() -> None:
    """A changed docstring, bound or effect must reach the page."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written_into(page) == page, f"{PAGE} is stale; run `{COMMAND}`"


def test_every_field_says_what_it_does_on_ecs() -> None:
    """A new field needs an effect, a removed one leaves none behind."""
    assert sorted(ECS_EFFECTS) == sorted(fields_of(ServiceSpec))


def test_the_page_has_bounds_defaults_and_forms() -> None:
    """One row of each kind."""
    lines = (ROOT / PAGE).read_text(encoding="utf-8").splitlines()
    assert (
        "| `max_request` | Longest time one request may take. | text, as `30m` | 10m. "
        "| Gateway's limit, idle time of the load balancer, drain. |"
    ) in lines
    assert any(
        line.startswith("| `max_replicas` | Replicas at the greatest load. | whole number ≥ 1, ≤ 100 ")
        for line in lines
    )
