from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.plan import Plan

Planner = "Callable[..., Plan]"


def _warnings(plan: Plan) -> list[tuple[str, str]]:
    return [(note.field, note.text) for note in plan.notes if note.level == "warning"]


def test_the_example_has_no_warning(llama: dict[str, Any], plan: Planner) -> None:
    """A complete spec is planned without a warning."""
    assert _warnings(plan(llama)) == []


def test_warnings_come_first(llama: dict[str, Any], plan: Planner) -> None:
    """Notes are sorted: warnings, then by field."""
    notes = plan(llama, {"gateway": {"keys_secret": None}, "model": {"revision": None}}).notes
    levels = [note.level for note in notes]
    assert levels == sorted(levels, reverse=True)
    assert [note.field for note in notes[:2]] == ["gateway.keys_secret", "model.revision"]


def test_a_stale_price_table_is_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """Prices of July 2026 are stale in February 2027."""
    assert _warnings(plan(llama, today=date(2027, 2, 1))) == [
        ("", "prices are of 2026-07-06, more than 180 days old: compare with the AWS price list")
    ]


def test_a_load_that_the_replicas_cannot_carry_is_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """A peak beyond the cache, and a rate beyond the replicas, are named with both numbers."""
    warnings = dict(_warnings(plan(llama, {"load": {"peak_concurrency": 100, "requests_per_hour": 9000}})))
    assert warnings == {
        "load.peak_concurrency": "100 requests at once, 48 fit the cache of 3 replicas on L4: "
        "raise scaling.max_replicas",
        "load.requests_per_hour": "needs about 9 replicas, scaling.max_replicas is 3",
    }


def test_a_target_beyond_the_cache_is_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """Scaling that aims at more requests than fit lets them wait inside a replica."""
    assert _warnings(plan(llama, {"scaling": {"target": 40}})) == [
        (
            "scaling.target",
            "40 requests in flight are aimed at, 16 fit the cache of a replica: the others wait inside it",
        )
    ]


def test_defaults_are_noted(llama: dict[str, Any], plan: Planner) -> None:
    """What the plan chose for an omitted field is said."""
    result = plan(llama, {"model": {"max_context_tokens": None}, "scaling": {"target": None}})
    texts = {note.field: note.text for note in result.notes}
    assert texts["model.max_context_tokens"] == (
        "not given: 21504 tokens, the longest that fits L4 (the model's own is 131072)"
    )
    assert texts["scaling.target"] == "not given: 11, of 16 that fit the cache"
    assert result.scaling.target == 11


def test_expected_replicas_follow_the_load(llama: dict[str, Any], plan: Planner) -> None:
    """1,200 requests an hour need two L4 replicas at eight requests in flight, and the estimate says so."""
    result = plan(llama)
    gpu = result.cost.lines[0]
    assert (gpu.floor, gpu.expected, gpu.max) == (713.65, 1427.3, 2140.94)
    assert (
        "the expected load, spread evenly, needs 1 to 2 replicas: a roofline gives each 754 to 1,257 requests an hour"
        in result.cost.assumptions
    )


def test_a_fixed_number_of_replicas_needs_no_load(plan: Planner) -> None:
    """When the number cannot change, the expected cost is known without a load."""
    cost = plan({"name": "chat", "model": {"id": "Qwen/Qwen3-8B"}}).cost
    assert cost.lines[0].floor == cost.lines[0].expected == cost.lines[0].max
    assert cost.usd_per_million_tokens is None
    assert cost.unknowns == ()
