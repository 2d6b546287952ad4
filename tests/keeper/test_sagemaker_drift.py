"""What of a kept endpoint is drift, against an AWS that takes its time?"""

from __future__ import annotations

from typing import Any

import pytest

from components.keeper.drift.band import Band
from components.keeper.drift.sagemaker import foreign, sagemaker_drift
from components.keeper.runtime.errors import KeeperError
from tests.components.sagemaker_api import CAPACITY, START_SECONDS, refusal
from tests.components.sagemaker_endpoint import NAME
from tests.keeper.runtime.test_sagemaker import Kept


def band(wanted: str, **changes: Any) -> Band:
    """What is allowed when a service is to be awake, or asleep, and has been for long."""
    usual = {"soft": False, "why": "", "is_settled": False, "is_waking": False, "is_new": False}
    return Band(awake=wanted == "awake", asleep=wanted == "asleep", **{**usual, **changes})


def clients(kept: Kept) -> Any:
    """The account's clients, by service and region."""
    found = kept.aws.clients()
    by_name = {
        "sagemaker": found.sagemaker,
        "application-autoscaling": found.autoscaling,
        "cloudwatch": found.cloudwatch,
        "logs": found.logs,
    }
    return lambda service, _region: by_name[service]


def drift(kept: Kept, allowed: Band) -> list[str]:
    found = list(sagemaker_drift(kept.config, allowed, clients(kept)))
    assert kept.orders() == []
    return found


def awake() -> Kept:
    """An endpoint that the keeper has woken, and scaled."""
    kept = Kept()
    kept.wake()
    kept.passes(START_SECONDS).wake()
    kept.orders()
    return kept


def test_as_it_should_be():
    """Awake within its limits, or not there."""
    assert drift(awake(), band("awake")) == []
    assert drift(Kept(), band("asleep")) == []
    assert foreign(awake().config, clients(awake())) is None


def test_present_or_absent_at_the_wrong_time():
    """Both are said; what was decided just now has its time."""
    assert drift(Kept(), band("awake")) == [f"endpoint {NAME} is not there"]
    assert drift(Kept(), band("awake", is_new=True)) == []
    assert drift(awake(), band("asleep")) == [f"endpoint {NAME} is there (InService)"]
    assert drift(Kept().has("Deleting"), band("awake")) == [f"endpoint {NAME} is being deleted"]
    assert drift(Kept().has("Deleting"), band("asleep")) == []


def test_what_starts_cannot_be_deleted():
    """AWS refuses that, so it is no drift of ours."""
    assert drift(Kept().has("Creating"), band("asleep")) == []


def test_one_that_failed():
    """With AWS' reason."""
    assert drift(Kept().has("Failed", failure=CAPACITY), band("awake")) == [f"endpoint {NAME} is Failed: {CAPACITY}"]


def test_on_a_configuration_that_was_not_deployed():
    """Somebody updated it by hand."""
    found = drift(Kept().has("InService", config="chat-config-l4-2"), band("awake", is_waking=True))
    assert found == [
        f"endpoint {NAME} is on configuration chat-config-l4-2, and not on chat-config-l4-1 or chat-config-a10g-1"
    ]


def test_limits_that_somebody_moved():
    """And a scaling that is gone; while it wakes, the keeper has yet to see to it."""
    kept = awake()
    target = kept.target
    target._scaling.register(target._scaling.wanted().__class__(1, 9, target._scaling.wanted().policy))
    kept.orders()
    assert drift(kept, band("awake")) == ["limits are 1 to 9, and not 1 to 3"]
    kept.target._scaling.deregister()
    kept.orders()
    assert drift(kept, band("awake")) == ["nothing scales it, and not 1 to 3"]
    assert drift(kept, band("awake", is_waking=True)) == []


def test_a_number_that_is_fixed():
    """Then nothing may scale it."""
    kept = awake()
    kept.inputs = {"maxReplicas": 1}
    assert drift(kept, band("awake")) == ["it is scaled from 1 to 3, and its number is fixed"]


def test_a_policy_that_somebody_changed():
    """The limits are right, the target is not."""
    kept = awake()
    kept.inputs = {"scaling": {**kept.config.details["scaling"], "target": 9}}
    assert drift(kept, band("awake")) == ["its scaling policy is not the one that was deployed"]


def test_more_instances_than_there_may_be():
    """Whoever started them."""
    assert drift(Kept().has("InService", running=5), band("awake", is_waking=True)) == [
        "5 instances run, and not 3 or less"
    ]


def test_an_endpoint_of_somebody_else():
    """The keeper leaves it alone, so the service never wakes."""
    kept = Kept().has("InService")
    kept.aws.endpoints[NAME].tags.clear()
    assert foreign(kept.config, clients(kept)) == (
        f"endpoint {NAME} is not tagged as this service's, so the keeper leaves it alone"
    )
    assert foreign(Kept().config, clients(Kept())) is None


def test_what_aws_does_not_say():
    """Is no drift, and no calm either."""
    kept = Kept()
    kept.aws.errors["DescribeEndpoint"] = [refusal("DescribeEndpoint", "AccessDeniedException", "not authorized")]
    with pytest.raises(KeeperError, match="not authorized"):
        drift(kept, band("awake"))
