"""A stack of a pull request, with the real CLI: made from its template, found when its time is over, and removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.deployment import Deployment

pytestmark = [pytest.mark.e2e, pytest.mark.story]
STACK = "pr-12"


def berth(deployment: Deployment, *arguments: str, code: int = 0) -> str:
    result = deployment.run("berth", "ci", *arguments, stack=STACK)
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout


def stacks(deployment: Deployment) -> set[str]:
    listed = deployment.run("pulumi", "stack", "ls", "--json", stack=STACK)
    assert listed.returncode == 0, listed.stderr
    return {one["name"].rpartition("/")[2] for one in json.loads(listed.stdout)}


def tags(deployment: Deployment) -> dict[str, Any]:
    found = deployment.run("pulumi", "stack", "tag", "ls", "--stack", STACK, "--json", stack=STACK)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_it_is_made_from_the_template_with_an_end(deployment: Deployment) -> None:
    """Asleep when nobody asks, parked when it costs too much; four hours from now it may go."""
    berth(deployment, "deploy", "--stack", STACK, "--from", "preview", "--ttl", "4h")
    assert STACK in stacks(deployment)
    found = tags(deployment)
    assert found["pr"] == "12"
    left = datetime.fromisoformat(found["ttl"]) - datetime.now(UTC)
    assert timedelta(hours=3, minutes=50) < left <= timedelta(hours=4)
    assert [one for one in deployment.client("ecs").list_clusters()["clusterArns"] if STACK in one]


def test_a_stack_whose_time_is_not_over_is_left(deployment: Deployment) -> None:
    """Nothing expired is nothing to remove."""
    berth(deployment, "cleanup")
    assert STACK in stacks(deployment)


def test_one_that_is_named_goes_with_all_that_it_has(deployment: Deployment) -> None:
    """No cluster, no function, no stack; and a second time there is nothing left to do."""
    berth(deployment, "cleanup", "--stack", STACK)
    assert STACK not in stacks(deployment)
    assert deployment.client("ecs").list_clusters()["clusterArns"] == []
    assert deployment.client("lambda").list_functions()["Functions"] == []
