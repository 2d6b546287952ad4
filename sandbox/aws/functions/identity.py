"""With which rights does a function call AWS? Those of its role: by the access key, each call is held against them.

Policies are evaluated for every action, and for the resource where one call concerns one; conditions are not.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import allows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.aws.call import Call

_KEY = re.compile(r"Credential=(?P<key>ASIA\w+)/")
# Signing name -> prefix of the service's actions, where they differ.
_PREFIXES = {"monitoring": "cloudwatch", "execute-api": "execute-api"}
_ACTIONS = {("lambda", "Invoke"): "lambda:InvokeFunction"}
# These work with whatever rights.
_FREE = {("sts", "GetCallerIdentity")}
# Services whose own code for it is another.
_CODES = {
    **dict.fromkeys(("autoscaling", "cloudwatch", "elbv2", "iam", "sns", "sts"), "AccessDenied"),
    "ec2": "UnauthorizedOperation",
}


class Identities:
    """The access keys of roles; a key tells which role is calling."""

    def __init__(self) -> None:
        """Nobody has a key yet."""
        self._roles: dict[str, tuple[str, str]] = {}

    def key_of(self, role_arn: str, session: str) -> str:
        """Return the access key with which a session of a role signs."""
        key = f"ASIA{hashlib.sha256(f'{role_arn}/{session}'.encode()).hexdigest()[:16].upper()}"
        self._roles[key] = (role_arn, session)
        return key

    def check(self, call: Call) -> None:
        """Raise AWS's refusal when the one who signed is a role without the right to make the call."""
        match = _KEY.search(call.headers.get("authorization", ""))
        if match is None or (call.service, call.operation) in _FREE:
            return
        role, session = self._roles.get(match["key"], ("", ""))
        if not role:
            raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.")
        action, resource = action_of(call), resource_of(call)
        if not allows(role, action, resource):
            who = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role.rpartition('/')[2]}/{session}"
            on = f" on resource: {resource}" if resource != "*" else ""
            raise AwsError(
                _CODES.get(call.service, "AccessDeniedException"),
                f"User: {who} is not authorized to perform: {action}{on} because no identity-based policy allows the "
                f"{action} action",
            )


def action_of(call: Call) -> str:
    """Return the action of IAM that a call needs."""
    prefix = _PREFIXES.get(call.signing_name, call.signing_name)
    return _ACTIONS.get((call.service, call.operation), f"{prefix}:{call.operation}")


def resource_of(call: Call) -> str:
    """Return the ARN that a call concerns, `*` where it concerns none or several."""
    found = _RESOURCES.get((call.service, call.operation))
    return found(call) if found else "*"


def _arn(service: str, path: str) -> Callable[[Call], str]:
    """The ARN with the parameters of the call filled in; a parameter that is an ARN by itself is the ARN."""

    def made(call: Call) -> str:
        names = re.findall(r"\{(\w+)\}", path)
        values = {name: str(call.params.get(name, "")) for name in names}
        for value in values.values():
            if value.startswith("arn:"):
                return value
        return f"arn:aws:{service}:{call.region}:{ACCOUNT_ID}:{path.format(**values)}"

    return made


def _parameter(call: Call) -> str:
    return f"arn:aws:ssm:{call.region}:{ACCOUNT_ID}:parameter/{call.params['Name'].removeprefix('/')}"


def _service(call: Call) -> str:
    cluster, name = (str(call.params.get(member, "default")) for member in ("cluster", "service"))
    if name.startswith("arn:"):
        return name
    return f"arn:aws:ecs:{call.region}:{ACCOUNT_ID}:service/{cluster.rpartition('/')[2]}/{name}"


def _secret(call: Call) -> str:
    """A secret may be named; its ARN ends with letters that AWS has added."""
    asked = call.params["SecretId"]
    known = secretsmanager_backends[ACCOUNT_ID][call.region].secrets.values()
    return next((one.arn for one in known if asked in (one.name, one.arn)), asked)


def _listener_rule(call: Call) -> str:
    return call.params["RulePriorities"][0]["RuleArn"]


_FUNCTION = _arn("lambda", "function:{FunctionName}")
_ENDPOINT = _arn("sagemaker", "endpoint/{EndpointName}")
_RESOURCES: dict[tuple[str, str], Callable[[Call], str]] = {
    **{("ssm", operation): _parameter for operation in ("GetParameter", "PutParameter", "DeleteParameter")},
    **{("lambda", operation): _FUNCTION for operation in ("Invoke", "GetFunction", "UpdateFunctionConfiguration")},
    **{("sagemaker", operation): _ENDPOINT for operation in ("DeleteEndpoint", "DescribeEndpoint", "UpdateEndpoint")},
    ("sagemaker", "CreateEndpoint"): _ENDPOINT,
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): _ENDPOINT,
    ("sagemaker", "DescribeEndpointConfig"): _arn("sagemaker", "endpoint-config/{EndpointConfigName}"),
    ("ecs", "UpdateService"): _service,
    ("elbv2", "SetRulePriorities"): _listener_rule,
    ("secretsmanager", "GetSecretValue"): _secret,
    ("sns", "Publish"): _arn("sns", "{TopicArn}"),
    ("sqs", "SendMessage"): lambda call: _queue(call.params["QueueUrl"], call.region),
    ("logs", "CreateLogStream"): _arn("logs", "log-group:{logGroupName}:log-stream:{logStreamName}"),
    ("logs", "PutLogEvents"): _arn("logs", "log-group:{logGroupName}:log-stream:{logStreamName}"),
    ("logs", "CreateLogGroup"): _arn("logs", "log-group:{logGroupName}"),
}


def _queue(url: str, region: str) -> str:
    return f"arn:aws:sqs:{region}:{ACCOUNT_ID}:{url.rpartition('/')[2]}"
