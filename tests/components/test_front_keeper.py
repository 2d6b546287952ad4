"""What a front knows of its target's sleep, whom it asks to wake it, and what its role may do for that."""

from __future__ import annotations

import pulumi
import pytest

from components.account import Account
from components.contracts import parameter_name
from components.front.component import Front
from components.front.keeper import Keeper, WakeHook, keeper_statements, sleep_settings
from components.gateway.upstream import Upstream
from components.network import Network
from components.tags import Tags
from tests.components.conftest import ACCOUNT, REGION, Recorded, _run
from tests.components.front_plan import config, endpoint_plan, recorded_of, statements
from tests.components.sagemaker_plan import SagemakerAccount

STATE = parameter_name("dev", "chat", "state")
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:berth_dev_keeper"
URL = "https://abc123.lambda-url.us-east-1.on.aws/"
HERE = Account("aws", ACCOUNT, REGION)


def front_of(plan, keeper):
    """Return what a front registers whose stack has a keeper."""

    def deploy():
        tags = Tags.checked({}, stack=plan.stack, environment="dev")
        network = Network("network", plans=[plan], tags=tags)
        target = Upstream(plan, {"kind": "sagemaker", "endpoint": "dev-chat", "region": REGION})
        return Front("chat", plan=plan, target=target, network=network, keeper=keeper).outputs

    recorded = Recorded()
    return _run(deploy, SagemakerAccount(recorded), recorded, plan.stack)


@pytest.fixture(scope="module")
def kept():
    """Return what a front with everything registers; the hook's address is an output of the function."""
    return front_of(endpoint_plan(hold_seconds=30), Keeper(STATE, WakeHook(pulumi.Output.from_input(URL), FUNCTION)))


def test_the_front_reads_the_keepers_word_and_asks_its_hook(kept):
    """The parameter by its name, in the region of the stack; only the target sleeps."""
    asked = config(kept)
    assert asked["sleep"] == {
        "upstreams": ["target"],
        "document": {"parameter": "/berth/dev/chat/state"},
        "wake_url": URL,
        "hold_seconds": 30,
    }
    assert asked["region"] == REGION


def test_the_role_may_read_that_parameter_and_call_that_function_by_its_url(kept):
    """Signed, by the URL, and nothing else of Lambda or SSM; since October 2025 AWS asks for both actions."""
    allowed = statements(kept, "chat-front-task")
    assert [one for one in allowed if "ssm" in str(one["Action"]) or "lambda" in str(one["Action"])] == [
        {
            "Sid": "ReadState",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/berth/dev/chat/state",
        },
        {
            "Sid": "WakeSigned",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunctionUrl",
            "Resource": FUNCTION,
            "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
        },
        {
            "Sid": "WakeByUrl",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": FUNCTION,
            "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
        },
    ]


def test_without_a_hook_the_front_only_listens():
    """It knows of the sleep, and has no right to end it."""
    front = endpoint_plan().front
    assert sleep_settings(front, Keeper(STATE), None) == {"upstreams": ["target"], "document": {"parameter": STATE}}
    assert [one["Sid"] for one in keeper_statements(HERE, front, Keeper(STATE))] == ["ReadState"]


def test_a_parked_service_is_nobodys_to_wake():
    """What a keeper wrote when it still had it does not count, and the role has no rights that nobody needs."""
    front, keeper = endpoint_plan(parked=True).front, Keeper(STATE, WakeHook(URL, FUNCTION))
    assert sleep_settings(front, keeper, URL) == {"upstreams": ["target"], "state": "asleep"}
    assert keeper_statements(HERE, front, keeper) == []


def test_a_service_without_a_keeper_never_sleeps():
    """The front is told nothing, and nothing is added to its role."""
    front = endpoint_plan().front
    assert sleep_settings(front, None, None) is None
    assert keeper_statements(HERE, front, None) == []


def test_tasks_of_a_front_share_the_price_of_what_is_behind_them():
    """Two that knew nothing of each other would each put the whole replica on the keys' accounts."""
    asked = config(recorded_of(endpoint_plan(replicas_min=2, replicas_max=4)))
    assert asked["upstreams"][0]["price"] == {"usd_per_hour": 0.9776, "requests_per_replica": 8, "gateways": 2}
