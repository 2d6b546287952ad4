"""A spec on every target side by side: what each would run it on, what that costs by load, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from components.compare.comparison import Candidate
from components.compare.make import compare
from components.compare.money_rows import month_rows
from components.compare.remarks import remarks
from components.errors import SpecError
from components.plan import UNBUILT, Plan, make_plan
from components.spec import parse_spec
from tests.compare.conftest import IN_S3, TODAY, Compared

if TYPE_CHECKING:
    from components.compare.comparison import Column, Comparison


def _column(comparison: Comparison, target: str) -> Column:
    return next(column for column in comparison.columns if column.target == target)


def _hardware(comparison: Comparison) -> list[tuple[str, str]]:
    plans = [column.plan for column in comparison.columns]
    return [(plan.hardware.instance_type, plan.hardware.gpu) if plan else ("", "") for plan in plans]


def test_an_open_model_is_planned_on_all_three(qwen: dict[str, Any], compared: Compared) -> None:
    """The same GPU under each platform's own name."""
    assert _hardware(compared(qwen)) == [
        ("g6e.xlarge", "L40S"),
        ("ml.g6e.xlarge", "L40S"),
        ("ADA_48_PRO", "L40S"),
    ]


def test_a_gated_model_is_planned_on_all_three_with_an_override(llama: dict[str, Any], compared: Compared) -> None:
    """TGI has no room for 16,384 tokens on an L4, so SageMaker has another GPU; its column says what it got."""
    comparison = compared(llama, overrides={"sagemaker": IN_S3})
    assert _hardware(comparison) == [("g6.2xlarge", "L4"), ("ml.g6e.xlarge", "L40S"), ("AMPERE_24", "L4")]
    assert _column(comparison, "sagemaker").differs == ("model",)


def test_a_70b_model_needs_a_card_of_96_gb(llama_70b: dict[str, Any], compared: Compared) -> None:
    """70 billion parameters in 8 bit beside their cache: one RTX PRO 6000 everywhere."""
    comparison = compared(llama_70b, overrides={"sagemaker": IN_S3})
    assert [gpu for _, gpu in _hardware(comparison)] == ["RTX-PRO-6000"] * 3
    assert _hardware(comparison)[2][0] == "BLACKWELL_96"


def test_what_the_first_month_costs_besides_is_a_row_of_its_own(qwen: dict[str, Any], compared: Compared) -> None:
    """Only ECS fetches and keeps anything; outside of floor, expected and max."""
    comparison = compared(qwen)
    rows = {row.label: row.cells for row in month_rows(comparison.columns)}
    ecs = comparison.columns[0].plan
    assert ecs is not None
    assert list(rows) == ["floor", "expected", "max", "one-off", "asleep"]
    assert rows["one-off"] == (f"{ecs.cost.once:.2f}", "0.00", "0.00")
    assert ecs.cost.once == 3.06


def test_a_target_that_refuses_is_a_column_with_its_reasons(llama: dict[str, Any], compared: Compared) -> None:
    """SageMaker cannot hide a Hugging Face token; the others are compared all the same."""
    comparison = compared(llama)
    refused = _column(comparison, "sagemaker")
    assert (refused.plan, refused.at_loads, refused.limits) == (None, (), ())
    assert refused.refusal[0].startswith("llama-3-1-8b: model.source: hub is not possible on SageMaker")
    assert [column.target for column in comparison.planned] == ["ecs", "runpod"]


def test_as_many_at_once_as_the_smallest_gpu_of_the_pools_holds(llama: dict[str, Any], compared: Compared) -> None:
    """RunPod may start a worker on an A5000: its column has the number of its plan, not that of the L4."""
    column = _column(compared(llama, {"accelerators": "auto"}), "runpod")
    assert column.plan is not None
    at_once = next(limit.text for limit in column.limits if limit.name == "at once")
    assert column.plan.engine.environment["MAX_NUM_SEQS"] == at_once.partition(" ")[0] == "15"


def test_a_front_answers_callers_on_every_target(qwen: dict[str, Any], compared: Compared) -> None:
    """Its keys, its stream and its answer while asleep; what a platform takes besides is still said."""
    front = {"gateway": {"front": True, "keys_secret": "acme/keys"}, "runpod": {"api_key_secret": "acme/runpod"}}
    comparison = compared(qwen, {**front, "engine": {"kind": "vllm"}})
    for target, also in (("ecs", ""), ("sagemaker", ", or AWS credentials"), ("runpod", ", or a key of the RunPod")):
        column = _column(comparison, target)
        said = {limit.name: limit.text for limit in column.limits}
        assert said["callers"].startswith(f"a key of acme/keys{also}")
        assert said["streaming"] == "server-sent events, OpenAI's API"
        assert column.sleep is not None
        assert column.sleep.callers.startswith("503 from the front")


def test_hardware_that_no_target_has_is_refused_by_each(qwen: dict[str, Any], compared: Compared) -> None:
    """A T4 cannot hold 18 GiB of weights anywhere; nothing is recommended."""
    comparison = compared(qwen, {"accelerators": ["T4"]})
    assert comparison.planned == ()
    assert comparison.recommendation.target is None
    assert comparison.recommendation.text == "none: every target refuses this spec"


def test_costs_are_those_of_a_plan_for_that_load(qwen: dict[str, Any], compared: Compared) -> None:
    """Nothing is extrapolated: a third and three times are planned anew."""
    column = _column(compared(qwen), "ecs")
    for factor, at in zip((1 / 3, 1, 3), column.at_loads, strict=True):
        load = {**qwen["load"], "requests_per_hour": qwen["load"]["requests_per_hour"] * factor}
        plan = make_plan(
            parse_spec({**qwen, "load": load}, "chat.yaml"),
            target="ecs",
            stack="dev",
            region="us-east-1",
            images=UNBUILT,
            today=TODAY,
        )
        assert at.usd_per_month == plan.cost.expected
        assert at.usd_per_million_tokens == plan.cost.usd_per_million_tokens


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_a_brief_plan_decides_and_costs_the_same(target: Any, qwen: dict[str, Any]) -> None:
    """Loads are planned briefly: without cheaper hardware and break-evens, and equal in all else."""

    def plan(*, brief: bool) -> Plan:
        return make_plan(
            parse_spec(qwen, "chat.yaml"),
            target=target,
            stack="dev",
            region="us-east-1",
            images=UNBUILT,
            today=TODAY,
            brief=brief,
        )

    full, short = plan(brief=False), plan(brief=True)
    assert short.remedies == ()
    assert short.apis is not None
    assert {row.break_even_million_tokens for row in short.apis.rows} == {None}
    assert replace(full, remedies=(), apis=None) == replace(short, apis=None)


def test_a_load_beyond_the_replicas_is_served_in_part(qwen: dict[str, Any], compared: Compared) -> None:
    """One replica at most and a hundred times the load: the same price as when it is full, for a small share."""
    change = {"scaling": {"max_replicas": 1}, "load": {"requests_per_hour": 30_000}}
    at = _column(compared(qwen, change), "ecs").at_loads[2]
    assert not at.is_served
    assert at.served_share is not None
    assert 0 < at.served_share < 0.1
    assert at.mean_replicas == 1


def test_requests_while_asleep_are_not_held_against_a_target(qwen: dict[str, Any], compared: Compared) -> None:
    """A schedule leaves nights out on purpose: what comes in its hours is served, and that is all of it."""
    schedule = {"schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"}}
    comparison = compared(qwen, schedule)
    at = _column(comparison, "ecs").at_loads[1]
    assert at.served_share == pytest.approx(1)
    assert comparison.missed_share == pytest.approx(1 - 60 / 168)


def test_a_parked_spec_is_compared_awake_and_that_is_said(qwen: dict[str, Any], compared: Compared) -> None:
    """Parked it would cost the same at every load; the amounts are those of the same spec awake."""
    parked = compared(qwen, {"power": "off"})
    assert [column.differs for column in parked.columns] == [("power: on, what parking leaves is in asleep",)] * 3
    assert [column.at_loads for column in parked.columns] == [column.at_loads for column in compared(qwen).columns]


def test_asleep_costs_what_the_plan_of_a_parked_service_says(qwen: dict[str, Any], compared: Compared) -> None:
    """On ECS load balancer and network stay; on SageMaker next to nothing; on RunPod a volume, if there is one."""
    comparison = compared(qwen)
    asleep = {column.target: column.sleep.usd_per_month for column in comparison.columns if column.sleep}
    assert asleep["runpod"] == 0
    assert asleep["sagemaker"] is not None
    assert asleep["ecs"] is not None
    assert asleep["sagemaker"] < 1 < asleep["ecs"] < 100


def test_a_parked_spec_is_compared_awake(qwen: dict[str, Any], compared: Compared) -> None:
    """Otherwise every load would cost the same nothing."""
    parked, awake = compared(qwen, {"power": "off"}), compared(qwen)
    assert [c.at_loads for c in parked.columns] == [c.at_loads for c in awake.columns]


def test_an_unknown_region_is_refused_as_a_whole(qwen: dict[str, Any], compared: Compared) -> None:
    """No column would mean anything."""
    with pytest.raises(
        SpecError, match=r"^region: us-east-11 is not a region of the catalogue; did you mean us-east-1"
    ):
        compared(qwen, region="us-east-11")


def test_an_unknown_target_and_none_at_all_are_refused(qwen: dict[str, Any]) -> None:
    """With what there is."""
    spec = parse_spec(qwen, "chat.yaml")
    with pytest.raises(SpecError, match=r"^--targets: lambda is not a target; use one of: ecs, runpod, sagemaker$"):
        compare([Candidate("lambda", spec)], region="us-east-1", today=TODAY)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=r"^--targets: names none"):
        compare([], region="us-east-1", today=TODAY)


def test_limits_have_the_same_names_in_the_same_order(qwen: dict[str, Any], compared: Compared) -> None:
    """They stand side by side, so each row is one kind of limit."""
    names = {tuple(limit.name for limit in column.limits) for column in compared(qwen).columns}
    assert len(names) == 1


def test_limits_are_those_of_the_platforms(qwen: dict[str, Any], compared: Compared) -> None:
    """Longest answer, size of a request, and whether a service can have no replica."""
    comparison = compared(qwen, {"gateway": {"max_request": "20m"}})
    found = {column.target: {limit.name: limit.text for limit in column.limits} for column in comparison.columns}
    assert found["ecs"]["longest answer"] == "20m, streamed or not (gateway.max_request, 1h at most)"
    assert found["sagemaker"]["longest answer"] == "60s, or longer when it is streamed"
    assert found["runpod"]["longest answer"] == "20m from when a worker takes it; 24h in the queue"
    assert (found["ecs"]["request body"], found["sagemaker"]["request body"]) == ("16 MiB", "6 MiB")
    assert [found[target]["fewest replicas"][0] for target in ("ecs", "sagemaker", "runpod")] == ["1", "1", "0"]
    assert all(limit.source for column in comparison.columns for limit in column.limits)


def test_stale_prices_are_said_below_the_table(qwen: dict[str, Any]) -> None:
    """A comparison that is made in February 2027 names the table of July 2026, in the words of the plan."""
    candidates = [Candidate("ecs", parse_spec(qwen, "chat.yaml"))]
    late = compare(candidates, region="us-east-1", today=date(2027, 2, 1))
    numbers = next(remark for remark in remarks(late) if remark.title == "Numbers")
    assert numbers.lines[1] == "ECS: prices are of 2026-07-06, more than 180 days old: compare with the AWS price list"
