"""The cost ceiling of a service."""

from __future__ import annotations

import pytest

MODEL_SERVICE = "berth:index:ModelService"


def estimate(**changes):
    return {"costEstimate": {"floor": 600, "expected": 700, "max": 1400, **changes}}


def test_a_service_below_its_ceilings_passes(pack):
    """Nothing is said about what is allowed."""
    assert pack("dev").resource(MODEL_SERVICE, estimate()) == []


def test_a_service_above_its_ceiling_is_refused(pack):
    """The message has both sides and what to do."""
    assert pack("dev").resource(MODEL_SERVICE, estimate(expected=1500.5)) == [
        (
            "mandatory service-cost-ceiling: chat: 1,500.50 USD per month at expected load exceeds the ceiling of "
            "1,500.00; choose a smaller GPU or fewer replicas, or raise maxExpectedUsdPerMonth in policies/config"
        )
    ]


def test_the_worst_month_has_a_ceiling_of_its_own(pack):
    """All replicas all month is what an attacker or a loop can cause."""
    assert pack("dev").resource(MODEL_SERVICE, estimate(max=9000)) == [
        (
            "mandatory service-cost-ceiling: chat: 9,000.00 USD per month at all replicas, all month exceeds the "
            "ceiling of 1,500.00; choose a smaller GPU or fewer replicas, or raise maxUsdPerMonth in policies/config"
        )
    ]


def test_the_ceiling_itself_is_allowed(pack):
    """A ceiling is the largest allowed cost."""
    assert pack("dev").resource(MODEL_SERVICE, estimate(expected=1500, max=1500)) == []


def test_each_environment_has_its_own_ceiling(pack):
    """What dev refuses, prod allows."""
    assert pack("prod").resource(MODEL_SERVICE, estimate(expected=1500.5, max=9000)) == []


@pytest.mark.parametrize("props", [{}, {"costEstimate": {}}, estimate(expected=None)])
def test_an_unknown_cost_is_refused(pack, props):
    """Unknown is never zero: missing estimate, missing figure and null are violations."""
    said = pack("dev").resource(MODEL_SERVICE, props)
    assert said[0] == (
        "mandatory service-cost-ceiling: chat: the cost per month at expected load is unknown, so no ceiling holds; "
        "`berth plan` shows which price or load is missing"
    )


def test_a_cost_that_preview_does_not_know_is_reported_by_the_sdk(pack, unknown):
    """The rule says neither yes nor no; the SDK's own message says that it could not run."""
    said = pack("dev").resource(MODEL_SERVICE, estimate(expected=unknown))
    assert len(said) == 1
    assert said[0].startswith("advisory service-cost-ceiling: can't run policy")


def test_other_resources_are_not_its_business(pack):
    """Only the component has an estimate."""
    assert pack("dev").resource("aws:ecs/cluster:Cluster", {"name": "x"}) == []
