"""What is decided for a front: who keeps keys and limits, where it listens, how large it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.errors import PlanError
from components.plan.front.size import STREAMS_PER_VCPU, front_size
from components.plan.gateway import Fallback, KeyLimits, Template
from components.plan.model import NetworkPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]

TARGETS = ("ecs", "sagemaker", "runpod")
LIMITS: dict[str, Any] = {
    "requests_per_minute": 60,
    "tokens_per_minute": 90_000,
    "concurrency": 4,
    "usd_per_month": 25.0,
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
PUBLIC: dict[str, Any] = {
    "exposure": "public",
    "certificate_arn": CERTIFICATE,
    "domain": "llm.example.com",
    "allowed_cidrs": ["198.51.100.0/24"],
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_front_keeps_keys_and_limits_on_every_target(front: Planner, target: str) -> None:
    """What the spec says of clients is the front's, whatever runs behind it."""
    template = {"system": "Brief.", "parameters": {"seed": 7}}
    gateway = front(
        target,
        {
            **LIMITS,
            "fallback": [
                {
                    "url": "https://api.groq.com/openai/v1",
                    "key_secret": "groq/key",
                    "usd_per_million_input": 0.05,
                    "usd_per_million_output": 0.08,
                }
            ],
            "templates": {"support": template},
            "cors_origins": ["https://app.example.com"],
            "log_prompts": True,
        },
    ).front.gateway
    assert gateway.keys_secret == "berth/client-keys"
    assert gateway.limits == KeyLimits(60, 90_000, 4, 25.0)
    assert gateway.fallback == (Fallback("https://api.groq.com/openai/v1", None, None, "groq/key", 0.05, 0.08),)
    assert gateway.templates == {"support": Template("Brief.", {"seed": 7})}
    assert gateway.cors_origins == ("https://app.example.com",)
    assert gateway.log_prompts


@pytest.mark.parametrize("target", TARGETS)
def test_without_a_front_there_is_none(on: Planner, target: str) -> None:
    """Nobody gets a load balancer that was not asked for."""
    assert on(target).front is None


def test_beside_the_engine_a_gateway_keeps_the_limits_itself(on: Planner) -> None:
    """On ECS the limits need no front."""
    made = on("ecs", LIMITS)
    assert made.gateway.limits == KeyLimits(60, 90_000, 4, 25.0)
    assert made.gateway.counts_spending


def test_behind_a_front_the_gateway_of_an_engine_is_open_to_the_front_alone(front: Planner) -> None:
    """It stays, as it counts requests in flight and keeps the engine on loopback; keys and limits are the front's."""
    made = front("ecs", LIMITS, network=PUBLIC)
    assert (made.gateway.keys_secret, made.gateway.limits, made.gateway.fallback) == (None, KeyLimits(), ())
    assert made.network == NetworkPlan(None, (), (), "internal", None, None, ())
    assert made.front.network == NetworkPlan(
        None, (), (), "public", CERTIFICATE, "llm.example.com", ("198.51.100.0/24",)
    )


@pytest.mark.parametrize(("target", "namespace"), [("ecs", "Berth/Front"), ("sagemaker", "Berth"), ("runpod", "Berth")])
def test_a_front_does_not_disturb_the_metric_that_moves_replicas(front: Planner, target: str, namespace: str) -> None:
    """Autoscaling on ECS takes the mean over all publishers; elsewhere the front is the only one."""
    assert front(target).front.metrics_namespace == namespace


@pytest.mark.parametrize("target", TARGETS)
def test_a_front_needs_the_network_of_the_stack_unless_one_is_given(front: Planner, target: str) -> None:
    """SageMaker and RunPod need none by themselves."""
    assert front(target).needs_network
    given = {"id": "vpc-1a", "private_subnet_ids": ["subnet-1a", "subnet-2a"], "public_subnet_ids": ["subnet-3a"]}
    made = front(target, network={"vpc": given})
    assert not made.needs_network
    assert made.front.network.vpc_id == "vpc-1a"
    assert made.front.network.private_subnet_ids == ("subnet-1a", "subnet-2a")
    assert made.front.network.public_subnet_ids == ("subnet-3a",)


@pytest.mark.parametrize("target", ["sagemaker", "runpod"])
def test_without_a_front_no_network_is_made_for_these(on: Planner, target: str) -> None:
    """A NAT gateway that nobody uses costs 36 USD a month."""
    assert not on(target).needs_network


def test_prod_has_two_tasks_in_two_zones(front: Planner) -> None:
    """One zone may go; elsewhere one task is enough. What keys have spent outlives a destroy of prod."""
    digest = f"x@sha256:{'0' * 64}"
    prod = front("ecs", environment="prod", engine={"image": digest}).front
    assert (prod.replicas_min, prod.gateway.protect_spending) == (2, True)
    dev = front("ecs").front
    assert (dev.replicas_min, dev.gateway.protect_spending) == (1, False)


def test_a_front_keeps_its_size_while_the_service_is_parked(front: Planner) -> None:
    """Parking must not replace the task that answers meanwhile; it is told that nobody will wake the service."""
    awake, parked = front("ecs").front, front("ecs", power="off").front
    assert (parked.vcpus, parked.replicas_max) == (awake.vcpus, awake.replicas_max)
    assert (awake.parked, parked.parked) == (False, True)


def test_the_times_of_a_front_are_those_that_fargate_has(front: Planner) -> None:
    """Answers run on for 600 s behind the load balancer; between SIGTERM and SIGKILL Fargate leaves 120 s."""
    made = front("ecs", {"max_request": "30m"}).front
    assert made.deregistration_seconds == 600
    assert (made.gateway.drain_seconds, made.stop_timeout_seconds) == (110, 120)
    assert made.load_balancer_idle_seconds == 1860
    assert front("ecs", {"max_request": "30s"}).front.gateway.drain_seconds == 30


def test_a_gateway_knows_the_price_of_what_is_behind_it(on: Planner, front: Planner) -> None:
    """Beside an engine there is one replica; before several, scaling aims at 8 requests in flight on each."""
    beside, before = on("ecs").gateway, front("ecs").front.gateway
    assert (beside.usd_per_hour, beside.requests_per_replica) == (0.9776, None)
    assert (before.usd_per_hour, before.requests_per_replica) == (0.9776, 8)
    assert front("ecs", scaling={"max_replicas": 1}).front.gateway.requests_per_replica is None
    fixed = front("ecs", scaling={"min_replicas": 2, "max_replicas": 2}).front.gateway
    assert fixed.requests_per_replica == 16
    worker = front("runpod")
    assert worker.front.gateway.usd_per_hour == worker.hardware.usd_per_hour


def test_money_is_not_counted_at_an_unknown_price(front: Planner) -> None:
    """A limit that could never be reached is none."""
    with pytest.raises(PlanError) as caught:
        front("ecs", {"usd_per_month": 5}, region="eu-west-2")
    assert str(caught.value).startswith(
        "llama-3-1-8b: gateway.usd_per_month: nobody publishes the price of g6.2xlarge in eu-west-2, so nothing can be"
    )


@pytest.mark.parametrize(
    ("streams", "least", "expected"),
    [
        (0, 1, (0.25, 512, 1, 1)),
        (32, 1, (0.25, 512, 1, 1)),
        (33, 1, (0.5, 1024, 1, 1)),
        (128, 1, (1.0, 2048, 1, 1)),
        (129, 1, (1.0, 2048, 1, 2)),
        (64, 2, (0.25, 512, 2, 2)),
        (65, 2, (0.5, 1024, 2, 2)),
        (1000, 2, (1.0, 2048, 2, 8)),
    ],
)
def test_a_front_grows_in_size_before_it_grows_in_number(
    streams: int, least: int, expected: tuple[float, int, int, int]
) -> None:
    """128 answers at once for each vCPU; one process cannot use more than one."""
    size = front_size(streams, least)
    assert (size.vcpus, size.memory_mib, size.replicas_min, size.replicas_max) == expected
    assert size.replicas_max * size.vcpus * STREAMS_PER_VCPU >= streams
