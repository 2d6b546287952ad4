"""Who may talk to whom: clients to the front's load balancer, it to the tasks, they to what is behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.firewall import HTTP_PORT, between, from_clients, group, to_the_internet
from components.gateway.settings import GATEWAY_PORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi
    import pulumi_aws as aws

    from components.front.scope import Scope
    from components.gateway.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Firewall:
    """The groups of a front, and the rules without which no request passes it."""

    alb: aws.ec2.SecurityGroup
    task: aws.ec2.SecurityGroup
    rules: Sequence[pulumi.Resource]


def make_firewall(scope: Scope, target: Upstream) -> Firewall:
    """Make the security groups and their rules; a target with a load balancer lets in nobody else."""
    alb = group(scope, "alb", "load balancer of a front")
    task = group(scope, "task", "front")
    rules = from_clients(scope, "alb", alb, scope.front.network)
    rules += between(scope, ("alb", alb), ("task", task), GATEWAY_PORT)
    rules.append(to_the_internet(scope, "task", task))
    if target.load_balancer is not None:
        rules += between(scope, ("task", task), ("service", target.load_balancer), HTTP_PORT)
    return Firewall(alb=alb, task=task, rules=tuple(rules))
