"""Who calls a function, and what becomes of an event: one answer, or further tries and a place for lost events?"""

from __future__ import annotations

import base64
import json
import logging
import time
import uuid
from collections import deque
from datetime import UTC, datetime
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, Any

from sandbox.aws.errors import Answer, AwsError, crashed, refusal
from sandbox.aws.functions.environment import environment_of
from sandbox.aws.functions.function import Function, function_named
from sandbox.aws.functions.identity import Identities
from sandbox.aws.functions.log_writer import LogWriter, framed
from sandbox.aws.functions.runtime import Invocation, Outcome, Runtime, StoppingError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import lets_in

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.aws.call import Call
    from sandbox.aws.functions.surroundings import Surroundings
    from sandbox.aws.patches.sns import Notice

_TAIL_BYTES = 4096
_REMEMBERED = 1000

log = logging.getLogger(__name__)


class Desk:
    """Takes events and runs them; `close` ends every process and removes every file."""

    def __init__(self, folder: Path, around: Surroundings) -> None:
        """`folder` holds unpacked code, until `close`."""
        self.identities = Identities()
        self._runtime, self._around, self._logs = Runtime(folder), around, LogWriter(around)
        self._under_way: set[Thread] = set()
        self._counting = Lock()
        self._records: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)

    def invocations(self) -> list[dict[str, Any]]:
        """Return what ran lately, the oldest first."""
        return list(self._records)

    def find(self, name: str, region: str) -> Function | None:
        """Return a function by name or ARN."""
        with self._around.locked:
            return function_named(name, region)

    def invoke(self, call: Call) -> Answer:
        """Answer `Invoke`: the event is run at once, or accepted and run afterwards."""
        try:
            function, event = self._checked(call)
        except AwsError as error:
            return refusal(call, error)
        kind = call.params.get("InvocationType", "RequestResponse")
        headers = {"content-type": "application/json", "x-amz-executed-version": "$LATEST"}
        if kind == "DryRun":
            return Answer(204, headers, b"")
        if kind == "Event":
            self.later(function, event, "invoke")
            return Answer(202, headers, b"")
        try:
            outcome = self.run(function, event, "invoke")
        except StoppingError as error:
            return crashed(call, error)
        if call.params.get("LogType") == "Tail":
            headers["x-amz-log-result"] = base64.b64encode(outcome.log.encode()[-_TAIL_BYTES:]).decode()
        if outcome.failed:
            headers["x-amz-function-error"] = "Unhandled"
        return Answer(200, headers, outcome.payload.encode())

    def run(self, function: Function, event: str, source: str) -> Outcome:
        """Run an event now and return what came of it; StoppingError when nothing is run any more."""
        stream = self._logs.stream_of(function)
        clock = self._around.clock
        invocation = Invocation(str(uuid.uuid4()), event, stream, clock.now() if clock.advanced else None)
        key = self.identities.key_of(function.role, function.name)
        environment = environment_of(function, self._around, self._runtime.code_of(function), key, stream)
        outcome = framed(function, invocation, self._runtime.run(function, invocation, environment))
        self._logs.write(function, invocation, outcome.log)
        self._records.append(
            {
                "function": function.name,
                "source": source,
                "request_id": invocation.request_id,
                "event": event,
                "answer": outcome.payload,
                "failed": outcome.failed,
                "seconds": round(outcome.seconds, 3),
            }
        )
        return outcome

    def keep_running(self, function: Function, event: str, source: str) -> Outcome:
        """Run an event for which nobody waits: again when it fails, and to where lost events go at last.

        Lambda waits a minute before the second try and two before the third; here each is at once.
        """
        outcome = self.run(function, event, source)
        for _ in range(function.retries if outcome.failed else 0):
            log.warning("%s failed: %s", function.name, outcome.payload)
            outcome = self.run(function, event, source)
            if not outcome.failed:
                break
        if outcome.failed:
            if function.dead_letter:
                self._around.send(function.dead_letter, event)
            if function.on_failure:
                self._around.send(function.on_failure, self._lost(function, event, outcome))
        return outcome

    def later(self, function: Function, event: str, source: str) -> None:
        """Run an event in the background."""

        def work() -> None:
            try:
                self.keep_running(function, event, source)
            except StoppingError:
                log.warning("an event of %s is lost: the sandbox is stopping", function.name)
            except Exception:
                log.exception("%s could not be run", function.name)
            finally:
                with self._counting:
                    self._under_way.discard(current_thread())

        thread = Thread(target=work, name=f"function {function.name}")
        with self._counting:
            self._under_way.add(thread)
        thread.start()

    def settle(self) -> None:
        """Return once nothing runs in the background any more."""
        while True:
            with self._counting:
                waiting = list(self._under_way)
            if not waiting:
                return
            for thread in waiting:
                thread.join()

    def deliver(self, notice: Notice) -> None:
        """Call the function that a message of a topic is for, as long as it lets the topic."""
        function = self.find(notice.endpoint, notice.endpoint.split(":")[3])
        policy = {"Statement": list(function.statements)} if function else {}
        if function is None or not lets_in(policy, "sns.amazonaws.com", "lambda:InvokeFunction", notice.topic):
            log.warning("%s may not call %s", notice.topic, notice.endpoint)
            return
        self.later(function, _event_of(notice, self._around.clock.now()), "sns")

    def close(self) -> None:
        """End every process, and wait for the threads that ran them."""
        self._runtime.close()
        self.settle()

    def _checked(self, call: Call) -> tuple[Function, str]:
        name = call.params["FunctionName"]
        function = self.find(name, call.region)
        if function is None:
            arn = name if name.startswith("arn:") else f"arn:aws:lambda:{call.region}:{ACCOUNT_ID}:function:{name}"
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}")
        if function.is_throttled:
            raise AwsError("TooManyRequestsException", "Rate Exceeded.")
        event = call.body.decode("utf-8", "replace") or "{}"
        try:
            json.loads(event)
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            raise AwsError("InvalidRequestContentException", message) from None
        return function, event

    def _lost(self, function: Function, event: str, outcome: Outcome) -> str:
        """What a destination is told; dead letters are the event alone."""
        return json.dumps(
            {
                "version": "1.0",
                "timestamp": datetime.fromtimestamp(self._around.clock.now(), UTC).isoformat(),
                "requestContext": {
                    "functionArn": f"{function.arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": function.retries + 1,
                },
                "requestPayload": json.loads(event),
                "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
                "responsePayload": json.loads(outcome.payload),
            }
        )


def _event_of(notice: Notice, now: float) -> str:
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": notice.subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": notice.message_id,
            "TopicArn": notice.topic,
            "Subject": notice.subject,
            "Message": notice.message,
            "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now)),
            "SignatureVersion": "1",
            "MessageAttributes": notice.attributes,
        },
    }
    return json.dumps({"Records": [record]})
