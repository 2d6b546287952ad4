"""Load balancer, listeners and who may connect."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
DOMAIN = "llm.example.com"


@pytest.fixture
def public(plan_of):
    """A plan that is open to the world, with a certificate."""
    plan = plan_of()
    return replace(
        plan,
        network=replace(plan.network, exposure="public", certificate_arn=CERTIFICATE, domain=DOMAIN, allowed_cidrs=()),
    )


def test_an_internal_service_answers_http_in_the_private_subnets(chat):
    """The load balancer waits longer than the longest request, and drops malformed headers."""
    balancer = dict(chat.of("LoadBalancer", "chat-alb").inputs)
    del balancer["tags"]
    assert balancer == {
        "internal": True,
        "loadBalancerType": "application",
        "subnets": ["network-private-0-subnet-id", "network-private-1-subnet-id"],
        "securityGroups": ["chat-alb-securitygroup-id"],
        "idleTimeout": 660,
        "dropInvalidHeaderFields": True,
    }
    listener = chat.of("Listener", "chat-http").inputs
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert chat.result["chat"]["openai_base_url"] == "http://chat-alb.elb.amazonaws.com/v1"


def test_only_the_api_is_forwarded(chat):
    """/v1/* goes to the gateway; the default is a 404 that OpenAI clients understand."""
    action = chat.of("Listener", "chat-http").inputs["defaultActions"][0]
    assert action["type"] == "fixed-response"
    assert action["fixedResponse"]["statusCode"] == "404"
    assert json.loads(action["fixedResponse"]["messageBody"]) == {
        "error": {"message": "only /v1/ is served here", "type": "not_found_error", "code": 404}
    }
    rule = chat.of("ListenerRule", "chat-v1").inputs
    assert rule["conditions"] == [{"pathPattern": {"values": ["/v1/*"]}}]
    assert rule["actions"] == [
        {"type": "forward", "targetGroupArn": "arn:aws:targetgroup:us-east-1:123456789012:chat-tg"}
    ]


def test_targets_are_tasks_that_are_ready(chat):
    """The load balancer asks the gateway's readiness, and lets requests finish as long as the gateway drains."""
    group = dict(chat.of("TargetGroup", "chat-tg").inputs)
    del group["tags"]
    assert group == {
        "targetType": "ip",
        "port": 8080,
        "protocol": "HTTP",
        "vpcId": "network-vpc-vpc-id",
        "loadBalancingAlgorithmType": "least_outstanding_requests",
        "deregistrationDelay": 90,
        "healthCheck": {
            "path": "/readyz",
            "protocol": "HTTP",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    }


def test_a_public_service_answers_https_and_redirects_http(render, public):
    """No request travels in the clear: port 80 only sends clients to 443."""
    made = render(public)
    balancer = made.of("LoadBalancer", "chat-alb").inputs
    assert balancer["internal"] is False
    assert balancer["subnets"] == ["network-public-0-subnet-id", "network-public-1-subnet-id"]
    https = made.of("Listener", "chat-https").inputs
    assert (https["port"], https["protocol"], https["certificateArn"]) == (443, "HTTPS", CERTIFICATE)
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert made.of("Listener", "chat-http").inputs["defaultActions"] == [
        {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}
    ]
    assert made.of("ListenerRule", "chat-v1").inputs["listenerArn"].endswith("chat-https")
    assert made.result["chat"]["openai_base_url"] == "https://llm.example.com/v1"
    assert made.result["chat"]["load_balancer"] == "chat-alb.elb.amazonaws.com"


def test_a_target_group_is_behind_one_load_balancer(chat):
    """Another exposure makes another load balancer, which AWS lets have the targets when the old rule is gone."""
    assert chat.of("ListenerRule", "chat-v1").delete_before_replace


def test_a_public_service_without_allowed_networks_is_open_to_all(render, public):
    """That is what public means; client keys decide who gets an answer."""
    made = render(public)
    assert made.of("SecurityGroupIngressRule", "chat-alb-443-from-0-0-0-0-0").inputs["cidrIpv4"] == "0.0.0.0/0"


def test_an_internal_service_without_allowed_networks_is_open_to_its_vpc(render, plan_of):
    """The range of the VPC that the stack makes."""
    plan = plan_of()
    made = render(replace(plan, network=replace(plan.network, allowed_cidrs=())))
    assert made.of("SecurityGroupIngressRule", "chat-alb-80-from-10-40-0-0-16").inputs["cidrIpv4"] == "10.40.0.0/16"


def test_each_source_has_its_own_rule(render, plan_of):
    """IPv4 and IPv6 sources are two rules, named after them, so that a new one leaves the others alone."""
    plan = plan_of()
    made = render(replace(plan, network=replace(plan.network, allowed_cidrs=("10.1.0.0/16", "2001:DB8::/32"))))
    rules = {one.name: one.inputs for one in made.resources if one.name.startswith("chat-alb-80-from")}
    assert rules["chat-alb-80-from-10-1-0-0-16"]["cidrIpv4"] == "10.1.0.0/16"
    assert rules["chat-alb-80-from-2001-db8-32"]["cidrIpv6"] == "2001:DB8::/32"
    assert len(rules) == 2


def test_parts_reach_each_other_on_one_port_each(chat):
    """Who may open a connection to whom, complete."""
    rules = {
        (one.name, one.inputs["fromPort"], one.inputs["toPort"], one.inputs.get("referencedSecurityGroupId"))
        for one in chat.resources
        if "GroupEgressRule" in one.type or "GroupIngressRule" in one.type
    }
    assert rules == {
        ("chat-alb-80-from-10-0-0-0-8", 80, 80, None),
        ("chat-alb-8080-to-task", 8080, 8080, "chat-task-securitygroup-id"),
        ("chat-task-8080-from-alb", 8080, 8080, "chat-alb-securitygroup-id"),
        ("chat-task-2049-to-cache", 2049, 2049, "chat-cache-securitygroup-id"),
        ("chat-cache-2049-from-task", 2049, 2049, "chat-task-securitygroup-id"),
        ("chat-instance-2049-to-cache", 2049, 2049, "chat-cache-securitygroup-id"),
        ("chat-cache-2049-from-instance", 2049, 2049, "chat-instance-securitygroup-id"),
        ("chat-task-443-to-anywhere", 443, 443, None),
        ("chat-instance-443-to-anywhere", 443, 443, None),
    }
