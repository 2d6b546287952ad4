"""How do requests reach gateways: which load balancer, listeners and routes?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.firewall import HTTP_PORT, HTTPS_PORT
from components.gateway.settings import GATEWAY_PORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.plan.model import NetworkPlan
    from components.scope import ServiceScope

API_PATH = "/v1/*"
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_NOT_FOUND = {"error": {"message": "only /v1/ is served here", "type": "not_found_error", "code": 404}}


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in, how long they may stay, and which gateways are fit to answer."""

    network: NetworkPlan
    health_path: str
    idle_seconds: int
    """How long the load balancer waits for the next byte of an answer."""
    deregistration_seconds: int
    """How long answers of a gateway that goes may run on."""
    paths: Sequence[str] = (API_PATH,)
    """What is forwarded; everything else is not found."""
    name_prefix: str | None = None
    """Of load balancer and target group, 6 characters; None: their logical names, of which AWS takes 24."""


@dataclass(frozen=True, slots=True)
class Ingress:
    """The load balancer and what a service needs of it."""

    load_balancer: aws.lb.LoadBalancer
    listener: aws.lb.Listener
    target_group: aws.lb.TargetGroup
    rule: aws.lb.ListenerRule
    base_url: pulumi.Output[str]

    @property
    def resource_label(self) -> pulumi.Output[str]:
        """Name of the target group in the metric ALBRequestCountPerTarget."""
        return pulumi.Output.concat(self.load_balancer.arn_suffix, "/", self.target_group.arn_suffix)


def make_ingress(scope: ServiceScope, door: Door, firewall: aws.ec2.SecurityGroup) -> Ingress:
    """Make a load balancer that forwards to gateways what the door lets in, and answers 404 to everything else."""
    network = door.network
    public = network.exposure == "public"
    load_balancer = aws.lb.LoadBalancer(
        scope.name("alb"),
        name_prefix=door.name_prefix,
        internal=not public,
        load_balancer_type="application",
        subnets=scope.subnets.public_zonal_ids if public else list(scope.subnets.private_zonal_ids.values()),
        security_groups=[firewall.id],
        idle_timeout=door.idle_seconds,
        drop_invalid_header_fields=True,
        tags=scope.tagged("alb"),
        opts=scope.options(depends_on=scope.subnets.ready),
    )
    target_group = aws.lb.TargetGroup(
        scope.name("tg"),
        name_prefix=door.name_prefix,
        target_type="ip",
        port=GATEWAY_PORT,
        protocol="HTTP",
        vpc_id=scope.subnets.vpc_id,
        # Requests differ a hundredfold in work: the next one goes to the task with the fewest in flight.
        load_balancing_algorithm_type="least_outstanding_requests",
        deregistration_delay=door.deregistration_seconds,
        health_check={
            "path": door.health_path,
            "protocol": "HTTP",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
        tags=scope.tagged("tg"),
        opts=scope.options(),
    )
    listener = _listeners(scope, network, load_balancer)
    rule = aws.lb.ListenerRule(
        scope.name("v1"),
        listener_arn=listener.arn,
        priority=10,
        conditions=[{"path_pattern": {"values": list(door.paths)}}],
        actions=[{"type": "forward", "target_group_arn": target_group.arn}],
        tags=scope.tagged("v1"),
        # Another exposure is another load balancer, and a target group cannot be behind two.
        opts=scope.options(delete_before_replace=True),
    )
    origin = f"https://{network.domain}" if network.domain else pulumi.Output.concat("http://", load_balancer.dns_name)
    return Ingress(
        load_balancer=load_balancer,
        listener=listener,
        target_group=target_group,
        rule=rule,
        base_url=pulumi.Output.concat(origin, "/v1"),
    )


def _listeners(scope: ServiceScope, network: NetworkPlan, load_balancer: aws.lb.LoadBalancer) -> aws.lb.Listener:
    """Make the listener that serves: HTTPS with a redirect beside it, or plain HTTP where there is no certificate."""
    not_found: aws.lb.ListenerDefaultActionArgsDict = {
        "type": "fixed-response",
        "fixed_response": {
            "content_type": "application/json",
            "status_code": "404",
            "message_body": json.dumps(_NOT_FOUND),
        },
    }
    if network.certificate_arn is None:
        return aws.lb.Listener(
            scope.name("http"),
            load_balancer_arn=load_balancer.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_actions=[not_found],
            tags=scope.tagged("http"),
            opts=scope.options(),
        )
    aws.lb.Listener(
        scope.name("http"),
        load_balancer_arn=load_balancer.arn,
        port=HTTP_PORT,
        protocol="HTTP",
        default_actions=[
            {"type": "redirect", "redirect": {"port": str(HTTPS_PORT), "protocol": "HTTPS", "status_code": "HTTP_301"}}
        ],
        tags=scope.tagged("http"),
        opts=scope.options(),
    )
    return aws.lb.Listener(
        scope.name("https"),
        load_balancer_arn=load_balancer.arn,
        port=HTTPS_PORT,
        protocol="HTTPS",
        certificate_arn=network.certificate_arn,
        ssl_policy=TLS_POLICY,
        default_actions=[not_found],
        tags=scope.tagged("https"),
        opts=scope.options(),
    )
