"""Plans with a front, and how a stack of them is deployed under mocks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from components.gateway.upstream import Upstream
from components.network import Network
from components.plan.gateway import FrontPlan, KeyLimits
from components.service import ModelService
from components.tags import Tags
from tests.components.conftest import Made, Recorded, _run
from tests.components.example_plan import example_plan
from tests.components.sagemaker_plan import SagemakerAccount, sagemaker_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan.model import Plan

ENDPOINT = "4m7x2k9q"
RUNPOD_KEY = "runpod/api-key"


def with_front(plan: Plan, **changes: Any) -> Plan:
    """Return a plan behind a front that keeps its keys; keywords replace fields of the front."""
    own = example_plan()
    values: dict[str, Any] = {
        "gateway": replace(own.gateway, drain_seconds=110, usd_per_hour=0.9776, requests_per_replica=8),
        "network": replace(own.network),
        "vcpus": 0.5,
        "memory_mib": 1024,
        "replicas_min": 1,
        "replicas_max": 1,
        "hold_seconds": 0,
        "parked": False,
        "metrics_namespace": "Berth",
        "deregistration_seconds": 600,
        "stop_timeout_seconds": 120,
        "load_balancer_idle_seconds": 660,
        "log_retention_days": 30,
    }
    sidecar = plan.gateway and replace(plan.gateway, keys_secret=None)
    inside = plan.network and replace(plan.network, allowed_cidrs=())
    return replace(plan, gateway=sidecar, network=inside, front=FrontPlan(**{**values, **changes}))


def ecs_plan(**changes: Any) -> Plan:
    """Return a service on ECS behind a front."""
    return with_front(example_plan(), **{"metrics_namespace": "Berth/Front", **changes})


def endpoint_plan(service: str = "chat", **changes: Any) -> Plan:
    """Return a service on SageMaker behind a front."""
    return with_front(sagemaker_plan(service), **changes)


def counting(plan: Plan, *, protect: bool = False) -> Plan:
    """Return a plan whose front gives each key 20 USD a month."""
    front = plan.front
    assert front is not None
    gateway = replace(front.gateway, limits=KeyLimits(usd_per_month=20.0), protect_spending=protect)
    return replace(plan, front=replace(front, gateway=gateway))


def program(*plans: Plan, peers: dict[str, Upstream] | None = None) -> Callable[[], dict[str, Any]]:
    """Deploy plans as one stack does."""

    def deploy() -> dict[str, Any]:
        tags = Tags.checked({}, stack=plans[0].stack, environment="dev")
        lacking = [plan for plan in plans if plan.needs_network]
        network = Network("network", plans=lacking, tags=tags) if lacking else None
        return {
            plan.service: ModelService(
                plan.service,
                spec={"name": plan.service},
                plan=plan,
                network=network if plan.needs_network else None,
                peers=peers,
            ).outputs
            for plan in plans
        }

    return deploy


def recorded_of(*plans: Plan, account_class: type[SagemakerAccount] = SagemakerAccount, **given: Any) -> Recorded:
    """Return what a stack of plans registers."""
    recorded = Recorded()
    return _run(program(*plans, **given), account_class(recorded), recorded, plans[0].stack)


def untagged(made: Made) -> dict[str, Any]:
    """Return the inputs of a resource without its tags."""
    return {name: value for name, value in made.inputs.items() if name != "tags"}


def container(recorded: Recorded) -> dict[str, Any]:
    """Return the one container of the front's task."""
    task = recorded.of("TaskDefinition", "chat-front-task")
    [one] = json.loads(task.inputs["containerDefinitions"])
    return one


def config(recorded: Recorded) -> dict[str, Any]:
    """Return the document that the front is told."""
    [text] = [one["value"] for one in container(recorded)["environment"] if one["name"] == "BERTH_CONFIG"]
    return json.loads(text)


def statements(recorded: Recorded, role: str) -> list[dict[str, Any]]:
    """Return what the policy of a role allows."""
    return json.loads(recorded.of("RolePolicy", role).inputs["policy"])["Statement"]
