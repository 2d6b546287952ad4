"""What did clients ask, and when does nobody know?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.facts import UNKNOWN_TRAFFIC, Traffic
from components.keeper.runtime.targets.sagemaker import SagemakerTarget
from tests.components.sagemaker_api import FakeAws, FakeClient, Time, refusal
from tests.components.sagemaker_endpoint import INPUTS
from tests.keeper.runtime.ecs_account import NOW, EcsAccount
from tests.keeper.situation import config

SINCE = NOW - timedelta(minutes=30)
ALL = range(1, 31)
GATEWAY = "prod,chat"
ENDPOINT = "dev-chat,AllTraffic"


def ago(minutes: int) -> datetime:
    """The beginning of a minute so long ago."""
    return NOW - timedelta(minutes=minutes)


def zeros(minutes=ALL, **values: float) -> dict[datetime, float]:
    """A zero in each minute; `m3=2` is a 2 three minutes ago."""
    return {ago(one): 0.0 for one in minutes} | {ago(int(name[1:])): value for name, value in values.items()}


def of_gateways(in_flight: dict, requests: dict, now: datetime = NOW) -> Traffic:
    """What an ECS service's gateways counted."""
    account = EcsAccount()
    account.figures = {
        ("Berth InFlight", "Maximum", GATEWAY): in_flight,
        ("Berth Requests", "Sum", GATEWAY): requests,
    }
    found = account.target().traffic(SINCE, now)
    assert account.orders() == []
    return found


def of_endpoint(concurrent: dict, invocations: dict, load: dict) -> Traffic:
    """What AWS counted of an endpoint."""
    account = EcsAccount()
    account.figures = {
        ("AWS/SageMaker ConcurrentRequestsPerModel", "Maximum", ENDPOINT): concurrent,
        ("AWS/SageMaker Invocations", "Sum", ENDPOINT): invocations,
        ("/aws/sagemaker/Endpoints CPUUtilization", "SampleCount", ENDPOINT): load,
    }
    time = Time()
    clients = FakeAws(time).clients()
    with_figures = type(clients)(
        clients.sagemaker, clients.autoscaling, FakeClient(account, "cloudwatch"), clients.logs, clients.sts
    )
    target = SagemakerTarget(config(target="sagemaker", details=INPUTS), with_figures, Calls(), time.clock)
    return target.traffic(SINCE, NOW)


def test_nobody_asked():
    """Zeros in every minute are known silence."""
    assert of_gateways(zeros(), zeros()) == Traffic(is_known=True)


def test_the_last_request_is_the_end_of_its_minute():
    """Whatever came before it."""
    assert of_gateways(zeros(), zeros(m20=5, m7=1)) == Traffic(is_known=True, last_request_at=ago(6))


def test_what_is_in_flight_now():
    """Is no request that is over: the idle clock does not run."""
    assert of_gateways(zeros(m1=3), zeros()) == Traffic(is_known=True, in_flight=3, last_request_at=NOW)


def test_what_was_in_flight_before():
    """A long answer that has ended is busy until then, and not now."""
    assert of_gateways(zeros(m9=2, m8=2), zeros(m9=1)) == Traffic(is_known=True, last_request_at=ago(7))


@pytest.mark.parametrize(
    ("minutes", "is_known"),
    [
        (ALL, True),
        ([one for one in ALL if not 10 <= one <= 14], True),
        ([one for one in ALL if not 10 <= one <= 15], False),
        (range(6, 31), True),
        (range(7, 31), False),
        (range(1, 26), True),
        (range(1, 25), False),
        ([], False),
    ],
)
def test_silence_is_not_idleness(minutes, is_known):
    """More than five minutes without figures, anywhere in the span, and nobody knows."""
    assert of_gateways(zeros(minutes), zeros(minutes)).is_known is is_known
    assert of_gateways(zeros(minutes), zeros()).is_known is is_known
    assert of_gateways(zeros(), zeros(minutes)).is_known is is_known


def test_a_span_of_no_whole_minute_is_not_asked_about():
    """CloudWatch refuses it."""
    account = EcsAccount()
    assert account.target().traffic(NOW, NOW + timedelta(seconds=59)) == UNKNOWN_TRAFFIC
    assert account.calls == []


def test_half_a_minute_more_or_less_changes_nothing():
    """The minute that is not over yet has no figures."""
    figures = zeros(m1=1)
    assert of_gateways(figures, zeros(), NOW + timedelta(seconds=59)) == of_gateways(figures, zeros())


def test_cloudwatch_may_refuse():
    """With operation and code."""
    account = EcsAccount()
    account.errors["GetMetricData"] = [refusal("GetMetricData", "AccessDenied", "User is not authorized.")]
    with pytest.raises(KeeperError, match=r"^GetMetricData: AccessDenied: User is not authorized$"):
        account.target().traffic(SINCE, NOW)


def test_an_endpoint_that_nobody_asked():
    """AWS publishes no count then, but the load of the processors."""
    assert of_endpoint({}, {}, zeros()) == Traffic(is_known=True)
    assert of_endpoint({}, {}, {}) == UNKNOWN_TRAFFIC
    assert of_endpoint(zeros(range(1, 15)), {}, zeros(range(15, 31))) == Traffic(is_known=True)


def test_an_endpoint_that_somebody_asked():
    """Streams under way count as well as those that have ended."""
    assert of_endpoint({}, {ago(12): 4.0}, zeros()) == Traffic(is_known=True, last_request_at=ago(11))
    assert of_endpoint(zeros(m1=2), {}, zeros()) == Traffic(is_known=True, in_flight=2, last_request_at=NOW)
    assert of_endpoint(zeros(m5=2), {}, zeros()) == Traffic(is_known=True, last_request_at=ago(4))
