"""The keeper's document of a service, and how a service that is new begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from components.errors import PlanError
from components.keeper.document import config_of, starts_awake
from components.keeper.runtime.config import Budget, KeeperConfig
from tests.components.example_plan import example_plan
from tests.components.keeper.kept_stack import HOURS, NIGHT, NOON, budget_plan, ecs, keeper_plan, off, runpod, sagemaker


def test_a_document_says_all_that_was_planned():
    """Each field of the plan under its own name, the target's details, and where notices go."""
    plan = replace(ecs(holidays=("2026-12-24..2027-01-01",), start="manual", wake="any_time"), budget=budget_plan())
    assert config_of(plan, {"cluster": "c"}, {"topic_arn": "t"}) == KeeperConfig(
        stack="dev",
        service="chat",
        target="ecs",
        region="us-east-1",
        min_replicas=1,
        max_replicas=3,
        start_seconds=900,
        power="on",
        hours=HOURS,
        holidays=("2026-12-24..2027-01-01",),
        start="manual",
        wake="any_time",
        idle_seconds=1800,
        override_max_seconds=43_200,
        notify_before_seconds=600,
        budget=Budget(400.0, "park", 1800),
        usd_per_hour={"g6.2xlarge": 0.9776},
        fixed_usd_per_hour=0.05,
        details={"cluster": "c"},
        notify={"topic_arn": "t"},
    )


@pytest.mark.parametrize("plan", [ecs(), sagemaker(), runpod()])
def test_the_keeper_reads_what_the_stack_writes(plan):
    """And agrees with the plan about who owns the replicas."""
    config = config_of(plan, {"name": "x"})
    assert KeeperConfig.parse(config.to_json()) == config
    assert config.owns_capacity is plan.keeper.owns_capacity


@pytest.mark.parametrize("plan", [example_plan(), replace(example_plan(), keeper=keeper_plan(), target="local")])
def test_without_a_keeper_there_is_no_document(plan):
    """A service that nothing keeps, or that runs on this machine."""
    with pytest.raises(PlanError) as error:
        config_of(plan, {})
    assert str(error.value) == "chat: nothing keeps it, so there is nothing to tell a keeper"


@pytest.mark.parametrize(
    ("plan", "now", "awake"),
    [
        (ecs(), NOON, True),
        (ecs(), NIGHT, False),
        (ecs(start="manual"), NOON, False),
        (ecs(hours="never"), NOON, False),
        (ecs(hours="always"), NIGHT, True),
        (ecs(hours=None), NIGHT, True),
        (ecs(holidays=("2026-11-23",)), NOON, False),
        (ecs(owns_capacity=False, hours=None), NIGHT, True),
        (off(ecs()), NOON, False),
        (example_plan(), NIGHT, True),
        # 29 March 2026, 00:30 UTC: in Berlin it is 01:30, and at 03:00 the window opens.
        (ecs(hours="Sun 03:00-05:00 Europe/Berlin"), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), False),
        (ecs(hours="Sun 03:00-05:00 Europe/Berlin"), datetime(2026, 3, 29, 1, 0, tzinfo=UTC), True),
    ],
)
def test_what_is_new_begins_as_the_hours_say(plan, now, awake):
    """Awake within them, or where there are none and the power is on."""
    assert starts_awake(plan, now) is awake
