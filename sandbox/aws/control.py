"""What can be asked of the local AWS beside AWS's own calls: its state, its clock, its functions and balancers."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.aws.errors import Answer
from sandbox.aws.functions.balancer import Balancer
from sandbox.aws.functions.function import function_at
from sandbox.aws.functions.http_events import url_answer, url_event
from sandbox.aws.functions.runtime import StoppingError
from sandbox.aws.functions.schedules import Schedules
from sandbox.aws.functions.signature import signer_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.aws.call import Call
    from sandbox.aws.functions.desk import Desk
    from sandbox.aws.functions.surroundings import Surroundings
    from sandbox.aws.patches.sns import Notice

PREFIX = "/_berth/"
_ADDRESS = re.compile(r"(?P<id>[0-9a-f]{32})\.lambda-url\.[\w-]+\.on\.aws(:\d+)?")
_LONGEST_SECONDS = 10 * 365 * 86_400
_JSON = {"content-type": "application/json"}


class Control:
    """The routes below `/_berth/`, and requests to the host of a function's URL."""

    def __init__(
        self,
        desk: Desk,
        around: Surroundings,
        regions: Callable[[], set[str]],
        documents: dict[str, Callable[[], Any]],
    ) -> None:
        """`documents` are the routes that only tell something."""
        self._desk, self._around, self._regions = desk, around, regions
        self._balancer, self._schedules = Balancer(desk, around), Schedules(desk, around)
        self._notices: list[dict[str, Any]] = []
        self._documents = {
            **documents,
            "invocations": self._desk.invocations,
            "notices": lambda: self._notices,
            "schedules": self._coming,
            "clock": self._time,
        }

    def is_own(self, call: Call) -> bool:
        """Tell whether a request is none to AWS's API."""
        return call.target.startswith(PREFIX) or _ADDRESS.fullmatch(call.headers.get("host", "")) is not None

    def answer(self, call: Call) -> Answer:
        """Answer a request that `is_own`."""
        try:
            return self._answered(call)
        except StoppingError as error:
            return _document({"message": str(error)}, 503)

    def _answered(self, call: Call) -> Answer:
        host = _ADDRESS.fullmatch(call.headers.get("host", ""))
        if host and not call.target.startswith(PREFIX):
            return self._url(call, host["id"], call.target)
        route = call.target.removeprefix(PREFIX)
        kind, _, rest = route.partition("/")
        if kind == "url":
            address, _, path = rest.partition("/")
            return self._url(call, address, f"/{path}")
        if kind == "balancer":
            name, _, behind = rest.partition("/")
            port, _, path = behind.partition("/")
            return self._balance(call, name, port, f"/{path}")
        name = urlsplit(route).path
        if (call.method, name) == ("POST", "clock"):
            return self._advance(call)
        if name not in self._documents:
            return Answer(404, dict(_JSON), b'{"message": "no such route"}')
        if name == "invocations":
            self._desk.settle()
        return _document(self._documents[name]())

    def publish(self, notices: list[Notice]) -> None:
        """Take what a topic sends to no queue: functions are called, all of it can be read."""
        for notice in notices:
            self._notices.append(asdict(notice))
            if notice.protocol == "lambda":
                self._desk.deliver(notice)

    def _url(self, call: Call, address: str, path: str) -> Answer:
        with self._around.locked:
            function = function_at(address, self._regions())
        if function is None:
            return Answer(403, {**_JSON, "x-amzn-errortype": "AccessDeniedException"}, b'{"Message":null}')
        key = signer_of(call, function.region, self._around.clock.now(), self._around.clock.real())
        if function.address_type == "AWS_IAM" and key is None:
            return Answer(403, {**_JSON, "x-amzn-errortype": "AccessDeniedException"}, b'{"Message":"Forbidden"}')
        outcome = self._desk.run(function, url_event(function, call, path, key or "", self._around.clock.now()), "url")
        return url_answer(outcome.payload, failed=outcome.failed)

    def _balance(self, call: Call, name: str, port: str, path: str) -> Answer:
        if not port.isdecimal():
            return Answer(404, dict(_JSON), b'{"message": "the route is balancer/NAME/PORT/PATH"}')
        return self._balancer.answer(name, int(port), call, path, self._regions())

    def _advance(self, call: Call) -> Answer:
        """Fire what is due until then; the clock never goes back."""
        now = self._around.clock.now()
        try:
            document = json.loads(call.body)
            until = document.get("until")
            moment = datetime.fromisoformat(until).timestamp() if until else now + float(document["advance_seconds"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return _document({"message": "give advance_seconds, or until as a date-time with its offset"}, 422)
        if not 0 <= moment - now <= _LONGEST_SECONDS:
            return _document({"message": "the clock goes ahead, and by ten years at most"}, 422)
        until_moment = datetime.fromtimestamp(moment, UTC)
        fired = list(self._schedules.fire_until(until_moment, self._regions()))
        self._desk.settle()
        return _document({**self._time(), "fired": fired})

    def _time(self) -> dict[str, Any]:
        moment = datetime.fromtimestamp(self._around.clock.now(), UTC)
        return {"now": moment.isoformat(timespec="seconds"), "is_real": not self._around.clock.advanced}

    def _coming(self) -> list[dict[str, str]]:
        moment = datetime.fromtimestamp(self._around.clock.now(), UTC)
        return [
            {"schedule": one.id, "next": when.isoformat(), "expression": one.expression, "zone": one.zone}
            for when, one in self._schedules.due(self._regions(), moment)
        ]


def _document(document: Any, status: int = 200) -> Answer:
    return Answer(status, dict(_JSON), json.dumps(document, indent=2).encode())
