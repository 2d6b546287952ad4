"""What does the gateway serve, in OpenAPI's words? Its own routes, and those of OpenAI's API that it passes on.

Bodies are described as far as the gateway looks at them: what an engine takes is the engine's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

if TYPE_CHECKING:
    from fastapi import FastAPI

JSON, EVENTS = "application/json", "text/event-stream"
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "minLength": 1},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "integer", "null"], "description": "vLLM's own errors: the status."},
            },
        },
        "wake": {
            "type": "object",
            "description": "Beside `service_asleep` and `service_waking`.",
            "required": ["state", "next_wake", "retry_after_seconds"],
            "properties": {
                "state": {"type": "string", "enum": ["asleep", "waking"]},
                "next_wake": {"type": ["string", "null"], "format": "date-time"},
                "retry_after_seconds": {"type": "integer", "minimum": 1},
            },
        },
    },
}
EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "description": "JSON, or `[DONE]` last."}},
}
# Status, and what a client should do about it.
REFUSALS = {
    400: "The request is not what OpenAI's API describes, or a check refused it.",
    401: "No key, an unknown one, or one whose time is over.",
    403: "The key may use other models.",
    404: "There is no such model or route.",
    408: "The request did not arrive in time.",
    413: "The body is too large.",
    429: "A limit of the key, or a busy engine; `Retry-After` says when to try again.",
    431: "The headers are too large.",
    502: "The engine broke off.",
    503: "No engine, or one that sleeps; `Retry-After` says when to try again.",
    504: "No answer in time.",
}
OF_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
    401: {"description": REFUSALS[401], "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}},
}
# Path below /v1, what it asks for beside `model`, and whether it streams.
POSTED = {
    "/v1/chat/completions": ("messages", {"type": "array", "items": {"type": "object"}}, True),
    "/v1/completions": ("prompt", {"type": ["string", "array"]}, True),
    "/v1/embeddings": ("input", {"type": ["string", "array"]}, False),
    "/v1/responses": ("input", {"type": ["string", "array"]}, True),
}


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole description; `app` has the gateway's own routes."""
    described = get_openapi(title=app.title, version=version, routes=app.routes)
    described["paths"]["/metrics"]["get"]["security"] = [{"key": []}]
    described["paths"] |= {path: {"post": _post(path, *parts)} for path, parts in POSTED.items()}
    described["paths"] |= {"/v1/models": {"get": _get("The models that can be asked for.")}}
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    one = {**_get("One of them."), "parameters": [model]}
    described["paths"]["/v1/models/{model}"] = {"get": one}
    schemes = {"key": {"type": "http", "scheme": "bearer"}}
    components = described.setdefault("components", {})
    components["securitySchemes"] = schemes
    components.setdefault("schemas", {})["Error"] = ERROR
    return described


def _post(path: str, asked: str, schema: dict[str, Any], streams: bool) -> dict[str, Any]:
    properties = {"model": {"type": "string"}, asked: schema, **({"stream": {"type": "boolean"}} if streams else {})}
    body = {"type": "object", "required": ["model", asked], "properties": properties, "additionalProperties": True}
    kinds = {JSON: {"schema": {"type": "object"}}, **({EVENTS: {"schema": EVENT}} if streams else {})}
    return {
        "summary": f"{path} of whoever stands behind the gateway, byte for byte.",
        "security": [{"key": []}],
        "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
        "responses": {"200": {"description": "As the engine answers.", "content": kinds}, **_refusals()},
    }


def _get(summary: str) -> dict[str, Any]:
    answer = {"description": summary, "content": {JSON: {"schema": {"type": "object", "required": ["object"]}}}}
    return {"summary": summary, "security": [{"key": []}], "responses": {"200": answer, **_refusals()}}


def _refusals() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Error"}}
    return {str(status): {"description": text, "content": {JSON: schema}} for status, text in REFUSALS.items()}
