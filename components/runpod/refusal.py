"""What may be told of an answer that refuses? Title, detail and errors of problem+json, and no secret in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.runpod.errors import LostAnswerError, RunpodError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from urllib3 import BaseHTTPResponse

_FIRST_REFUSAL, _FIRST_FAILURE = 400, 500


def refusal(request: str, origin: str, response: BaseHTTPResponse, hidden: Iterable[str]) -> RunpodError:
    """Return what to raise for an answer that is no success; `hidden` are texts that must not be in it.

    A failure of the server leaves open whether a POST was carried out: that is a LostAnswerError.
    """
    if response.status < _FIRST_REFUSAL:
        return RunpodError(request, response.status, f"a redirect is not followed: the key is for {origin} alone")
    problem = _problem(response)
    is_lost = request.startswith("POST ") and response.status >= _FIRST_FAILURE
    return (LostAnswerError if is_lost else RunpodError)(
        request,
        response.status,
        _without(hidden, problem.get("title") or response.reason or "refused"),
        _without(hidden, problem.get("detail") or ""),
        [_without(hidden, error) for error in problem.get("errors") or ()],
    )


def _problem(response: BaseHTTPResponse) -> dict[str, Any]:
    """Return the parts of a problem+json answer that are text, and nothing of any other answer."""
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        found = json.loads(response.data)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    texts = {part: found[part] for part in ("title", "detail") if isinstance(found.get(part), str)}
    errors = found.get("errors")
    return {**texts, "errors": [str(error) for error in errors] if isinstance(errors, list) else []}


def _without(hidden: Iterable[str], text: str) -> str:
    for value in hidden:
        text = text.replace(value, "***")
    return text
