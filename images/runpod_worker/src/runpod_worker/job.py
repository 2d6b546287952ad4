"""What does a job ask of the engine? A route, a method and a body, in whichever of three forms it was written.

The forms are those of worker-vllm (its handler, 2026-08): RunPod's own OpenAI route sends the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
METHODS = ("GET", "POST")
FORMS = "write openai_route with openai_input, or route with body, or messages, or prompt"


class JobError(Exception):
    """The input cannot be turned into a request; `str()` is for whoever sent the job."""


@dataclass(frozen=True)
class EngineRequest:
    """One HTTP request."""

    route: str
    method: str
    body: dict[str, Any] | None

    @property
    def streams(self) -> bool:
        return self.body is not None and self.body.get("stream") is True


def engine_request(job: Mapping[str, Any], routes: tuple[str, ...], model: str | None) -> EngineRequest:
    """Read a job's input; `routes` are the prefixes that may be asked for, `model` fills in for one that is not named.

    Raises:
        JobError: naming the field, its value, and what is allowed.

    >>> engine_request({"input": {"openai_route": "/v1/models"}}, ("/v1/",), None)
    EngineRequest(route='/v1/models', method='GET', body=None)
    >>> engine_request({"input": {"prompt": "Hi", "sampling_params": {"max_tokens": 4}}}, ("/v1/",), "m")
    EngineRequest(route='/v1/completions', method='POST', body={'max_tokens': 4, 'prompt': 'Hi', 'model': 'm'})
    """
    given = job.get("input")
    if not isinstance(given, dict):
        raise JobError(f"input: {type(given).__name__} is not an object; {FORMS}")
    route, method, body = _read(given)
    if not isinstance(route, str) or not route.startswith(routes) or ".." in route:
        raise JobError(f"route: {route!r} is not offered here; use one below {', '.join(routes)}")
    if method not in METHODS:
        raise JobError(f"method: {method!r} is not GET or POST")
    if body is not None and not isinstance(body, dict):
        raise JobError(f"body: {type(body).__name__} is not an object")
    if body is not None and model is not None:
        body = {**body, "model": body.get("model") or model}
    return EngineRequest(route, method, body)


def _read(given: dict[str, Any]) -> tuple[Any, str, Any]:
    # An empty body is none: RunPod sends one with GET /v1/models.
    if given.get("openai_input") or given.get("openai_route"):
        return _with_body(given.get("openai_route") or CHAT, given.get("openai_input") or None)
    if given.get("route"):
        route, method, body = _with_body(given["route"], given.get("body") or None)
        return route, str(given.get("method") or method).upper(), body
    if "messages" not in given and "prompt" not in given:
        raise JobError(f"input: has no request in it; {FORMS}")
    sampling = given.get("sampling_params") or {}
    if not isinstance(sampling, dict):
        raise JobError(f"sampling_params: {type(sampling).__name__} is not an object")
    named = {name: given[name] for name in ("messages", "prompt", "model", "stream") if name in given}
    return (CHAT if "messages" in given else COMPLETIONS), "POST", {**sampling, **named}


def _with_body(route: Any, body: Any) -> tuple[Any, str, Any]:
    return route, "GET" if body is None else "POST", body
