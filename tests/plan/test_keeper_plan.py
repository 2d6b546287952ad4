"""What a plan hands to the keeper, on each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.catalogue.discounts import spot_factor
from components.errors import SpecError
from components.plan.keeper import BudgetPlan, KeeperPlan
from tests.plan.kept import BASES, HOURS, IDLE, OFFICE

if TYPE_CHECKING:
    from tests.plan.kept import Planner


def test_a_service_that_nobody_keeps_has_no_keeper(on: Planner) -> None:
    """Pulumi owns its replicas, and nothing is said of it."""
    made = on("ecs")
    assert (made.keeper, made.budget, made.is_kept) == (None, None, False)
    assert not [line for line in made.cost.lines if "keeper" in line.name]


def test_hours_and_their_defaults(on: Planner) -> None:
    """All that the keeper's document holds but names; 24.18 USD of a month are those that it costs asleep."""
    made = on("ecs", OFFICE)
    assert made.keeper == KeeperPlan(
        min_replicas=1,
        max_replicas=3,
        start_seconds=made.startup_seconds,
        power="on",
        hours=HOURS,
        holidays=(),
        start="auto",
        wake="within_hours",
        idle_seconds=None,
        override_max_seconds=43_200,
        notify_before_seconds=600,
        usd_per_hour={"g6.2xlarge": 0.9776},
        fixed_usd_per_hour=made.keeper.fixed_usd_per_hour if made.keeper else 0.0,
        owns_capacity=True,
    )
    assert made.budget is None
    assert made.is_kept


def test_every_field_of_the_spec_reaches_the_keeper(on: Planner) -> None:
    """In seconds, and in canonical texts."""
    given = {
        "hours": "mon-fri 08:00-20:00 Europe/Berlin",
        "holidays": ["2026-12-25", "2026-05-01"],
        "start": "manual",
        "wake": "any_time",
        "override_max": "3h",
        "notify_before": "0s",
    }
    kept = on("ecs", {"schedule": given}, IDLE).keeper
    assert kept is not None
    assert (kept.hours, kept.holidays, kept.start, kept.wake) == (
        HOURS,
        ("2026-05-01", "2026-12-25"),
        "manual",
        "any_time",
    )
    assert (kept.idle_seconds, kept.override_max_seconds, kept.notify_before_seconds) == (1800, 10_800, 0)


def test_what_it_costs_asleep_is_the_parked_estimate_without_what_is_shared(on: Planner) -> None:
    """Whatever the load; nothing that runs is in it."""
    made, parked = on("ecs", OFFICE), on("ecs", OFFICE, {"power": "off"})
    own = [line for line in parked.cost.lines if not line.shared]
    assert made.keeper is not None
    assert made.keeper.fixed_usd_per_hour == pytest.approx(sum(line.floor or 0 for line in own) / 730, abs=1e-6)
    assert {line.name for line in own if line.floor} == {
        "EFS storage",
        "load balancer",
        "alarms",
        "keeper metrics",
        "keeper alarms",
    }


def test_a_commitment_is_not_what_the_service_costs_asleep(on: Planner) -> None:
    """The account has it whether this service is there or not."""
    small = {**OFFICE, "accelerators": ["T4"], "model": {"id": "Qwen/Qwen2.5-3B-Instruct", "max_context_tokens": 4096}}
    kept = on("ecs", small).keeper
    with_plan = on("ecs", small, {"pricing": {"commitment": "1y_partial_upfront"}})
    committed = with_plan.keeper
    assert next(line.floor for line in with_plan.cost.lines if line.name == "GPU committed") == pytest.approx(
        0.6 * 0.526 * 730, abs=0.01
    )
    assert kept is not None
    assert committed is not None
    assert committed.fixed_usd_per_hour == kept.fixed_usd_per_hour


def test_all_alternatives_have_a_price(on: Planner) -> None:
    """SageMaker falls back to the next, RunPod serves from any pool; ECS deploys the first alone."""
    short = {**OFFICE, "model": {"max_context_tokens": 8192}}
    prices = {target: dict(kept.usd_per_hour) for target in BASES if (kept := on(target, short).keeper)}
    assert prices == {
        "ecs": {"g6.2xlarge": 0.9776},
        "sagemaker": {"ml.g6.xlarge": 1.1267, "ml.g5.xlarge": 1.408, "ml.g6e.xlarge": 2.6054},
        "runpod": {"AMPERE_24": 0.684, "ADA_24": 1.116},
    }


def test_spare_instances_are_metered_at_the_mean_price(on: Planner) -> None:
    """The keeper sees types, not how an instance is paid for."""
    full, half, all_spare = (
        on("ecs", OFFICE, {"pricing": {"spot_percent": percent}}).keeper for percent in (0, 50, 100)
    )
    assert full is not None
    assert half is not None
    assert all_spare is not None
    prices = [kept.usd_per_hour["g6.2xlarge"] for kept in (full, half, all_spare)]
    assert prices[0] > prices[1] > prices[2]
    assert prices[1] == pytest.approx((prices[0] + prices[2]) / 2, abs=1e-5)
    assert prices[2] == pytest.approx(0.9776 * (spot_factor("g6.2xlarge", "us-east-1") or 0), abs=1e-5)


@pytest.mark.parametrize(
    ("change", "owns"),
    [
        (OFFICE, True),
        (IDLE, True),
        ({"budget": {"monthly_usd": 900}}, True),
        ({"budget": {"monthly_usd": 900, "on_breach": "alert"}}, False),
        ({"budget": {"monthly_usd": 900}, "environment": "prod"}, False),
        ({"budget": {"monthly_usd": 900, "on_breach": "park"}, "environment": "prod"}, True),
    ],
)
def test_who_owns_the_replicas(on: Planner, change: dict[str, Any], owns: bool) -> None:
    """The keeper does as soon as it may stop the service; a budget that only tells leaves them to Pulumi."""
    made = on("ecs", change)
    assert made.keeper is not None
    assert made.keeper.owns_capacity is made.is_kept is owns


def test_a_service_whose_power_is_off_is_metered_alone(on: Planner) -> None:
    """It is parked by the deployment."""
    made = on("ecs", OFFICE, {"power": "off"})
    assert made.keeper is not None
    assert (made.keeper.power, made.keeper.max_replicas, made.is_kept) == ("off", 0, False)


def test_a_budget_with_everything(on: Planner) -> None:
    """As an AWS Budget, alarms and the keeper read it."""
    topic = "arn:aws:sns:us-east-1:123456789012:ml"
    notify = {"emails": ["ml@example.com"], "topics": [topic], "webhook_secret": "berth/hook"}
    given = {"monthly_usd": 900, "alert_at_percent": [100, 90], "forecast": False, "notify": notify, "grace": "1h"}
    assert on("ecs", {"budget": given}).budget == BudgetPlan(
        monthly_usd=900.0,
        alert_at_percent=(90, 100),
        forecast=False,
        emails=("ml@example.com",),
        topics=(topic,),
        webhook_secret="berth/hook",
        on_breach="park",
        grace_seconds=3600,
    )


def test_a_topic_of_another_region_is_refused(on: Planner) -> None:
    """Alarms reach topics of their own region alone."""
    topic = "arn:aws:sns:eu-west-1:123456789012:ml"
    with pytest.raises(SpecError) as caught:
        on("ecs", {"budget": {"monthly_usd": 900, "notify": {"topics": [topic]}}})
    assert str(caught.value) == (
        f"llama-3-1-8b: budget.notify.topics[0]: {topic} is not in us-east-1, and an alarm of CloudWatch tells topics "
        "of its own region alone; make one in us-east-1"
    )
