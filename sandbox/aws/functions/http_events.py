"""How does a request become the event of a function, and its answer a response? For its URL and for a load balancer."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.aws.errors import Answer
from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.aws.call import Call
    from sandbox.aws.functions.function import Function

_TEXTS = ("text/", "application/json", "application/javascript", "application/xml")
_LOWEST, _HIGHEST = 100, 599


def url_event(function: Function, call: Call, path: str, access_key: str, now: float) -> str:
    """Return the event of a request to a function's URL (format 2.0)."""
    parts = urlsplit(path)
    at = datetime.fromtimestamp(now, UTC)
    domain = f"{function.address}.lambda-url.{function.region}.on.aws"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": dict(call.headers) | {"host": domain},
        "requestContext": {
            "accountId": ACCOUNT_ID if access_key else "anonymous",
            "apiId": function.address,
            "domainName": domain,
            "domainPrefix": function.address,
            "http": {
                "method": call.method,
                "path": unquote(parts.path),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": call.headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{at:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(now * 1000),
        },
        **_body(call),
    }
    if access_key:
        iam = {"accessKey": access_key, "accountId": ACCOUNT_ID, "callerId": access_key, "userId": access_key}
        iam["userArn"] = f"arn:aws:iam::{ACCOUNT_ID}:root"
        event["requestContext"]["authorizer"] = {"iam": iam}
    if parts.query:
        event["queryStringParameters"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    return json.dumps(event)


def url_answer(payload: str, *, failed: bool) -> Answer:
    """Return the response for what a function answered a request to its URL: anything without a status is the body."""
    if failed:
        return Answer(502, {"content-type": "application/json"}, b'{"Message":"Internal Server Error"}')
    document = json.loads(payload)
    if not isinstance(document, dict) or "statusCode" not in document:
        body = document if isinstance(document, str) else payload
        return Answer(200, {"content-type": "application/json"}, body.encode())
    headers = {"content-type": "application/json"} | {k.lower(): str(v) for k, v in _headers(document).items()}
    return Answer(int(document["statusCode"]), headers, _content(document))


def balancer_event(group_arn: str, call: Call, path: str, host: str, port: int, *, multi_value: bool) -> str:
    """Return the event of a request that a load balancer forwards; queries stay as they were written."""
    parts = urlsplit(path)
    forwarded = {"x-forwarded-for": "127.0.0.1", "x-forwarded-port": str(port), "x-forwarded-proto": "http"}
    headers = {**call.headers, "host": host, **forwarded, "x-amzn-trace-id": f"Root=1-{uuid.uuid4().hex}"}
    split = [pair.partition("=") for pair in parts.query.split("&") if pair]
    pairs = [(name, value) for name, _, value in split]
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": group_arn}},
        "httpMethod": call.method,
        "path": parts.path,
        **_body(call),
    }
    if multi_value:
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
        event["multiValueQueryStringParameters"] = {
            name: [value for other, value in pairs if other == name] for name, _ in pairs
        }
    else:
        event |= {"headers": headers, "queryStringParameters": dict(pairs)}
    return json.dumps(event)


def balancer_answer(payload: str, *, failed: bool) -> Answer | None:
    """Return the response for what a function answered a load balancer; None for what that cannot understand."""
    document = {} if failed else json.loads(payload)
    status = document.get("statusCode") if isinstance(document, dict) else None
    if not isinstance(status, int) or isinstance(status, bool) or not _LOWEST <= status <= _HIGHEST:
        return None
    headers = _headers(document)
    if not all(isinstance(value, str) for value in headers.values()):
        return None
    return Answer(status, {name.lower(): value for name, value in headers.items()}, _content(document))


def _headers(document: Mapping[str, Any]) -> dict[str, Any]:
    several = document.get("multiValueHeaders") or {}
    return {**{name: ", ".join(values) for name, values in several.items()}, **(document.get("headers") or {})}


def _content(document: Mapping[str, Any]) -> bytes:
    body = document.get("body") or ""
    text = body if isinstance(body, str) else json.dumps(body)
    return base64.b64decode(text) if document.get("isBase64Encoded") else text.encode()


def _body(call: Call) -> dict[str, Any]:
    kind = call.headers.get("content-type", "text/plain").lower()
    if kind.startswith(_TEXTS):
        return {"body": call.body.decode("utf-8", "replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(call.body).decode(), "isBase64Encoded": True}
