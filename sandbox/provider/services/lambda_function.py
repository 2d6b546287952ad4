"""How is a function made in the Lambda API? From a zip alone: images and published versions are not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.archives import ArchiveError, identity, zip_of
from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, send
from sandbox.provider.rules import arn, between, each, matches, one_of, unknown_here
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_UNKNOWN_HERE = (
    *("capacityProviderConfig", "codeSigningConfigArn", "durableConfig", "fileSystemConfig", "imageConfig", "imageUri"),
    *("publish", "publishTo", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "snapStart"),
    *("sourceKmsKeyArn", "tenancyConfig"),
)
_IN_BUCKET = ("s3Bucket", "s3Key", "s3ObjectVersion")
_CONFIGURATION = (
    *("deadLetterConfig", "description", "environment", "ephemeralStorage", "handler", "kmsKeyArn", "layers"),
    *("loggingConfig", "memorySize", "role", "runtime", "timeout", "tracingConfig", "vpcConfig"),
)


def _api_form(props: Props) -> Props:
    props = dict(props)
    code = {name: props.pop(name) for name in _IN_BUCKET if name in props}
    if "code" in props:
        try:
            code["zipFile"] = zip_of(props.pop("code"))
        except ArchiveError:
            code["zipFile"] = b""  # a rule tells what is wrong with it
    network = props.get("vpcConfig")
    if isinstance(network, dict):
        props["vpcConfig"] = {name: value for name, value in network.items() if name != "vpcId"}
    return {**props, "code": code}


def _configure(aws: Aws, function: Instance) -> None:
    empty: Props = {"environment": {"variables": {}}, "deadLetterConfig": {"targetArn": ""}, "description": ""}
    wanted = {name: function[name] for name in _CONFIGURATION if function.get(name) is not None}
    wanted |= {name: value for name, value in empty.items() if function.old.get(name) and name not in wanted}
    call = Call("update_function_configuration", lambda props: _without_code(_api_form(props)), FUNCTION.rename)
    send(aws, "lambda", call, wanted, {"FunctionName": function.id})


def _without_code(props: Props) -> Props:
    return {name: value for name, value in props.items() if name != "code"}


def _put_code(aws: Aws, function: Instance) -> None:
    wanted = {name: function[name] for name in ("code", *_IN_BUCKET) if function.get(name) is not None}
    code = {f"{name[0].upper()}{name[1:]}": value for name, value in _api_form(wanted)["code"].items()}
    architectures = {"Architectures": function["architectures"]} if function.get("architectures") else {}
    aws("lambda").update_function_code(FunctionName=function.id, **code, **architectures)


def _reserve(aws: Aws, function: Instance) -> None:
    reserved = function.get("reservedConcurrentExecutions", -1)
    if reserved >= 0:
        aws("lambda").put_function_concurrency(FunctionName=function.id, ReservedConcurrentExecutions=reserved)
    else:
        aws("lambda").delete_function_concurrency(FunctionName=function.id)


def _function(aws: Aws, function: Instance) -> Answer | None:
    found = aws("lambda").get_function(FunctionName=function.id)
    concurrency = found.get("Concurrency") or {}
    return {
        **found["Configuration"],
        "Tags": found.get("Tags") or {},
        "ReservedConcurrentExecutions": concurrency.get("ReservedConcurrentExecutions", -1),
    }


def _complete(aws: Aws, answer: Answer, found: Props, _function_instance: Instance) -> None:
    name = answer["FunctionArn"]
    prefix = f"arn:{aws.partition}:apigateway:{aws.region}:lambda:path"
    found["version"] = "$LATEST"
    found["qualifiedArn"] = f"{name}:$LATEST"
    found["invokeArn"] = f"{prefix}/2015-03-31/functions/{name}/invocations"
    found["qualifiedInvokeArn"] = f"{prefix}/2015-03-31/functions/{name}:$LATEST/invocations"
    found["responseStreamingInvokeArn"] = f"{prefix}/2021-11-15/functions/{name}/response-streaming-invocations"
    found["sourceCodeSize"] = answer["CodeSize"]
    found["layers"] = [layer["Arn"] for layer in answer.get("Layers") or []]
    for name in ("snapStart", "imageConfig", "publish"):
        found.pop(name, None)


def _readable(props: Props) -> Iterable[Failure]:
    sources = [name for name in ("code", "s3Bucket") if props.get(name) is not None]
    if len(sources) != 1:
        yield Failure("code", f"exactly one of code, s3Bucket must be given, got {', '.join(sources) or 'none'}")
    elif sources == ["code"]:
        try:
            zip_of(props["code"])
        except ArchiveError as error:
            yield Failure("code", str(error))


def _zip_needs(props: Props) -> Iterable[Failure]:
    if props.get("packageType", "Zip") not in ("Zip", UNKNOWN):
        yield Failure("packageType", "the sandbox runs functions from a zip alone; use Zip")
    for name in ("handler", "runtime"):
        if props.get(name) is None:
            yield Failure(name, "must be given when packageType is 'Zip'")


def _variable_names(props: Props) -> Iterable[Failure]:
    environment = props.get("environment")
    variables = environment.get("variables") if isinstance(environment, dict) else None
    for name in variables if isinstance(variables, dict) else {}:
        if not name[:1].isalpha() or not name.replace("_", "a").isalnum() or len(name) == 1:
            yield Failure(
                f"environment.variables.{name}", "must have two or more letters, digits and _, a letter first"
            )


FUNCTION = Resource(
    type_name="aws:lambda/function:Function",
    service="lambda",
    create=Call("create_function", _api_form),
    identify=lambda answer, _: answer["FunctionName"],
    read=_function,
    delete=lambda aws, function: aws("lambda").delete_function(FunctionName=function.id),
    steps=(
        Step(_CONFIGURATION, _configure, on_create=False),
        Step(("code", *_IN_BUCKET, "sourceCodeHash", "architectures"), _put_code, on_create=False),
        Step(("reservedConcurrentExecutions",), _reserve),
    ),
    finish=_complete,
    rename={"name": "FunctionName", "arn": "FunctionArn"},
    tagging="lambda",
    local=("codeSha256", "skipDestroy", "sourceCodeHash"),
    defaults={
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "reservedConcurrentExecutions": -1,
        "skipDestroy": False,
        "timeout": 3,
    },
    computed=("architectures", "codeSha256", "ephemeralStorage", "loggingConfig", "sourceCodeHash", "tracingConfig"),
    moving=("codeSha256", "lastModified", "sourceCodeSize"),
    comparison=Comparison(sets=("layers",), canonical={"code": identity}),
    rules=(
        _readable,
        _zip_needs,
        unknown_here(*_UNKNOWN_HERE),
        _variable_names,
        between("timeout", 1, 900),
        between("memorySize", 128, 32768),
        between("ephemeralStorage.size", 512, 10240),
        one_of("architectures", "x86_64", "arm64"),
        each(
            "architectures",
            lambda value: None if isinstance(value, str) or len(value) == 1 else "takes one architecture",
        ),
        one_of("loggingConfig.logFormat", "JSON", "Text"),
        one_of("tracingConfig.mode", "Active", "PassThrough"),
        matches("name", r"[a-zA-Z0-9_-]{1,64}", "must hold 1 to 64 letters, digits, - and _"),
        arn("role"),
        arn("kmsKeyArn"),
        arn("deadLetterConfig.targetArn"),
    ),
    name_limit=64,
)

ENTRIES = (FUNCTION,)
