"""How is a parameter stored in Systems Manager?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import each, exactly_one, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_CONTENT = ("value", "insecureValue", "type", "description", "tier", "keyId", "dataType", "allowedPattern")
_STANDARD_BYTES = 4096


def _one_value(props: Props) -> Props:
    props = dict(props)
    insecure = props.pop("insecureValue", None)
    return {**props, "value": insecure} if insecure is not None else props


def _parameter(aws: Aws, parameter: Instance) -> Answer | None:
    client = aws("ssm")
    value = client.get_parameter(Name=parameter.id, WithDecryption=True)["Parameter"]
    filters = [{"Key": "Name", "Option": "Equals", "Values": [parameter.id]}]
    described = first(client.describe_parameters(ParameterFilters=filters), "Parameters") or {}
    tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=parameter.id)["TagList"]
    return {**described, **value, "Tags": tags}


def _complete(_aws: Aws, answer: Answer, found: Props, parameter: Instance) -> None:
    if parameter.get("insecureValue") is not None:
        found["insecureValue"] = found.pop("value")
    found["hasValueWo"] = False
    found.setdefault("description", answer.get("Description"))


def _overwrite(aws: Aws, parameter: Instance) -> None:
    wanted = {name: parameter[name] for name in _CONTENT if parameter.get(name) is not None}
    send(aws, "ssm", Call("put_parameter", _one_value), wanted, {"Name": parameter.id, "Overwrite": True})


def _size(props: Props) -> Iterable[Failure]:
    value = props.get("value") or props.get("insecureValue")
    if isinstance(value, str) and len(value.encode()) > _STANDARD_BYTES and props.get("tier", "Standard") == "Standard":
        yield Failure(
            "value", f"has {len(value.encode())} bytes; the Standard tier takes {_STANDARD_BYTES}, use Advanced"
        )


def _path(value: str) -> str | None:
    reserved = value.lower().lstrip("/").startswith(("aws", "ssm"))
    return "must not begin with aws or ssm, which AWS keeps for itself" if reserved else None


PARAMETER = Resource(
    type_name="aws:ssm/parameter:Parameter",
    service="ssm",
    create=Call("put_parameter", _one_value),
    identify=lambda _, props: props["name"],
    read=_parameter,
    delete=lambda aws, parameter: aws("ssm").delete_parameter(Name=parameter.id),
    steps=(Step(_CONTENT, _overwrite, on_create=False),),
    finish=_complete,
    rename={"arn": "ARN"},
    tagging="ssm",
    computed=("arn", "dataType", "insecureValue", "keyId", "tier", "value"),
    moving=("version",),
    forced=lambda old, new: ["tier"] if (old.get("tier"), new.get("tier")) == ("Advanced", "Standard") else [],
    rules=(
        exactly_one("value", "insecureValue"),
        one_of("type", "String", "StringList", "SecureString"),
        one_of("tier", "Standard", "Advanced", "Intelligent-Tiering"),
        each("name", _path),
        each("value", lambda value: None if value else "must not be empty"),
        _size,
    ),
)

ENTRIES = (PARAMETER,)
