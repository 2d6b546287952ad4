"""What must be true of the account before anything of a front is made there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.account import Account
from components.errors import PlanError, Problem, StackError
from components.existing_network import existing_subnets
from components.gateway.secrets import GatewaySecrets, find_gateway_secrets
from components.secret import SecretSearch

if TYPE_CHECKING:
    import pulumi

    from components.network import Subnets
    from components.plan.gateway import FrontPlan
    from components.plan.model import Plan
    from components.secret import Secret

UPSTREAM_KEY = "RUNPOD_API_KEY"
"""The variable that holds the key of the target, where it asks for one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What AWS answered about one front; `subnets` is None when the stack makes the network."""

    front: FrontPlan
    account: Account
    secrets: GatewaySecrets
    subnets: Subnets | None


def find(plan: Plan, *, parent: pulumi.Resource | None = None) -> Found:
    """Ask AWS about everything that the front of a plan refers to.

    Raises:
        PlanError: the plan has no front.
        StackError: something that it refers to is not there, or is not fit for use.
    """
    front = plan.front
    if front is None:
        raise PlanError(f"{plan.service}: the plan has no front")
    problems: list[Problem] = []
    secrets, subnets = GatewaySecrets(None), None
    try:
        secrets = _secrets(plan, front, parent)
    except StackError as error:
        problems += error.problems
    try:
        # The VPC of a service on ECS is looked up with it, for the same subnets and for what it mounts there.
        mounts = plan.ecs is not None
        given = front.network.vpc_id is not None
        subnets = existing_subnets(plan, front.network, mounts=mounts, parent=parent) if given else None
    except StackError as error:
        problems += error.problems
    if problems:
        raise StackError(problems)
    return Found(front=front, account=Account.current(plan.region, parent=parent), secrets=secrets, subnets=subnets)


def _secrets(plan: Plan, front: FrontPlan, parent: pulumi.Resource | None) -> GatewaySecrets:
    search = SecretSearch(plan, parent)
    own: Secret | None = search.find("runpod.api_key_secret", front.upstream_key_secret, "a key of the RunPod account")
    found = find_gateway_secrets(search, front.gateway)
    search.end()
    key = {UPSTREAM_KEY: own} if own else {}
    return GatewaySecrets(found.client_keys, {**found.variables, **key})
