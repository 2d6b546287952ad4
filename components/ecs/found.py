"""What must be true of the account before anything of a service is made there?

A missing secret or a wrong subnet is an error while nothing exists, instead of half a deployment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.account import Account
from components.ecs.secrets import ServiceSecrets, look_up_secrets
from components.errors import PlanError
from components.existing_network import existing_subnets

if TYPE_CHECKING:
    from components.network import Subnets
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import GatewayPlan
    from components.plan.model import NetworkPlan, Plan

GPU_AMI_PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


@dataclass(frozen=True, slots=True)
class Found:
    """What AWS answered about one plan; `subnets` is None when the stack makes the network."""

    ecs: EcsPlan
    network: NetworkPlan
    gateway: GatewayPlan
    account: Account
    secrets: ServiceSecrets
    image_id: str
    subnets: Subnets | None


def find(plan: Plan, *, parent: pulumi.Resource | None = None) -> Found:
    """Ask AWS about everything that a plan refers to.

    Raises:
        PlanError: the plan is for another target.
        StackError: something that it refers to is not there, or is not fit for use.
    """
    if plan.ecs is None or plan.network is None or plan.gateway is None:
        raise PlanError(f"{plan.service}: the plan is for target {plan.target} and has no ecs part")
    return Found(
        ecs=plan.ecs,
        network=plan.network,
        gateway=plan.gateway,
        account=Account.current(plan.region, parent=parent),
        secrets=look_up_secrets(plan, parent=parent),
        image_id=plan.ecs.ami_id or _latest_gpu_ami(parent),
        subnets=None if plan.network.vpc_id is None else existing_subnets(plan, plan.network, parent=parent),
    )


def _latest_gpu_ami(parent: pulumi.Resource | None) -> str:
    return aws.ssm.get_parameter(name=GPU_AMI_PARAMETER, opts=pulumi.InvokeOptions(parent=parent)).value
