"""Services that are kept, and a stack of them deployed under mocks as the program does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from components.account import Account as AwsAccount
from components.keeper.component import Keeper
from components.keeper.document import starts_awake
from components.keeper.found import find_kept
from components.keeper.kept import Made
from components.network import Network
from components.plan.keeper import BudgetPlan, KeeperPlan
from components.service import ModelService
from components.tags import Tags
from tests.components.conftest import ACCOUNT, REGION, Recorded, _run
from tests.components.example_plan import example_plan
from tests.components.front_plan import with_front
from tests.components.runpod.conftest import _plan as runpod_plan
from tests.components.sagemaker_plan import SagemakerAccount, sagemaker_plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pulumi.runtime.mocks import MockResourceArgs

    from components.plan.model import Plan

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
"""A Monday, within the hours."""
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)
WEBHOOK, RUNPOD_KEY = "ops/webhook", "runpod/api-key"
URL = "https://abc123.lambda-url.us-east-1.on.aws/"


class KeeperAccount(SagemakerAccount):
    """The account of a test, with the secrets that a keeper reads, and the outputs of what it installs."""

    def __init__(self, recorded: Recorded) -> None:
        super().__init__(recorded)
        self.secrets |= {
            name: f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf" for name in (WEBHOOK, RUNPOD_KEY)
        }

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        identity, outputs = super().new_resource(args)
        more = {
            "aws:lambda/functionUrl:FunctionUrl": {"functionUrl": URL},
            "aws:sqs/queue:Queue": {"url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{args.inputs.get('name')}"},
            "pulumi-python:dynamic/runpod:Endpoint": {"requestUrls": {}},
        }
        return identity, {**outputs, **more.get(args.typ, {})}


def keeper_plan(**changes: Any) -> KeeperPlan:
    """Return how the example service is kept; keywords replace fields."""
    values: dict[str, Any] = {
        "min_replicas": 1,
        "max_replicas": 3,
        "start_seconds": 900,
        "power": "on",
        "hours": HOURS,
        "holidays": (),
        "start": "auto",
        "wake": "within_hours",
        "idle_seconds": 1800,
        "override_max_seconds": 43_200,
        "notify_before_seconds": 600,
        "usd_per_hour": {"g6.2xlarge": 0.9776},
        "fixed_usd_per_hour": 0.05,
        "owns_capacity": True,
    }
    return KeeperPlan(**{**values, **changes})


def budget_plan(**changes: Any) -> BudgetPlan:
    """Return what the example service may cost; keywords replace fields."""
    values: dict[str, Any] = {
        "monthly_usd": 400.0,
        "alert_at_percent": (80, 100),
        "forecast": True,
        "emails": ("ml@example.com",),
        "topics": (),
        "webhook_secret": None,
        "on_breach": "park",
        "grace_seconds": 1800,
    }
    return BudgetPlan(**{**values, **changes})


def ecs(service: str = "chat", stack: str = "dev", **keeper: Any) -> Plan:
    """Return a kept service on ECS; keywords replace fields of its keeper."""
    return replace(example_plan(service, stack), keeper=keeper_plan(**keeper))


def sagemaker(service: str = "chat", stack: str = "dev", **keeper: Any) -> Plan:
    """Return a kept service on SageMaker; keywords replace fields of its keeper."""
    return replace(sagemaker_plan(service, stack), keeper=keeper_plan(**keeper))


def runpod(service: str = "chat", key: str | None = RUNPOD_KEY, **keeper: Any) -> Plan:
    """Return a kept service on RunPod; keywords replace fields of its keeper."""
    return runpod_plan(api_key_secret=key, plan={"service": service, "keeper": keeper_plan(**keeper)})


def fronted(plan: Plan) -> Plan:
    """Return a service behind a front."""
    return with_front(plan)


def metered(plan: Plan) -> Plan:
    """Return a service that has a budget, and whose replicas are Pulumi's."""
    keeper = keeper_plan(hours=None, idle_seconds=None, owns_capacity=False)
    return replace(plan, keeper=keeper, budget=budget_plan(on_breach="alert"))


def off(plan: Plan) -> Plan:
    """Return a service whose power is off."""
    scaling = replace(plan.scaling, min_replicas=0, max_replicas=0)
    return replace(plan, power="off", scaling=scaling, keeper=replace(plan.keeper, power="off"))


def deploy(plans: Sequence[Plan], folder: Path, now: datetime) -> dict[str, Any]:
    """Deploy plans as the program of a stack does."""
    stack = plans[0].stack
    kept = find_kept(plans)
    tags = Tags.checked({}, stack=stack, environment="dev")
    account = AwsAccount.current(REGION, parent=None)
    keeper = Keeper("keeper", stack=stack, account=account, tags=tags, kept=kept, folder=folder) if kept else None
    lacking = [plan for plan in plans if plan.needs_network]
    network = Network("network", plans=lacking, tags=tags) if lacking else None
    made = {
        plan.service: ModelService(
            plan.service,
            spec={"name": plan.service},
            plan=plan,
            network=network if plan.needs_network else None,
            starts_awake=starts_awake(plan, now),
            keeper=keeper.kept_by(plan.service) if keeper else None,
        )
        for plan in plans
    }
    if keeper is not None:
        keeper.keep(
            {
                one.service: Made(made[one.service].keeper_details, made[one.service], made[one.service].listener_arn)
                for one in kept
            }
        )
    return {name: one.outputs for name, one in made.items()}


def recorded_of(*plans: Plan, folder: Path, now: datetime = NOON) -> Recorded:
    """Return what a stack of plans registers at a moment."""
    recorded = Recorded()
    return _run(lambda: deploy(plans, folder, now), KeeperAccount(recorded), recorded, plans[0].stack)
