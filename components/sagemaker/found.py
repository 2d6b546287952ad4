"""What must be true of the account before anything of a service is made there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.account import Account, DirectAccess
from components.errors import PlanError, Problem, StackError
from components.look_up import look_up
from components.sagemaker.machine_image import check_machine_images

if TYPE_CHECKING:
    from components.plan.model import Plan
    from components.plan.sagemaker.values import SagemakerPlan


@dataclass(frozen=True, slots=True)
class VpcSubnets:
    """Where the instances of an endpoint get an address in the user's VPC."""

    vpc_id: str
    subnet_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What AWS answered about one plan; `subnets` is None when the endpoint is in no VPC."""

    sagemaker: SagemakerPlan
    account: Account
    access: DirectAccess
    subnets: VpcSubnets | None


def find(plan: Plan, *, parent: pulumi.Resource | None = None, provider_version: str | None = None) -> Found:
    """Ask AWS about everything that a plan refers to; `provider_version` is the installed one when it is not given.

    Raises:
        PlanError: the plan is for another target.
        StackError: something that it refers to is not there, or could not be deployed from here.
    """
    if plan.sagemaker is None:
        raise PlanError(f"{plan.service}: the plan is for target {plan.target} and has no sagemaker part")
    check_machine_images(plan, provider_version)
    account = Account.current(plan.region, parent=parent)
    return Found(
        sagemaker=plan.sagemaker,
        account=account,
        access=DirectAccess.current(account),
        subnets=_subnets(plan, parent),
    )


def _subnets(plan: Plan, parent: pulumi.Resource | None) -> VpcSubnets | None:
    network = plan.network
    if network is None or network.vpc_id is None:
        return None
    options = pulumi.InvokeOptions(parent=parent)
    place = f"{plan.service}: network.vpc"
    look_up(plan, f"{place}.id", network.vpc_id, lambda: aws.ec2.get_vpc(id=network.vpc_id, opts=options))
    problems = [
        Problem(f"{place}.private_subnet_ids", subnet_id, f"is in {vpc_id} and not in {network.vpc_id}", fix)
        for subnet_id in network.private_subnet_ids
        for vpc_id in [_vpc_of(plan, place, subnet_id, options)]
        for fix in ["name subnets of that VPC"]
        if vpc_id != network.vpc_id
    ]
    if problems:
        raise StackError(problems)
    return VpcSubnets(network.vpc_id, network.private_subnet_ids)


def _vpc_of(plan: Plan, place: str, subnet_id: str, options: pulumi.InvokeOptions) -> str:
    found = look_up(
        plan, f"{place}.private_subnet_ids", subnet_id, lambda: aws.ec2.get_subnet(id=subnet_id, opts=options)
    )
    return found.vpc_id
