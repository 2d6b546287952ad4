"""What does a client hear from the load balancer of a service that sleeps? When to come again; and may it wake it?

A function of its own, which knows nothing but the documents that it is told: of the service nothing runs.
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from components.contracts import WakeAnswer
from components.keeper.runtime.calls import Calls
from components.keeper.runtime.client_keys import ClientKeys
from components.keeper.runtime.clients import Clients
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.instants import instant_of
from components.keeper.runtime.refusals import BAD_KEY, EXPIRED_KEY, PROBED, UNKNOWN_DOOR, response, sleeping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.keeper.runtime.client_keys import ClientKey
    from components.keeper.runtime.refusals import Answer

log = logging.getLogger("berth.asleep")
log.setLevel(logging.INFO)

WAKING_METHOD = "POST"
"""Only these make an engine work; who asks for a list of models does not want a GPU for it."""
ANYBODY = "anybody"
"""Who asks where a service has no keys: whoever reaches it may use it."""
_PROBE = "elb-healthchecker"
STATE_SECONDS, KEYS_SECONDS = 5.0, 60.0
"""For how long an answer of SSM and of Secrets Manager is believed."""
UNKNOWN_WAIT_SECONDS = 600.0
"""The keeper looks every ten minutes: who can say nothing better says that."""
OVERDUE_SECONDS = 10.0
ASK_AGAIN_SECONDS, FAILED_AGAIN_SECONDS = 60.0, 10.0
"""After a no, and after a failure, of the keeper."""
LOOK_AGAIN_SECONDS = 60.0
"""Between two looks of the keeper at a service that wakes."""
_LAMBDA = "lambda"


@dataclass(slots=True)
class Door:
    """One service, and what this function knows of it."""

    service: str
    state: str
    """Name of the parameter with the keeper's state."""
    keys: str | None
    """ARN of the secret with the clients' keys; None: there are none."""
    waking_until: float = 0.0
    ask_again_at: float = 0.0
    look_again_at: float = 0.0
    told_next_wake: datetime | None = None
    known: dict[str, tuple[float, Any]] = field(default_factory=dict[str, "tuple[float, Any]"])


class Doorkeeper:
    """Answers for all services of a stack that sleep behind their own load balancers."""

    def __init__(
        self,
        doors: Mapping[str, Door],
        keeper: str,
        *,
        clients: Callable[[str, str | None], Any],
        calls: Calls,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`doors` are by the ARN of their target group; `keeper` is the function to ask; `clock` gives seconds."""
        self._doors, self._keeper = doors, keeper
        self._clients, self._calls, self._clock = clients, calls, clock

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the load balancer sends to a client."""
        headers = _headers(event)
        return response(self._answer(event, headers), many="multiValueHeaders" in event)

    def _answer(self, event: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        if headers.get("user-agent", "").lower().startswith(_PROBE):
            return PROBED
        door = self._doors.get(event["requestContext"]["elb"]["targetGroupArn"])
        if door is None:
            return UNKNOWN_DOOR
        key_id: str | None = ANYBODY
        if door.keys is not None:
            keys = self._keys(door, door.keys)
            key = keys and keys.find(headers.get("authorization"))
            if keys is not None and key is None:
                return BAD_KEY
            if key is not None and key.expires is not None and self._clock() >= key.expires.timestamp():
                return EXPIRED_KEY
            key_id = _waker(key)
        state = self._state(door)
        if state.get("state") != "asleep":
            self._look(door)
        elif event["httpMethod"] == WAKING_METHOD and key_id is not None:
            self._wake(door, key_id)
        return self._refusal(door, state)

    def _refusal(self, door: Door, state: Mapping[str, Any]) -> Answer:
        now = self._clock()
        phase: Literal["waking", "asleep"] = "asleep" if state.get("state") == "asleep" else "waking"
        if phase == "waking" or now < door.waking_until:
            # It is awake at last as soon as the load balancer knows, which is a matter of seconds.
            ready_at = max(_seconds(state, "ready_at") or 0.0, door.waking_until, now + OVERDUE_SECONDS)
            return sleeping("waking", datetime.fromtimestamp(ready_at, UTC), ready_at - now)
        next_wake = _seconds(state, "next_wake")
        if next_wake is None and door.told_next_wake is not None:
            next_wake = door.told_next_wake.timestamp()
        if next_wake is None:
            return sleeping("asleep", None, UNKNOWN_WAIT_SECONDS)
        # One that is due has not been written down yet.
        next_wake = max(next_wake, now + OVERDUE_SECONDS)
        return sleeping("asleep", datetime.fromtimestamp(next_wake, UTC), next_wake - now)

    def _look(self, door: Door) -> None:
        """Have the keeper look whether the service answers by now: its next run may be minutes away, and it is paid."""
        now = self._clock()
        if now < door.look_again_at:
            return
        door.look_again_at = now + LOOK_AGAIN_SECONDS
        try:
            self._calls(
                self._clients(_LAMBDA, None).invoke,
                FunctionName=self._keeper,
                InvocationType="Event",
                # Nobody waits for what comes of it: the runs on time ring the alarms.
                Payload=json.dumps({"services": [door.service], "tolerant": True}).encode(),
            )
        except KeeperError as error:
            log.warning("%s: the keeper was asked in vain: %s", door.service, error)

    def _wake(self, door: Door, key_id: str) -> None:
        """Ask the keeper once, however many requests come meanwhile."""
        now = self._clock()
        if now < max(door.waking_until, door.ask_again_at):
            return
        door.ask_again_at = now + FAILED_AGAIN_SECONDS
        try:
            told = self._calls(
                self._clients(_LAMBDA, None).invoke,
                FunctionName=self._keeper,
                InvocationType="RequestResponse",
                Payload=json.dumps({"service": door.service, "key_id": key_id}).encode(),
            )
            found = json.loads(told["Payload"].read())
            status, body = found["statusCode"], json.loads(found["body"])
        except (KeeperError, ValueError, KeyError, TypeError) as error:
            log.warning("%s: the keeper was asked in vain: %s", door.service, error)
            return
        log.info("%s: %s asked the keeper, which answered %s", door.service, key_id, status)
        if status in (WakeAnswer.ACCEPTED, WakeAnswer.UNDER_WAY):
            door.waking_until = now + max(body.get("expected_seconds") or 0, OVERDUE_SECONDS)
        elif status == WakeAnswer.OUTSIDE_HOURS:
            door.ask_again_at = now + ASK_AGAIN_SECONDS
            door.told_next_wake = instant_of(body["next_wake"]) if body.get("next_wake") else None

    def _state(self, door: Door) -> Mapping[str, Any]:
        """Return the keeper's state; without one the service sleeps, and nobody knows until when."""

        def read() -> Mapping[str, Any]:
            found = self._calls(self._clients("ssm", None).get_parameter, Name=door.state)
            state = json.loads(found["Parameter"]["Value"])
            if not isinstance(state, dict):
                raise ValueError("it is no JSON object")  # noqa: TRY004 - of a document, as JSON's own errors
            return cast("dict[str, Any]", state)

        return self._known(door, "state", STATE_SECONDS, read) or {"state": "asleep"}

    def _keys(self, door: Door, secret_arn: str) -> ClientKeys | None:
        """Return the keys; None where nobody can tell who asks, so that nobody wakes anything."""

        def read() -> ClientKeys:
            secrets = self._clients("secretsmanager", secret_arn.split(":")[3])
            return ClientKeys.parse(self._calls(secrets.get_secret_value, SecretId=secret_arn).get("SecretString", ""))

        return self._known(door, "keys", KEYS_SECONDS, read)

    def _known(self, door: Door, what: str, seconds: float, read: Callable[[], Any]) -> Any:
        """Return something as it was some seconds ago, or as it was last where it cannot be read."""
        at, value = door.known.get(what, (-math.inf, None))
        if self._clock() - at < seconds:
            return value
        try:
            value = read()
        except (KeeperError, ValueError) as error:
            log.warning("%s: no %s: %s", door.service, what, error)
        door.known[what] = (self._clock(), value)
        return value


def handle(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Answer one request that a load balancer passes on."""
    return _made().answer(event)


def _waker(key: ClientKey | None) -> str | None:
    return key.name if key is not None and key.may_wake else None


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request, however the target group has them written."""
    if "multiValueHeaders" in event:
        return {name.lower(): values[-1] for name, values in event["multiValueHeaders"].items() if values}
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _seconds(state: Mapping[str, Any], member: str) -> float | None:
    try:
        return instant_of(state[member]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


@cache
def _made() -> Doorkeeper:
    doors = {arn: Door(**one) for arn, one in json.loads(os.environ["BERTH_ASLEEP"]).items()}
    # Behind a load balancer somebody waits: what does not answer at once is not asked again.
    return Doorkeeper(doors, os.environ["BERTH_KEEPER"], clients=Clients(attempts=1), calls=Calls(pauses=()))
