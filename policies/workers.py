"""How may workers of RunPod wait, by the field names of its API v2?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.kinds import RUNPOD_ENDPOINT
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value

_COUNTS = "REQUEST_COUNT"
_ELSEWHERE = NotApplicable("the service is not on RunPod")
_COUNTED = NotApplicable("RunPod takes no idle timeout for a queue that counts requests")


def _workers(subject: Subject, least: Value, most: Value) -> Iterator[Finding]:
    yield from each([least], lambda value: _always_on(subject, value))
    yield from each([most], lambda value: _able(subject, value))


def _always_on(subject: Subject, value: Value) -> Iterator[Finding]:
    count, limit = value.number() or 0, subject.settings["maxAlwaysOn"]
    if count > limit:
        yield f"{value.path}: {count:g} workers are paid for with or without requests, and {limit:g} are allowed here"


def _able(subject: Subject, value: Value) -> Iterator[Finding]:
    # RunPod itself writes 0 after days without a request, and leaves it there.
    if (value.number() or 0) < 1 and not subject.is_parked:
        yield f"{value.path}: 0, so that every request waits in vain"


def _service_workers(subject: Subject) -> Iterator[Finding]:
    runpod = subject.props["plan"]["runpod"]
    if runpod.is_missing:
        yield _ELSEWHERE
    else:
        yield from _workers(subject, runpod["workersMin"], runpod["workersMax"])


def _endpoint_workers(subject: Subject) -> Iterator[Finding]:
    workers = subject.props["workers"]
    yield from _workers(subject, workers["min"], workers["max"])


def _idle(subject: Subject, value: Value) -> Iterator[Finding]:
    seconds, limit = value.number(), subject.settings["maxSeconds"]
    if seconds is None:
        yield f"{value.path} is missing, so RunPod chooses how long an idle worker is paid for"
    elif seconds > limit:
        yield f"{value.path}: an idle worker is paid for {seconds:g} s, and {limit:g} are allowed here"


def _service_idle(subject: Subject) -> Iterator[Finding]:
    runpod = subject.props["plan"]["runpod"]
    if runpod.is_missing:
        yield _ELSEWHERE
    elif runpod["idleTimeoutSeconds"].is_missing and runpod["scaler"].text() == _COUNTS:
        yield _COUNTED
    else:
        yield from _idle(subject, runpod["idleTimeoutSeconds"])


def _endpoint_idle(subject: Subject) -> Iterator[Finding]:
    counts = subject.props["scaling"]["type"].text() == _COUNTS
    if counts and subject.props["type"].text() == "QUEUE":
        yield _COUNTED
    else:
        yield from _idle(subject, subject.props["workers"]["idleTimeout"])


RULES = [
    Rule(
        name="runpod-workers",
        about="Workers run when there is work, and can run at all.",
        remedy="set scaling.min_replicas: 0 and scaling.max_replicas to 1 or more; power: off parks a service",
        severity="high",
        level="mandatory",
        checks={MODEL_SERVICE: _service_workers, RUNPOD_ENDPOINT: _endpoint_workers},
        settings={
            "maxAlwaysOn": {"type": "integer", "minimum": 0, "default": 0, "description": "Workers that never stop."}
        },
    ),
    Rule(
        name="runpod-idle-timeout",
        about="An idle worker is not paid for long.",
        remedy="set runpod.idle_timeout to a shorter time",
        severity="medium",
        level="mandatory",
        checks={MODEL_SERVICE: _service_idle, RUNPOD_ENDPOINT: _endpoint_idle},
        settings={
            "maxSeconds": {"type": "integer", "minimum": 1, "default": 300, "description": "After the last request."}
        },
    ),
]
