from __future__ import annotations

import re
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
    """Prices of July 2026 are stale in February 2027, those of APIs, read in October, in May."""
    of_aws = ("", "prices are of 2026-07-06, more than 180 days old: compare with the AWS price list")
    assert _warnings(plan(llama, today=date(2027, 2, 1))) == [of_aws]
    of_apis = ("", "prices of APIs are of 2026-10-07, more than 180 days old: compare with their price lists")
    assert _warnings(plan(llama, today=date(2027, 5, 1))) == [of_aws, of_apis]


def test_spot_prices_that_nobody_read_for_a_year_are_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """The table of spot prices is older than that on demand, and only who uses it is told."""
    spare = plan(llama, {"pricing": {"spot_percent": 50}, "scaling": {"min_replicas": 2}})
    assert _warnings(spare) == [
        (
            "",
            ("spot prices are of 2025-07-01, more than 180 days old: `berth catalogue refresh --only spot` asks EC2"),
        )
    ]


def test_a_load_that_the_replicas_cannot_carry_is_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """A peak beyond the cache, and a rate beyond the replicas, are named with both numbers."""
    warnings = dict(_warnings(plan(llama, {"load": {"peak_concurrency": 100, "requests_per_hour": 9000}})))
    assert warnings == {
        "load.peak_concurrency": "100 requests at once, 48 fit the cache of 3 replicas on L4, "
        "the others wait: raise scaling.max_replicas or choose a larger GPU",
        "load.requests_per_hour": "needs about 8 replicas, scaling.max_replicas is 3: requests pile up, "
        "and the cost per million tokens counts those that are served",
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
        "not given: 21,504 tokens, the longest that fits L4 (the model's own is 131,072)"
    )
    assert texts["scaling.target"] == "not given: 11 requests in flight per replica, of 16 that fit its cache"
    assert result.scaling.target == 11


def test_expected_replicas_follow_the_load(llama: dict[str, Any], plan: Planner) -> None:
    """1,200 requests an hour need two L4 replicas at eight requests in flight, and the estimate says so."""
    result = plan(llama)
    gpu = result.cost.lines[0]
    assert (gpu.floor, gpu.expected, gpu.max) == (713.65, 1427.3, 2140.94)
    assert result.cost.assumptions[-1].startswith(
        "the expected load, spread evenly, needs 1 to 2 replicas: with 8 requests in flight one should finish "
    )
    assert result.cost.assumptions[-1].endswith(" an hour (computed from bandwidth and arithmetic, not measured)")


def test_a_fixed_number_of_replicas_needs_no_load(plan: Planner) -> None:
    """When the number cannot change, the expected cost is known without a load."""
    cost = plan({"name": "chat", "model": {"id": "Qwen/Qwen3-8B"}}).cost
    assert cost.lines[0].floor == cost.lines[0].expected == cost.lines[0].max
    assert cost.usd_per_million_tokens is None
    assert cost.unknowns == ()


def test_a_domain_says_what_it_has_to_point_to(llama: dict[str, Any], plan: Planner) -> None:
    """The load balancer's own name, which no certificate holds for, is known after the deployment."""
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    result = plan(llama, {"network": {"certificate_arn": arn, "domain": "llm.example.com"}})
    texts = {note.field: note.text for note in result.notes}
    assert texts["network.domain"] == "make llm.example.com a CNAME of the output load_balancer"
    assert "network.domain" not in {note.field for note in plan(llama).notes}


def test_a_peak_that_only_more_replicas_hold_waits_for_their_start(llama: dict[str, Any], plan: Planner) -> None:
    """Between the fewest and the most replicas, the note says how long a sudden peak waits."""
    texts = {note.field: note.text for note in plan(llama, {"load": {"peak_concurrency": 40}}).notes}
    assert texts["load.peak_concurrency"] == (
        "40 requests at once, 16 fit the cache of 1 replica: a sudden peak waits about 7m13s for the next replica, "
        "unless scaling.min_replicas is raised"
    )


def test_without_a_load_the_assumed_length_is_said(plan: Planner) -> None:
    """What limits the requests at once is not hidden."""
    result = plan({"name": "chat", "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 16384}})
    texts = {note.field: note.text for note in result.notes}
    assert texts["load"] == (
        "not given: each request is taken to use 4,096 tokens, a quarter of the context, "
        "so a replica works on 5 at once"
    )
    assert "--max-num-seqs=5" in result.engine.arguments
    assert "scaling.target" not in texts


def test_a_start_near_the_limit_of_ecs_is_a_warning(plan: Planner) -> None:
    """Less than twice the estimate is left for a start of 51 minutes."""
    model = {"id": "meta-llama/Llama-3.1-405B-Instruct", "token_secret": "t", "quantization": "fp8"}
    warnings = dict(_warnings(plan({"name": "chat", "model": model})))
    assert warnings["model.id"] == (
        "a start takes about 50m43s, and ECS gives it up after 55m at most: a slow one fails"
    )


def test_weights_in_s3_have_no_commit_on_main(plan: Planner, llama: dict[str, Any]) -> None:
    """The note of a missing revision fits where the weights are."""
    model = {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None, "revision": None}
    warnings = dict(_warnings(plan(llama, {"model": model})))
    assert warnings["model.revision"] == (
        "not given: the weights are what the prefix holds at the first start; a later upload is not seen"
    )


def test_a_load_beyond_the_replicas_is_served_in_part(llama: dict[str, Any], plan: Planner) -> None:
    """Needed replicas are not capped in what is said; the price counts the tokens that three replicas finish."""
    cost = plan(llama, {"load": {"requests_per_hour": 100_000}}).cost
    assert re.match(r"the expected load, spread evenly, needs \d\d to \d{2,3} replicas: ", cost.assumptions[-1])
    three_full = plan(llama, {"load": {"requests_per_hour": 50_000}}).cost
    assert cost.usd_per_million_tokens == three_full.usd_per_million_tokens
    assert cost.expected == three_full.expected


def test_a_cooldown_below_the_start_is_a_warning_on_ecs_too(plan: Planner) -> None:
    """70 billion parameters start in a quarter of an hour, and scaling adds a replica every 10 minutes meanwhile."""
    spec = {"name": "chat", "model": {"id": "Qwen/Qwen2.5-72B-Instruct"}, "scaling": {"max_replicas": 2}}
    result = plan(spec)
    assert result.startup_seconds > 600
    assert dict(_warnings(result))["scaling.scale_out_cooldown"].startswith("10m is shorter than a start of about ")
    assert "scaling.scale_out_cooldown" not in dict(_warnings(plan(spec, {"scaling": {"scale_out_cooldown": "1h"}})))
    assert "scaling.scale_out_cooldown" not in dict(_warnings(plan(spec, {"scaling": {"max_replicas": 1}})))
