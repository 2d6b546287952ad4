from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import SpecError
from components.plan import UNBUILT, StackImages
from components.plan.ecs.numbers import health_interval_seconds
from components.plan.ecs.startup import MOST_SECONDS, startup_budget
from components.sizing.range import Range

Planner = "Callable[..., Plan]"
DIGEST = "@sha256:" + "1" * 64


def test_the_numbers_of_the_example(llama: dict[str, Any], plan: Planner) -> None:
    """Limits, timeouts and percentages of Llama 3.1 8B on g6.2xlarge in environment dev."""
    ecs = plan(llama).ecs
    assert ecs is not None
    assert (ecs.engine_memory_mib, ecs.engine_memory_reservation_mib) == (29_737, 28_201)
    assert (ecs.gateway_memory_mib, ecs.gateway_memory_reservation_mib, ecs.weight_cache_memory_mib) == (
        1024,
        512,
        2048,
    )
    assert ecs.shared_memory_mib == 2048
    assert (ecs.health_start_period_seconds, ecs.health_retries, ecs.health_interval_seconds) == (300, 10, 72)
    assert (ecs.engine_stop_timeout_seconds, ecs.gateway_stop_timeout_seconds) == (620, 610)
    assert ecs.weight_cache_start_timeout_seconds == 900
    assert (ecs.engine_start_timeout_seconds, ecs.health_check_grace_seconds) == (1020, 2194)
    assert (ecs.root_volume_gib, ecs.root_volume_throughput_mib_s) == (100, 500)
    assert (ecs.deployment_minimum_percent, ecs.deployment_maximum_percent, ecs.instances_max) == (0, 100, 3)
    assert (ecs.log_retention_days, ecs.load_balancer_idle_seconds) == (30, 660)
    assert ecs.protect_weight_cache is False
    assert ecs.ami_id is None


def test_the_stages_of_a_start_add_up(llama: dict[str, Any], plan: Planner) -> None:
    """Instance, image, weights and engine make the whole, each with what it follows from."""
    result = plan(llama)
    assert [(stage.name, stage.seconds) for stage in result.startup] == [
        ("instance", 110),
        ("image", 200),
        ("weights", 52),
        ("load", 36),
        ("warm-up", 35),
    ]
    assert result.startup_seconds == 433
    assert result.startup[2].basis == "15.0 GiB from EFS at 300 MiB/s"


@given(st.integers(min_value=1, max_value=MOST_SECONDS), st.integers(min_value=0, max_value=MOST_SECONDS))
def test_health_checks_cover_any_start_that_is_possible(seconds: int, more: int) -> None:
    """Start period and retries last at least the budget, within the limits of the API, for every start."""
    budget = startup_budget(Range(seconds, seconds, seconds + more))
    interval = health_interval_seconds(budget)
    assert min(seconds + more, MOST_SECONDS) <= budget <= 300 + 10 * interval
    assert 10 <= interval <= 300


@pytest.mark.parametrize("max_request", ["30s", "10m", "1h"])
def test_timeouts_are_nested(llama: dict[str, Any], plan: Planner, max_request: str) -> None:
    """The engine outlives the gateway, which outlives the drain; the load balancer waits longer than a request."""
    result = plan(llama, {"gateway": {"max_request": max_request}})
    ecs = result.ecs
    assert ecs is not None
    drain = result.gateway.drain_seconds
    assert drain < ecs.gateway_stop_timeout_seconds < ecs.engine_stop_timeout_seconds
    assert result.gateway.max_request_seconds < ecs.load_balancer_idle_seconds <= 4000
    assert int(result.engine.environment["VLLM_ENGINE_READY_TIMEOUT_S"]) >= result.startup_seconds
    assert f"--shutdown-timeout={drain}" in result.engine.arguments


def test_prod_surges_and_protects_its_cache(llama: dict[str, Any], plan: Planner) -> None:
    """In prod a deployment has one instance of room and no gap; a spec may choose the other way in both."""
    prod = plan(llama, {"environment": "prod"}).ecs
    assert prod is not None
    assert (prod.deployment_minimum_percent, prod.deployment_maximum_percent, prod.instances_max) == (100, 200, 6)
    assert prod.protect_weight_cache is True
    recreate = plan(llama, {"environment": "prod", "ecs": {"deployment": "recreate"}}).ecs
    assert recreate is not None
    assert (recreate.deployment_minimum_percent, recreate.deployment_maximum_percent) == (0, 100)
    surge = plan(llama, {"ecs": {"deployment": "surge"}}).ecs
    assert surge is not None
    assert surge.instances_max == 6
    assert (prod.wait_for_deployment, recreate.wait_for_deployment) == (True, False)
    assert prod.deployment_timeout_seconds > 3 * prod.engine_start_timeout_seconds


@pytest.mark.parametrize(
    ("least", "most", "percent", "instances"), [(1, 1, 200, 2), (2, 2, 150, 3), (2, 4, 150, 6), (3, 3, 134, 4)]
)
def test_a_surge_has_room_for_every_task_that_it_starts(
    llama: dict[str, Any], plan: Planner, least: int, most: int, percent: int, instances: int
) -> None:
    """At least one task more than wanted at any count, and an instance for each that ECS may start."""
    scaling = {"min_replicas": least, "max_replicas": most}
    ecs = plan(llama, {"ecs": {"deployment": "surge"}, "scaling": scaling}).ecs
    assert ecs is not None
    assert (ecs.deployment_maximum_percent, ecs.instances_max) == (percent, instances)
    for count in range(least, most + 1):
        assert count < count * percent // 100 <= instances


def test_several_gpus_share_more_memory(llama: dict[str, Any], plan: Planner) -> None:
    """The memory that processes share grows with the GPUs of a replica."""
    ecs = plan(llama, {"accelerators": ["L4:4"]}).ecs
    assert ecs is not None
    assert ecs.shared_memory_mib == 16_384


def test_the_quota_that_is_needed_is_noted(llama: dict[str, Any], plan: Planner) -> None:
    """Instances at most times their vCPUs."""
    texts = [note.text for note in plan(llama).notes]
    assert (
        "the account needs an on-demand quota of 24 vCPUs for G instances (L-DB2E81BA in Service Quotas; "
        "a new account has 0)" in texts
    )


@pytest.mark.parametrize(
    ("arguments", "change", "problem"),
    [
        ({"target": "esc"}, {}, "llama-3-1-8b: target: esc is not a target; did you mean ecs?"),
        (
            {"region": "us-east-3"},
            {},
            (
                "llama-3-1-8b: region: us-east-3 is not a region of the catalogue; use one of: "
                "ap-northeast-1, ap-south-1, ap-southeast-1, ap-southeast-2, ca-central-1, eu-central-1, eu-north-1, "
                "eu-west-1, eu-west-2, us-east-1, us-east-2, us-west-2"
            ),
        ),
        (
            {},
            {"scaling": {"min_replicas": 0}},
            (
                "llama-3-1-8b: scaling.min_replicas: 0 is not possible on ecs: scaling cannot bring back the last "
                "replica, of which there is no metric; use 1 or more, and idle: {after: 30m}, with which the keeper "
                "stops and wakes all of them"
            ),
        ),
        (
            {},
            {
                "network": {
                    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
                    "domain": "llm.example.com",
                }
            },
            (
                "llama-3-1-8b: network.certificate_arn: arn:aws:acm:eu-west-1:123456789012:certificate/1 is not in "
                "us-east-1, where the load balancer is; request a certificate in us-east-1"
            ),
        ),
        (
            {"images": StackImages("gateway:1", f"weights{DIGEST}")},
            {"environment": "prod"},
            (
                "berth:images.engine: vllm/vllm-openai:v0.33.0 has no digest, which environment prod asks for; resolve "
                "it with `docker buildx imagetools inspect vllm/vllm-openai:v0.33.0` and append @sha256:DIGEST\n"
                "berth:images.gateway: gateway:1 has no digest, which environment prod asks for; resolve it with "
                "`docker buildx imagetools inspect gateway:1` and append @sha256:DIGEST"
            ),
        ),
    ],
)
def test_what_the_target_refuses(
    llama: dict[str, Any], plan: Planner, arguments: dict[str, Any], change: dict[str, Any], problem: str
) -> None:
    """A spec that is right by itself can still be wrong for a target, a region or an environment."""
    with pytest.raises(SpecError) as caught:
        plan(llama, change, **arguments)
    assert str(caught.value) == problem


def test_all_refusals_of_a_target_come_together(llama: dict[str, Any], plan: Planner) -> None:
    """Two things that the target refuses are two problems of one error."""
    with pytest.raises(SpecError) as caught:
        plan(llama, {"scaling": {"min_replicas": 0}}, region="nowhere")
    assert [problem.place for problem in caught.value.problems] == [
        "llama-3-1-8b: region",
        "llama-3-1-8b: scaling.min_replicas",
    ]


def test_the_plan_is_a_value(llama: dict[str, Any], plan: Planner) -> None:
    """The same spec gives an equal plan, and another stack name changes nothing else."""
    first, second = plan(llama), plan(llama)
    assert first == second
    assert replace(plan(llama, stack="dev"), stack="local") == first


def test_nothing_is_deployed_from_an_unbuilt_plan_so_no_digest_is_asked_for(
    llama: dict[str, Any], plan: Planner
) -> None:
    """`berth plan` shows a prod spec before its images exist."""
    result = plan(llama, {"environment": "prod"}, images=UNBUILT)
    assert result.engine.image == "vllm/vllm-openai:v0.33.0"
