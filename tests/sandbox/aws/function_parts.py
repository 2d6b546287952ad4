"""Functions for tests: a role that they may take, and a zip with a module."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.aws.conftest import Endpoint

LAMBDA = "lambda.amazonaws.com"
ACCOUNT = "123456789012"
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


def allow(action: str | list[str], resource: str = "*") -> dict[str, Any]:
    """A statement of a role's policy."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def zip_of(**modules: str) -> bytes:
    """A deployment package of modules by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in modules.items():
            archive.writestr(f"{name}.py", text)
    return buffer.getvalue()


def make_role(aws: Endpoint, name: str, *statements: dict[str, Any], service: str = LAMBDA) -> str:
    """A role that a service of AWS may take, with these rights."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam = aws.client("iam")
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    if statements:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    return arn


def make_function(aws: Endpoint, name: str, code: str, *statements: dict[str, Any], **settings: Any) -> str:
    """A function of one module `it` with `handle`; its role bears the function's name."""
    role = settings.pop("Role", None) or make_role(aws, name, *statements)
    return aws.client("lambda").create_function(
        **{
            "FunctionName": name,
            "Role": role,
            "Runtime": "python3.13",
            "Handler": "it.handle",
            "Code": {"ZipFile": zip_of(it=code)},
            "Timeout": 20,
            **settings,
        }
    )["FunctionArn"]


def invoke(aws: Endpoint, name: str, event: Any = None, **more: Any) -> tuple[Any, str | None]:
    """What a function answers, and the kind of error."""
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}).encode(), **more)
    return json.loads(answer["Payload"].read() or "null"), answer.get("FunctionError")


def control(aws: Endpoint, route: str, document: Any = None) -> Any:
    """Ask or tell the sandbox something beside AWS."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{aws.url}/_berth/{route}", data=body)  # noqa: S310 (http)
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (http)
        return json.load(answer)
