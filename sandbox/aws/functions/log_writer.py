"""Where does the log of a run go? Into CloudWatch, with the rights of the function's role: without them nowhere."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.aws.functions.runtime import Outcome
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import allows

if TYPE_CHECKING:
    from sandbox.aws.functions.function import Function
    from sandbox.aws.functions.runtime import Invocation
    from sandbox.aws.functions.surroundings import Surroundings


class LogWriter:
    """Keeps one stream for each version of a function's code, as one execution environment has it."""

    def __init__(self, around: Surroundings) -> None:
        """No stream exists yet."""
        self._around = around
        self._streams: dict[tuple[str, str], str] = {}

    def stream_of(self, function: Function) -> str:
        """Return the name of the stream; it is made when something is written."""
        key = (function.arn, function.code_digest)
        if key not in self._streams:
            day = datetime.fromtimestamp(self._around.clock.now(), UTC)
            self._streams[key] = f"{day:%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return self._streams[key]

    def write(self, function: Function, invocation: Invocation, text: str) -> None:
        """Append to the function's stream; group and stream are made when they are missing."""
        if not self._may(function, "PutLogEvents") or self._put(function, invocation, text):
            return
        names = {"logGroupName": function.log_group}
        if self._may(function, "CreateLogGroup"):
            self._around.call("logs", "CreateLogGroup", function.region, **names)
        if self._may(function, "CreateLogStream"):
            stream = {"logStreamName": invocation.log_stream}
            if self._around.call("logs", "CreateLogStream", function.region, **names, **stream):
                self._put(function, invocation, text)

    def _put(self, function: Function, invocation: Invocation, text: str) -> bool:
        at = int(self._around.clock.now() * 1000)
        return self._around.call(
            "logs",
            "PutLogEvents",
            function.region,
            logGroupName=function.log_group,
            logStreamName=invocation.log_stream,
            logEvents=[{"timestamp": at, "message": line} for line in text.splitlines()],
        )

    def _may(self, function: Function, operation: str) -> bool:
        group = f"arn:aws:logs:{function.region}:{ACCOUNT_ID}:log-group:{function.log_group}"
        # AWS writes the stream of an ARN behind a colon, and its own policies end with `:*`.
        resource = group if operation == "CreateLogGroup" else f"{group}:log-stream:any"
        with self._around.locked:
            return allows(function.role, f"logs:{operation}", resource)


def framed(function: Function, invocation: Invocation, outcome: Outcome) -> Outcome:
    """Return the outcome with the lines that Lambda writes around the log of a run."""
    milliseconds = outcome.seconds * 1000
    report = (
        f"REPORT RequestId: {invocation.request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {int(milliseconds) + 1} ms\tMemory Size: {function.memory_mb} MB"
    )
    body = outcome.log if outcome.log.endswith("\n") or not outcome.log else f"{outcome.log}\n"
    text = (
        f"START RequestId: {invocation.request_id} Version: $LATEST\n{body}"
        f"END RequestId: {invocation.request_id}\n{report}\n"
    )
    return Outcome(outcome.payload, outcome.failed, text, outcome.seconds)
