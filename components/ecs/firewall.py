"""Who may talk to whom: clients to the load balancer, it to the gateway, tasks and instances to the weight cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.firewall import between, from_clients, group, to_the_internet
from components.gateway.settings import GATEWAY_PORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi
    import pulumi_aws as aws

    from components.ecs.scope import Scope

NFS_PORT = 2049


@dataclass(frozen=True, slots=True)
class Firewall:
    """One security group per part of a service, and the rules without which no part of it works."""

    alb: aws.ec2.SecurityGroup
    task: aws.ec2.SecurityGroup
    instance: aws.ec2.SecurityGroup
    cache: aws.ec2.SecurityGroup
    rules: Sequence[pulumi.Resource]


def make_firewall(scope: Scope) -> Firewall:
    """Make the security groups and their rules; behind a front, the front brings the one that lets it in."""
    alb = group(scope, "alb", "load balancer")
    task = group(scope, "task", "tasks")
    instance = group(scope, "instance", "GPU instances")
    cache = group(scope, "cache", "weight cache")
    rules: list[pulumi.Resource] = [] if scope.plan.front else from_clients(scope, "alb", alb, scope.network)
    rules += between(scope, ("alb", alb), ("task", task), GATEWAY_PORT)
    # The mount's packets leave from the task's or from the instance's interface, depending on the agent.
    for role, own in (("task", task), ("instance", instance)):
        rules += between(scope, (role, own), ("cache", cache), NFS_PORT)
        rules.append(to_the_internet(scope, role, own))
    return Firewall(alb=alb, task=task, instance=instance, cache=cache, rules=tuple(rules))
