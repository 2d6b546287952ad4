"""A front before a RunPod endpoint: its key comes from Secrets Manager to one variable, and is nowhere else."""

from __future__ import annotations

import json

import pytest

from tests.components.conftest import ACCOUNT, REGION
from tests.components.front_plan import RUNPOD_KEY, program, with_front
from tests.components.runpod.fake_runpod import KEY

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{RUNPOD_KEY}-AbCdEf"


@pytest.fixture
def deployed(run, account, plan_on_runpod, monkeypatch):
    """Deploy an endpoint with a front, with the account's own key in the environment of the deployment."""
    monkeypatch.setenv("RUNPOD_API_KEY", KEY)
    for name in ("RUNPOD_API_BASE_URL", "RUNPOD_ENDPOINT_BASE_URL", "RUNPOD_ONLINE_CHECKS"):
        monkeypatch.delenv(name, raising=False)
    account.secrets[RUNPOD_KEY] = SECRET
    return run(program(with_front(plan_on_runpod(), upstream_key_secret=RUNPOD_KEY)))


def test_the_front_calls_the_endpoint_by_its_id(deployed):
    """Which RunPod chose: the address is known when the endpoint is, the key by the name of a variable."""
    [container] = json.loads(deployed.of("TaskDefinition", "chat-front-task").inputs["containerDefinitions"])
    [text] = [one["value"] for one in container["environment"] if one["name"] == "BERTH_CONFIG"]
    assert json.loads(text)["upstreams"] == [
        {
            "name": "target",
            "kind": "runpod",
            "endpoint_id": "chat-endpoint-endpoint-id",
            "url": "https://api.runpod.ai/v2",
            "key": {"env": "RUNPOD_API_KEY"},
            "price": {"usd_per_hour": 0.9776, "requests_per_replica": 8},
        }
    ]
    assert container["secrets"] == [{"name": "RUNPOD_API_KEY", "valueFrom": SECRET}]


def test_only_the_agent_reads_the_key_and_nobody_writes_it(deployed):
    """The role of the task has no right to it, and no resource has its value."""
    agent = json.loads(deployed.of("RolePolicy", "chat-front-execution").inputs["policy"])["Statement"]
    assert [one["Resource"] for one in agent if one["Sid"] == "ReadSecrets"] == [[SECRET]]
    task = json.loads(deployed.of("RolePolicy", "chat-front-task").inputs["policy"])["Statement"]
    assert [one["Sid"] for one in task] == ["ReadClientKeys", "StayWhileStreaming"]
    assert SECRET not in json.dumps(task)
    assert KEY not in json.dumps([dict(one.inputs) for one in deployed.resources], default=str)


def test_clients_come_by_the_front(deployed):
    """With one of its keys; the endpoint's own address is kept beside."""
    outputs = deployed.result["chat"]
    assert outputs["openai_base_url"] == "http://chat-front-alb.elb.amazonaws.com/v1"
    assert outputs["auth"] == {"scheme": "bearer", "secret": "berth/client-keys"}
    assert outputs["front"]["target_base_url"] == "https://api.runpod.ai/v2/chat-endpoint-endpoint-id/openai/v1"


def test_a_network_of_a_front_alone_asks_for_no_gpus(deployed):
    """Every zone has Fargate; RunPod's pools are no instance types of EC2."""
    assert [token for token, _ in deployed.calls if "InstanceType" in token] == []
    zones = [deployed.of("Subnet", f"network-private-{index}").inputs["availabilityZone"] for index in (0, 1)]
    assert zones == ["us-east-1a", "us-east-1b"]
