"""What does AWS call? One function: for a run of the keeper, for the wake hook, and for what its topic passes on."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from components.contracts import WakeAnswer
from components.keeper.runtime.calls import Calls
from components.keeper.runtime.clients import Clients
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.platforms import Platforms
from components.keeper.runtime.relay import relay
from components.keeper.runtime.services import Services, unknown
from components.keeper.runtime.store import SsmStore
from components.keeper.runtime.voice import AwsVoice
from components.keeper.runtime.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("berth.keeper")
log.setLevel(logging.INFO)

_BAD_REQUEST, _NOT_FOUND, _NOT_ALLOWED, _UNAVAILABLE = 400, 404, 405, 503
_LONGEST_KEY_ID = 200
_EXAMPLE = '{"service": "chat", "key_id": "team-a"}'


class UnkeptError(KeeperError):
    """Some services of a run could not be kept; the others were."""


def handle(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Answer one call of the function.

    A run gets `{"services": ["chat"]}`, or `{}` for all of the stack. It raises UnkeptError at its end where something
    went wrong, so that the alarm on errors rings; with `"tolerant": true` it only says so, as a deployment wants it.
    """
    services, webhook = _made()
    return answer(event, services, webhook)


def answer(event: Mapping[str, Any], services: Services, webhook: Webhook) -> dict[str, Any]:
    """Answer one call; raises UnkeptError as `handle` says."""
    if "Records" in event:
        return {"told": relay(event["Records"], services, webhook)}
    if "http" in event.get("requestContext", {}) or "key_id" in event:
        return _hook(event, services)
    return _run(event, services)


def _run(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    outcomes = services.keep(event.get("services") or ())
    for outcome in outcomes:
        log.info(json.dumps({"service": outcome.service, **outcome.to_json()}, sort_keys=True))
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    if problems and not event.get("tolerant"):
        raise UnkeptError("; ".join(problems))
    return {outcome.service: outcome.to_json() for outcome in outcomes}


def _hook(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """Answer the wake hook, called by its address or, with the body alone, as a function."""
    http = event.get("requestContext", {}).get("http")
    if http is not None and http["method"] != "POST":
        return _said(_NOT_ALLOWED, {"error": f"{http['method']} wakes nothing; POST {_EXAMPLE}"})
    asked = _body(event) if http is not None else event
    service, key_id = asked.get("service"), asked.get("key_id")
    if not isinstance(service, str) or not isinstance(key_id, str) or not 0 < len(key_id) <= _LONGEST_KEY_ID:
        return _said(_BAD_REQUEST, {"error": f"the body is not what wakes a service; POST {_EXAMPLE}"})
    if service not in services.names:
        return _said(_NOT_FOUND, {"error": unknown(service, services.names)})
    try:
        status, body = services.wake(service, key_id)
    except KeeperError as error:
        log.warning(json.dumps({"service": service, "problems": [str(error)]}))
        return _said(_UNAVAILABLE, {"error": str(error)})
    log.info(json.dumps({"service": service, "asked_by": key_id, "status": status, **body}, sort_keys=True))
    return _said(status, body)


def _body(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON object of a request, an empty one where there is none."""
    try:
        text = event.get("body") or ""
        raw = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text
        found = json.loads(raw)
    except (ValueError, RecursionError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def _said(status: int, body: Mapping[str, object]) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    if status == WakeAnswer.UNDER_WAY:
        headers["retry-after"] = str(body["expected_seconds"])
    if status == _NOT_ALLOWED:
        headers["allow"] = "POST"
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}


@cache
def _made() -> tuple[Services, Webhook]:
    """Make what outlives a call: while the function stays warm, its connections do."""
    stack, clients, calls = os.environ["BERTH_STACK"], Clients(), Calls()
    webhook = Webhook(clients, calls)
    services = Services(
        json.loads(os.environ["BERTH_SERVICES"]),
        documents=lambda service: SsmStore(stack, service, clients("ssm"), calls),
        platforms=lambda: Platforms(clients, _now, calls),
        voice=AwsVoice(clients, calls, webhook),
        clock=_now,
    )
    return services, webhook


def _now() -> datetime:
    return datetime.now(UTC)
