"""Does a request fit the service's model? Unknown and missing members, types, enums, patterns, limits.

moto looks at none of these; a real AWS refuses such a call before anything happens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.validate import ParamValidator
from moto.core.parse import PROTOCOL_PARSERS

from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from sandbox.aws.call import Call

# The code with which a service answers a request that does not fit its model.
_ERROR_CODES = {
    "acm": "ValidationException",
    "application-autoscaling": "ValidationException",
    "autoscaling": "ValidationError",
    "cloudwatch": "ValidationError",
    "ec2": "InvalidParameterValue",
    "ecs": "InvalidParameterException",
    "efs": "BadRequest",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "lambda": "InvalidParameterValueException",
    "logs": "InvalidParameterException",
    "secretsmanager": "InvalidParameterException",
    "sagemaker-runtime": "ValidationError",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
}
# Objects are data, and their headers are the client's: there is nothing to hold against a model.
_UNCHECKED_SERVICES = frozenset({"s3"})
_NUMBERS = frozenset({"integer", "long", "float", "double"})
_SIZED = frozenset({"string", "list", "map", "blob"})
_QUOTED_LENGTH = 80
# What is below it is not quoted: an environment variable may hold a key.
_UNQUOTED = ".Environment."


def check(call: Call) -> None:
    """Raise the error with which AWS refuses an order that its model does not allow; what only asks is not checked."""
    if call.model is None or call.reads or call.service in _UNCHECKED_SERVICES:
        return
    shape: Any = call.model.input_shape  # botocore leaves its shapes untyped
    if shape is None:
        return
    try:
        params = call.params
    except (ValueError, TypeError, AttributeError) as error:
        raise AwsError(_code(call), f"the request cannot be read as {call.operation}: {error}") from error
    problems = [*_unknown_members(call, shape), *_misfits(shape, params), *_violations(shape, params, "")]
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise AwsError(_code(call), f"{count}: {'; '.join(problems)}")


def _code(call: Call) -> str:
    return _ERROR_CODES.get(call.service, "ValidationException")


def _misfits(shape: Any, params: Mapping[str, Any]) -> Iterator[str]:
    """Missing members, wrong types, values under a minimum: what botocore's own validator reports."""
    report = ParamValidator().validate(dict(params), shape)
    if report.has_errors():
        yield from report.generate_report().splitlines()


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    """What botocore's validator leaves to the service."""
    yield from _limit_violations(shape, value, path)
    for member_shape, member, member_path in _members(shape, value, path):
        yield from _violations(member_shape, member, member_path)


def _members(shape: Any, value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, member in value.items():
            if name in shape.members and member is not None:
                yield shape.members[name], member, f"{path}.{name}" if path else name
    elif shape.type_name == "list" and isinstance(value, list):
        for position, item in enumerate(value, start=1):
            yield shape.member, item, f"{path}.{position}.member"
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield shape.key, key, f"{path}.{key}.key"
            yield shape.value, item, f"{path}.{key}"


def _limit_violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    maximum = shape.metadata.get("max")
    if shape.type_name in _SIZED and hasattr(value, "__len__"):
        if maximum is not None and len(value) > maximum:
            yield _message(shape, path, value, f"Member must have length less than or equal to {maximum}")
    elif shape.type_name in _NUMBERS and isinstance(value, (int, float)) and maximum is not None and value > maximum:
        yield _message(shape, path, value, f"Member must have value less than or equal to {maximum}")
    if shape.type_name == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield _message(shape, path, value, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = _compiled(shape.metadata.get("pattern"))
        if pattern is not None and not pattern.fullmatch(value):
            yield _message(shape, path, value, f"Member must satisfy regular expression pattern: {pattern.pattern}")


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        return re.compile(pattern)
    except re.error:  # Java's own syntax, as in \p{L}
        return None


def _message(shape: Any, path: str, value: object, constraint: str) -> str:
    text = "***" if shape.metadata.get("sensitive") or _UNQUOTED in path else str(value)
    if len(text) > _QUOTED_LENGTH:
        text = text[: _QUOTED_LENGTH - 3] + "..."
    return f"Value '{text}' at '{path}' failed to satisfy constraint: {constraint}"


def _unknown_members(call: Call, shape: Any) -> Iterator[str]:
    if call.form:
        fields = _Recorded(call.form)
        PROTOCOL_PARSERS[call.protocol](call.model)._do_parse({"values": fields}, shape)  # noqa: SLF001
        for name in sorted(call.form.keys() - fields.read - {"Action", "Version"}):
            yield f"The parameter {name} is not recognized"
    elif call.body and call.protocol in {"json", "rest-json"}:
        try:
            document = json.loads(call.body)
        except ValueError:
            return
        payload = shape.serialization.get("payload")
        yield from _unknown_keys(shape.members[payload] if payload else shape, document, "")


def _unknown_keys(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, Mapping) and not shape.is_document_type:
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, item in value.items():
            where = f"{path}.{name}" if path else name
            if name in known:
                yield from _unknown_keys(known[name], item, where)
            else:
                yield f"The parameter {where} is not recognized"
    elif shape.type_name == "list" and isinstance(value, list):
        for position, item in enumerate(value, start=1):
            yield from _unknown_keys(shape.member, item, f"{path}.{position}.member")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknown_keys(shape.value, item, f"{path}.{key}")


class _Recorded(dict[str, str]):
    """Form fields that remember which of them a parser asked for."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(fields)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)
