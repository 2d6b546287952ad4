"""How does moto understand CloudWatch calls? SDKs send them as CBOR, moto's HTTP server reads the older query form."""

from __future__ import annotations

import dataclasses
import re
import struct
from datetime import datetime
from functools import singledispatch
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.awsrequest import HeadersDict
from botocore.parsers import QueryParser, RpcV2CBORParser
from botocore.serialize import QuerySerializer
from botocore.session import get_session

from sandbox.aws.errors import BAD_REQUEST, Answer

if TYPE_CHECKING:
    from botocore.model import ServiceModel

    from sandbox.aws.call import Call

_LENGTH_IN_HEAD = 23
_PATH = re.compile(r"^/service/GraniteServiceVersion20100801/operation/(?P<operation>\w+)/?$")


def as_query(call: Call) -> Call | None:
    """The same call in the query protocol, or None for a call that is not CBOR."""
    match = _PATH.match(call.target)
    if match is None:
        return None
    model = _service().operation_model(match["operation"])
    params: dict[str, Any] = {}
    if model.input_shape is not None and call.body:
        parser = RpcV2CBORParser()
        params = parser._parse_shape(  # noqa: SLF001
            model.input_shape, parser.parse_data_item(parser.get_peekable_stream_from_bytes(call.body))
        )
    request = QuerySerializer().serialize_to_request(params, model)
    headers = dict(call.headers) | {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    del headers["smithy-protocol"]
    return dataclasses.replace(call, target="/", headers=headers, body=urlencode(request["body"]).encode())


def as_cbor(call: Call, answer: Answer) -> Answer:
    """Moto's XML answer to the query `call`, as CBOR."""
    model = _service().operation_model(call.operation)
    raw = {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}
    parsed = QueryParser().parse(raw, model.output_shape)
    headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    if answer.status >= BAD_REQUEST:
        error = parsed.get("Error", {})
        code = error.get("Code", "InternalFailure")
        headers["x-amzn-query-error"] = f"{code};{error.get('Type', 'Sender')}"
        return Answer(answer.status, headers, encode({"__type": code, "message": error.get("Message", "")}))
    parsed.pop("ResponseMetadata", None)
    return Answer(answer.status, headers, encode(parsed))


@singledispatch
def encode(value: object) -> bytes:
    """CBOR (RFC 8949) of the types that an answer holds."""
    raise TypeError(f"no CBOR for {type(value).__name__}")


@encode.register
def _(value: bool) -> bytes:
    return b"\xf5" if value else b"\xf4"


@encode.register
def _(value: int) -> bytes:
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


@encode.register
def _(value: float) -> bytes:
    return b"\xfb" + struct.pack(">d", value)


@encode.register
def _(value: datetime) -> bytes:
    return _head(6, 1) + encode(value.timestamp())


@encode.register
def _(value: str) -> bytes:
    text = value.encode()
    return _head(3, len(text)) + text


@encode.register
def _(value: list) -> bytes:
    return _head(4, len(value)) + b"".join(encode(item) for item in value)


@encode.register
def _(value: dict) -> bytes:
    return _head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())


def _head(major: int, length: int) -> bytes:
    if length <= _LENGTH_IN_HEAD:
        return bytes([major << 5 | length])
    for info, layout, limit in ((24, ">B", 2**8), (25, ">H", 2**16), (26, ">I", 2**32), (27, ">Q", 2**64)):
        if length < limit:
            return bytes([major << 5 | info]) + struct.pack(layout, length)
    raise ValueError(f"{length} is too large for CBOR")


def _service() -> ServiceModel:
    return get_session().get_service_model("cloudwatch")
