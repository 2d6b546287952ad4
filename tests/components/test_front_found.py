"""What a front refers to: its network, its secrets, the services that it falls back on."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pytest

from components.errors import PlanError, StackError
from components.front.component import Front
from components.gateway.upstream import Upstream
from components.plan.gateway import Fallback
from components.plan.model import NetworkPlan
from tests.components.conftest import ACCOUNT, REGION
from tests.components.front_plan import config, container, endpoint_plan, recorded_of, statements
from tests.components.sagemaker_plan import SagemakerAccount

GIVEN = NetworkPlan(
    vpc_id="vpc-1",
    public_subnet_ids=(),
    private_subnet_ids=("subnet-a", "subnet-b"),
    exposure="internal",
    certificate_arn=None,
    domain=None,
    allowed_cidrs=(),
)


def test_fallbacks_are_called_with_their_own_keys():
    """An API with its key; another service's endpoint with the role of the task, at that service's price."""
    plan = endpoint_plan()
    hosted = Fallback("https://api.groq.com/openai/v1", None, "llama", "groq/key", 0.05, 0.08)
    gateway = replace(plan.front.gateway, fallback=(hosted, Fallback(None, "other", None, None)))

    class Groq(SagemakerAccount):
        def __init__(self, recorded):
            super().__init__(recorded)
            self.secrets["groq/key"] = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:groq/key-AbCdEf"

    invoke = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": "arn:other"}
    settings = {"kind": "sagemaker", "endpoint": "dev-other", "region": REGION}
    peer = Upstream(plan=endpoint_plan("other"), settings=settings, statements=(invoke,))
    made = recorded_of(
        replace(plan, front=replace(plan.front, gateway=gateway)), account_class=Groq, peers={"other": peer}
    )
    upstreams = config(made)["upstreams"]
    assert [one["name"] for one in upstreams] == ["target", "fallback-1", "peer-other"]
    assert upstreams[1]["key"] == {"env": "BERTH_FALLBACK_1_KEY"}
    assert upstreams[2]["endpoint"] == "dev-other"
    assert upstreams[2]["price"] == {"usd_per_hour": 0.9776, "requests_per_replica": 8}
    assert config(made)["routes"] == [{"upstreams": ["target"], "fallback": ["fallback-1", "peer-other"]}]
    groq = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:groq/key-AbCdEf"
    assert container(made)["secrets"] == [{"name": "BERTH_FALLBACK_1_KEY", "valueFrom": groq}]
    assert invoke in statements(made, "chat-front-task")
    [read] = [one for one in statements(made, "chat-front-execution") if one["Sid"] == "ReadSecrets"]
    assert read["Resource"] == [groq]


def test_a_given_vpc_is_used_and_none_is_made():
    """Tasks and load balancer are in the subnets of the spec."""
    plan = endpoint_plan(network=GIVEN)
    made = recorded_of(plan)
    assert not [one for one in made.resources if one.type == "berth:index:Network"]
    assert made.of("LoadBalancer", "chat-front-alb").inputs["subnets"] == ["subnet-a", "subnet-b"]
    service = made.of("ecs/service:Service", "chat-front-service")
    assert service.inputs["networkConfiguration"]["subnets"] == ["subnet-a", "subnet-b"]


def test_a_front_alone_needs_no_names_of_hosts_in_its_vpc(account, run):
    """Nothing is mounted; without any DNS it could call nobody."""
    account.dns_hostnames = False
    plan = endpoint_plan(network=GIVEN)
    assert run(lambda: pulumi.Output.from_input(bool(Front.look_up(plan)))).result is True


def test_all_that_is_missing_is_said_at_once(account, run):
    """The secrets of the front, and a subnet of its network."""
    account.secrets.clear()
    wrong = replace(GIVEN, private_subnet_ids=("subnet-a", "subnet-zzz"))
    with pytest.raises(StackError) as error:
        run(lambda: Front.look_up(endpoint_plan(network=wrong, upstream_key_secret="runpod/api-key")) and None)
    assert [problem.place for problem in error.value.problems] == [
        "chat: runpod.api_key_secret",
        "chat: gateway.keys_secret",
        "chat: network.vpc",
    ]


def test_a_plan_without_a_front_has_none_to_look_up(run, plan_of):
    """That is a defect of the caller, and said as one."""
    with pytest.raises(PlanError, match="chat: the plan has no front"):
        run(lambda: Front.look_up(plan_of()) and None)
