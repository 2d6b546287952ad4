"""Target groups of functions: nothing of a network in them, and one function that lets the balancer call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda_simple.models import lambda_simple_backends
from moto.elbv2.models import elbv2_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import lets_in
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_OF_A_NETWORK = ("Protocol", "Port", "VpcId", "ProtocolVersion")


@rule("elbv2", "CreateTargetGroup")
def group_of_functions_has_no_network(call: Call) -> None:
    if call.params.get("TargetType", "instance") != "lambda":
        return
    for member in _OF_A_NETWORK:
        if member in call.params:
            raise AwsError("ValidationError", f"{member} cannot be specified for target groups with type 'lambda'")


@rule("elbv2", "RegisterTargets")
def function_can_be_called(call: Call) -> None:
    group = elbv2_backends[ACCOUNT_ID][call.region].target_groups.get(call.params["TargetGroupArn"])
    if group is None or group.target_type != "lambda":
        return
    names = {target["Id"] for target in call.params["Targets"]}
    if len(names | group.targets.keys()) > 1:
        raise AwsError("TooManyTargets", "A target group of type 'lambda' takes one function")
    for target in call.params["Targets"]:
        if "Port" in target:
            raise AwsError("ValidationError", "Port cannot be specified for a target that is a function")
        _require_permission(call, target["Id"], group.arn)


def _require_permission(call: Call, function_arn: str, group_arn: str) -> None:
    try:
        policy = lambda_simple_backends[ACCOUNT_ID][call.region].get_function(function_arn, None).policy
    except UnknownFunctionException:
        raise AwsError("InvalidTarget", f"The target {function_arn} is not a function of this region") from None
    statements = {"Statement": policy.statements}
    if not lets_in(statements, "elasticloadbalancing.amazonaws.com", "lambda:InvokeFunction", group_arn):
        raise AwsError(
            "AccessDenied",
            f"elasticloadbalancing principal does not have permission to invoke {function_arn} from target group "
            f"{group_arn}",
        )
