"""Lambda: a role that it may take, sizes that there are, environment that is its own, permissions that are new."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda_simple.models import lambda_simple_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import allows, trusts
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

_LONGEST_SECONDS = 900
_MOST_MEMORY = 10_240
_ENVIRONMENT_BYTES = 4096
_ZIP_BYTES = 50 * 1024 * 1024
_UNPACKED_BYTES = 250 * 1024 * 1024
_RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_\w+|ACCESS_KEY|ACCESS_KEY_ID"
    r"|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR"
)
_SEND = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
_CURRENT = ("nodejs22.x", "nodejs24.x", "python3.11", "python3.12", "python3.13", "python3.14")


@rule("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def role_can_be_taken(call: Call) -> None:
    role = call.params.get("Role")
    if role is not None and not trusts(role, "lambda.amazonaws.com"):
        raise _invalid("The role defined for the function cannot be assumed by Lambda.")


@rule("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def sizes_are_possible(call: Call) -> None:
    for member, value, most in (
        ("timeout", call.params.get("Timeout", 1), _LONGEST_SECONDS),
        ("memorySize", call.params.get("MemorySize", 1), _MOST_MEMORY),
    ):
        if value > most:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
                f"Member must have value less than or equal to {most}",
            )


@rule("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def environment_is_free(call: Call) -> None:
    variables = (call.params.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(name for name in variables if _RESERVED.fullmatch(name))
    if reserved:
        raise _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    if sum(len(name.encode()) + len(value.encode()) for name, value in variables.items()) > _ENVIRONMENT_BYTES:
        raise _invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided exceeded the 4KB limit."
        )


@rule("lambda", "CreateFunction")
def zip_has_a_handler(call: Call) -> None:
    if call.params.get("PackageType", "Zip") != "Zip":
        return
    for member in ("Handler", "Runtime"):
        if not call.params.get(member):
            raise _invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages; "
                f"{member} is missing"
            )
    if call.params["Runtime"] not in _CURRENT:
        raise _invalid(
            f"The runtime parameter of {call.params['Runtime']} is no longer supported for creating or updating "
            f"functions, or not known to the sandbox; use one of {', '.join(_CURRENT)}"
        )


@rule("lambda", "CreateFunction", "UpdateFunctionCode")
def zip_can_be_unpacked(call: Call) -> None:
    code = call.params.get("Code", call.params)
    content = code.get("ZipFile")
    if content is None:
        return
    if len(content) > _ZIP_BYTES:
        raise AwsError("RequestEntityTooLargeException", f"Request must be smaller than {_ZIP_BYTES} bytes for a zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise _invalid("Could not unzip uploaded file. Please check your file, then try to upload again.") from None
    if size > _UNPACKED_BYTES:
        raise _invalid(f"Unzipped size must be smaller than {_UNPACKED_BYTES} bytes")
    if size == 0:
        raise _invalid("Uploaded file must be a non-empty zip")


@rule("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def dead_letters_can_be_sent(call: Call) -> None:
    target = (call.params.get("DeadLetterConfig") or {}).get("TargetArn")
    if not target:
        return
    service = target.split(":")[2]
    if service not in _SEND:
        raise _invalid("DeadLetterConfig.TargetArn must be the ARN of an SQS queue or an SNS topic")
    role = call.params.get("Role") or _function(call).role
    if not allows(role, _SEND[service], target):
        raise _invalid(
            f"The provided execution role does not have permissions to call {_SEND[service].partition(':')[2]} "
            f"on {service.upper()}"
        )


@rule("lambda", "PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig")
def failures_can_be_sent(call: Call) -> None:
    for outcome in (call.params.get("DestinationConfig") or {}).values():
        target = outcome.get("Destination")
        if target and not allows(_function(call).role, _action_of(target), target):
            raise _invalid(
                f"The function's execution role does not have permissions to call "
                f"{_action_of(target).partition(':')[2]} on {target}"
            )


@rule("lambda", "AddPermission")
def permission_is_new(call: Call) -> None:
    statements = _function(call).policy.statements
    if any(one.get("Sid") == call.params["StatementId"] for one in statements):
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({call.params['StatementId']}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement.",
        )
    account = call.params.get("SourceAccount")
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise _invalid("SourceAccount must be the 12 digits of an account")


@rule("lambda", "CreateFunctionUrlConfig")
def function_has_one_address(call: Call) -> None:
    if _function(call).url_config is not None:
        raise AwsError(
            "ResourceConflictException",
            f"Failed to create function url config for [functionArn = {_function(call).function_arn}]. Error message: "
            "FunctionUrlConfig exists for this Lambda function",
        )


@rule("lambda", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig")
def address_exists(call: Call) -> None:
    if _function(call).url_config is None:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")


def _action_of(target: str) -> str:
    service = target.split(":")[2]
    return {**_SEND, "lambda": "lambda:InvokeFunction", "events": "events:PutEvents"}.get(service, "*")


def _function(call: Call) -> Any:
    name = call.params["FunctionName"]
    try:
        return lambda_simple_backends[ACCOUNT_ID][call.region].get_function(name, None)
    except UnknownFunctionException:
        raise AwsError("ResourceNotFoundException", f"Function not found: {_arn(call, name)}") from None


def _arn(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:lambda:{call.region}:{ACCOUNT_ID}:function:{name}"


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)
