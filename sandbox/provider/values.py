"""How do property values travel over gRPC, with their unknowns and secrets?

A Struct is decoded to plain Python; unknowns become `UNKNOWN`, secrets are unwrapped and their paths remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

Props = dict[str, Any]
Path = tuple[str, ...]

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's marker, not a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class Unknown:
    """The type of `UNKNOWN`: a value that a preview cannot know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass
class Decoded:
    """Plain values, and where the secret ones are (a secret inside a list marks the whole list)."""

    values: Props = field(default_factory=dict)
    secrets: AbstractSet[Path] = frozenset()


def decode(message: struct_pb2.Struct) -> Decoded:
    """Return the plain values of a message, without null entries."""
    secrets: set[Path] = set()
    return Decoded(_plain(struct_pb2.Value(struct_value=message), (), secrets), secrets)


def encode(values: Props, secrets: AbstractSet[Path] = frozenset()) -> struct_pb2.Struct:
    """Return the message of `values`, wrapping what lies at the paths in `secrets`."""
    return _value(values, (), secrets).struct_value


def contains_unknown(value: Any) -> bool:
    """Tell whether a value is unknown or holds an unknown one."""
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def secret_texts(values: Props, secrets: AbstractSet[Path]) -> list[str]:
    """Return every text that lies under a secret path, the longest first."""
    found: set[str] = set()
    for path in secrets:
        _texts(_at(values, path), found)
    return sorted(found, key=len, reverse=True)


def _plain(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    if kind == "string_value":
        return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        inner: set[Path] = set()
        items = [_plain(item, path, inner) for item in value.list_value.values]
        secrets.update({path} if inner else ())
        return items
    if kind == "struct_value":
        return _plain_struct(value.struct_value, path, secrets)
    return None


def _plain_struct(message: struct_pb2.Struct, path: Path, secrets: set[Path]) -> Any:
    signature = message.fields[SIGNATURE_KEY].string_value if SIGNATURE_KEY in message.fields else ""
    if signature in (_SECRET, _OUTPUT):
        if signature == _SECRET or ("secret" in message.fields and message.fields["secret"].bool_value):
            secrets.add(path)
        return _plain(message.fields["value"], path, secrets) if "value" in message.fields else UNKNOWN
    entries = {key: _plain(item, (*path, key), secrets) for key, item in message.fields.items()}
    return {key: item for key, item in entries.items() if item is not None}


def _value(value: Any, path: Path, secrets: AbstractSet[Path]) -> struct_pb2.Value:
    if path in secrets:
        wrapped = struct_pb2.Struct()
        wrapped.fields[SIGNATURE_KEY].string_value = _SECRET
        wrapped.fields["value"].CopyFrom(_value(value, path, secrets - {path}))
        return struct_pb2.Value(struct_value=wrapped)
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_value(item, path, set()) for item in value]))
    if isinstance(value, dict):
        message = struct_pb2.Struct()
        for key, item in value.items():
            if item is not None:
                message.fields[key].CopyFrom(_value(item, (*path, key), secrets))
        return struct_pb2.Value(struct_value=message)
    return _scalar(value)


def _scalar(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    return struct_pb2.Value(string_value=_UNKNOWN_TEXT if value is UNKNOWN else str(value))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: Any, found: set[str]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _texts(item, found)
    elif isinstance(value, list):
        for item in value:
            _texts(item, found)
    elif isinstance(value, str) and value:
        found.add(value)
