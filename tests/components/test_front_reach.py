"""Who reaches a front and what is behind it, and what clients are told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.components.conftest import ACCOUNT, REGION
from tests.components.front_plan import config, container, ecs_plan, endpoint_plan, recorded_of, untagged


@pytest.fixture(scope="module")
def before_sagemaker():
    """Return what a service on SageMaker with a front registers."""
    return recorded_of(endpoint_plan())


@pytest.fixture(scope="module")
def before_ecs():
    """Return what a service on ECS with a front registers."""
    return recorded_of(ecs_plan())


def test_the_load_balancer_asks_for_the_process_and_not_for_its_target(before_sagemaker):
    """A front whose target sleeps is not ready and must stay: it is the one that answers."""
    group = untagged(before_sagemaker.of("TargetGroup", "chat-front-tg"))
    assert (group["healthCheck"]["path"], group["deregistrationDelay"]) == ("/healthz", 600)
    assert before_sagemaker.of("LoadBalancer", "chat-front-alb").inputs["idleTimeout"] == 660


def test_the_longest_name_of_a_service_has_room(before_sagemaker):
    """AWS takes 32 characters, a prefix of 6 and 26 digits of its own: a service's name may have 20 by itself."""
    for kind, name in (("LoadBalancer", "chat-front-alb"), ("TargetGroup", "chat-front-tg")):
        inputs = before_sagemaker.of(kind, name).inputs
        assert (inputs["namePrefix"], len(inputs["namePrefix"]), "name" in inputs) == ("front-", 6, False)


def test_clients_are_told_of_the_front(before_sagemaker):
    """Address and kind of key are the front's; what is behind it keeps its names."""
    outputs = before_sagemaker.result["chat"]
    assert outputs["openai_base_url"] == "http://chat-front-alb.elb.amazonaws.com/v1"
    assert outputs["load_balancer"] == "chat-front-alb.elb.amazonaws.com"
    assert outputs["auth"] == {"scheme": "bearer", "secret": "berth/client-keys"}
    assert outputs["endpoint_name"] == "dev-chat"
    assert outputs["front"] == {
        "cluster": "berth_dev_chat_front",
        "ecs_service": "front",
        "dashboard_url": (
            "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/berth_dev_chat_front/services/front/health"
            "?region=us-east-1"
        ),
        "log": "/berth/dev/chat/front",
        "target_base_url": "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/dev-chat/openai/v1",
    }


def test_before_ecs_only_the_front_reaches_the_services_load_balancer(before_ecs):
    """Clients reach the front's; the service's lets in the front's tasks and no network."""
    rules = {
        (one.name, one.inputs["fromPort"], one.inputs.get("referencedSecurityGroupId"))
        for one in before_ecs.resources
        if "GroupIngressRule" in one.type and ("alb" in one.name or "service" in one.name)
    }
    assert rules == {
        ("chat-front-alb-80-from-10-0-0-0-8", 80, None),
        ("chat-front-service-80-from-task", 80, "chat-front-task-securitygroup-id"),
        ("chat-task-8080-from-alb", 8080, "chat-alb-securitygroup-id"),
        ("chat-front-task-8080-from-alb", 8080, "chat-front-alb-securitygroup-id"),
    }
    [inside] = [one for one in before_ecs.resources if one.name == "chat-front-service-80-from-task"]
    assert inside.inputs["securityGroupId"] == "chat-alb-securitygroup-id"
    [outside] = [one for one in before_ecs.resources if one.name == "chat-front-task-80-to-service"]
    assert outside.inputs["securityGroupId"] == "chat-front-task-securitygroup-id"


def test_before_ecs_the_front_sees_whether_an_engine_is_ready(before_ecs):
    """The service's load balancer forwards /readyz too, which it does for nobody else; keys are checked once."""
    assert config(before_ecs)["upstreams"][0]["url"] == "http://chat-alb.elb.amazonaws.com/v1"
    assert config(before_ecs)["upstreams"][0]["health_path"] == "/readyz"
    assert before_ecs.of("ListenerRule", "chat-v1").inputs["conditions"] == [
        {"pathPattern": {"values": ["/v1/*", "/readyz"]}}
    ]
    assert before_ecs.of("ListenerRule", "chat-front-v1").inputs["conditions"] == [
        {"pathPattern": {"values": ["/v1/*"]}}
    ]
    sidecar = json.loads(before_ecs.of("TaskDefinition", "chat-task").inputs["containerDefinitions"])[2]
    [told] = [one["value"] for one in sidecar["environment"] if one["name"] == "BERTH_CONFIG"]
    assert json.loads(told) == {"upstreams": [{"name": "engine", "url": "http://127.0.0.1:8000"}]}


def test_before_ecs_both_publish_where_the_other_does_not(before_ecs):
    """The mean of requests in flight, which moves the replicas, is of the gateways beside engines alone."""
    variables = {one["name"]: one["value"] for one in container(before_ecs)["environment"]}
    assert variables["BERTH_METRICS_NAMESPACE"] == "Berth/Front"
    assert before_ecs.result["chat"]["openai_base_url"] == "http://chat-front-alb.elb.amazonaws.com/v1"


def test_a_public_front_is_encrypted_and_its_service_stays_inside():
    """The certificate is the front's; the service's load balancer is internal, whatever the spec exposes."""
    plan = ecs_plan()
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"
    public = replace(
        plan.front.network, exposure="public", certificate_arn=arn, domain="llm.example.com", allowed_cidrs=()
    )
    made = recorded_of(replace(plan, front=replace(plan.front, network=public)))
    assert made.of("LoadBalancer", "chat-front-alb").inputs["internal"] is False
    assert made.of("Listener", "chat-front-https").inputs["certificateArn"] == arn
    assert made.of("LoadBalancer", "chat-alb").inputs["internal"] is True
    assert made.result["chat"]["openai_base_url"] == "https://llm.example.com/v1"
