"""Who may call a function, over which address, what becomes of an event that it fails on? And one call of it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.names import prefixed_name
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, modify
from sandbox.provider.rules import arn, between, conflict, json_text, matches, one_of, unknown_here

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_OPEN = "NONE"
_CONDITIONS = {
    "eventSourceToken": "lambda:EventSourceToken",
    "functionUrlAuthType": "lambda:FunctionUrlAuthType",
    "principalOrgId": "aws:PrincipalOrgID",
    "sourceAccount": "AWS:SourceAccount",
    "sourceArn": "AWS:SourceArn",
}


def _with_id(props: Props) -> Props:
    props = dict(props)
    prefix = props.pop("statementIdPrefix", None)
    return {"statementId": prefixed_name(prefix or "terraform-"), **props}


def _statement(aws: Aws, permission: Instance) -> Answer | None:
    qualifier = {"Qualifier": permission["qualifier"]} if permission.get("qualifier") else {}
    policy = json.loads(aws("lambda").get_policy(FunctionName=permission["function"], **qualifier)["Policy"])
    found = next((one for one in policy["Statement"] if one["Sid"] == permission.id), None)
    if found is None:
        return None
    values: dict[str, Any] = {}
    for operator in found.get("Condition", {}).values():
        values |= operator
    return {
        "StatementId": found["Sid"],
        "Action": found["Action"],
        "Principal": _principal(found["Principal"]),
        "FunctionName": permission["function"],
        **{name: values[key] for name, key in _CONDITIONS.items() if key in values},
    }


def _principal(principal: Any) -> str:
    if not isinstance(principal, dict):
        return principal
    who = next(iter(principal.values()))
    return who.split(":")[4] if who.endswith(":root") else who


def _remove(aws: Aws, permission: Instance) -> None:
    aws("lambda").remove_permission(FunctionName=permission["function"], StatementId=permission.id)


PERMISSION = Resource(
    type_name="aws:lambda/permission:Permission",
    service="lambda",
    create=Call("add_permission", _with_id),
    identify=lambda answer, _: json.loads(answer["Statement"])["Sid"],
    read=_statement,
    delete=_remove,
    rename={"function": "FunctionName", "principalOrgId": "PrincipalOrgID"},
    computed=("statementId", "statementIdPrefix"),
    rules=(
        conflict("statementId", "statementIdPrefix"),
        matches("action", r"(lambda:[*]|lambda:[a-zA-Z]+|[*])", "must be an action as lambda:InvokeFunction"),
        matches("statementId", r"[a-zA-Z0-9_-]{1,100}", "must hold 1 to 100 letters, digits, - and _"),
        matches("sourceAccount", r"\d{12}", "must be the 12 digits of an account"),
        one_of("functionUrlAuthType", _OPEN, "AWS_IAM"),
        arn("sourceArn"),
    ),
)


def _open(aws: Aws, url: Instance) -> None:
    """An address without a signature: the provider adds the permission that lets everybody in."""
    if url["authorizationType"] == _OPEN:
        aws("lambda").add_permission(
            FunctionName=url.id,
            StatementId="FunctionURLAllowPublicAccess",
            Action="lambda:InvokeFunctionUrl",
            Principal="*",
            FunctionUrlAuthType=_OPEN,
        )


def _complete_url(_aws: Aws, answer: Answer, found: Props, url: Instance) -> None:
    found["functionName"] = url.get("functionName") or answer["FunctionArn"].rsplit(":", 1)[-1]
    found["urlId"] = answer["FunctionUrl"].removeprefix("https://").split(".", 1)[0]


FUNCTION_URL = Resource(
    type_name="aws:lambda/functionUrl:FunctionUrl",
    service="lambda",
    create=Call("create_function_url_config"),
    identify=lambda _, props: props["functionName"],
    read=lambda aws, url: aws("lambda").get_function_url_config(FunctionName=url.id),
    delete=lambda aws, url: aws("lambda").delete_function_url_config(FunctionName=url.id),
    steps=(
        modify(
            "lambda",
            Call("update_function_url_config", rename={"authorizationType": "AuthType"}),
            "FunctionName",
            ("authorizationType", "cors", "invokeMode"),
            on_create=False,
        ),
    ),
    after_create=_open,
    finish=_complete_url,
    rename={"authorizationType": "AuthType"},
    defaults={"invokeMode": "BUFFERED"},
    rules=(
        one_of("authorizationType", _OPEN, "AWS_IAM"),
        one_of("invokeMode", "BUFFERED"),
        unknown_here("qualifier"),
    ),
)


def _complete_event_config(_aws: Aws, _answer: Answer, found: Props, config: Instance) -> None:
    found["functionName"] = config.get("functionName") or config.id


EVENT_INVOKE_CONFIG = Resource(
    type_name="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    service="lambda",
    create=Call("put_function_event_invoke_config"),
    identify=lambda _, props: props["functionName"],
    read=lambda aws, config: aws("lambda").get_function_event_invoke_config(FunctionName=config.id),
    delete=lambda aws, config: aws("lambda").delete_function_event_invoke_config(FunctionName=config.id),
    steps=(
        modify(
            "lambda",
            Call("put_function_event_invoke_config"),
            "FunctionName",
            ("destinationConfig", "maximumEventAgeInSeconds", "maximumRetryAttempts"),
            on_create=False,
        ),
    ),
    finish=_complete_event_config,
    defaults={"maximumRetryAttempts": 2},
    rules=(
        between("maximumRetryAttempts", 0, 2),
        between("maximumEventAgeInSeconds", 60, 21600, 0),
        arn("destinationConfig.onFailure.destination"),
        arn("destinationConfig.onSuccess.destination"),
        unknown_here("qualifier"),
    ),
)


def _call_form(props: Props) -> Props:
    return {"functionName": props.get("functionName"), "payload": props.get("input")}


def _invoked(answer: Answer, props: Props) -> str:
    """Keep what the function answered among the properties; an error of the function is one of the resource."""
    result = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise ValueError(f"invoking {props['functionName']}: {answer['FunctionError']}: {result}")
    props["result"] = result
    digest = hashlib.md5(props["input"].encode(), usedforsecurity=False).hexdigest()
    return f"{props['functionName']}_$LATEST_{digest}"


def _kept(_aws: Aws, invocation: Instance) -> Answer:
    """There is nothing to ask: what was answered is in the state alone."""
    names = ("functionName", "input", "lifecycleScope", "qualifier", "result", "terraformKey", "triggers")
    return {name: invocation.get(name) for name in names}


INVOCATION = Resource(
    type_name="aws:lambda/invocation:Invocation",
    service="lambda",
    create=Call("invoke", _call_form),
    identify=_invoked,
    read=_kept,
    delete=lambda _aws, _invocation: None,
    local=("lifecycleScope", "qualifier", "terraformKey", "triggers"),
    defaults={"lifecycleScope": "CREATE_ONLY", "qualifier": "$LATEST", "terraformKey": "tf"},
    steps=(Step(("lifecycleScope", "terraformKey"), lambda _aws, _invocation: None, on_create=False),),
    rules=(
        one_of("lifecycleScope", "CREATE_ONLY"),
        one_of("qualifier", "$LATEST"),
        json_text("input"),
        unknown_here("tenantId"),
    ),
)

ENTRIES = (PERMISSION, FUNCTION_URL, EVENT_INVOKE_CONFIG, INVOCATION)
