"""Is everything there that keeps the services of a stack, and does it work? Each check asks, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from components.cli.status_kept import silence
from components.contracts import ParameterKind
from components.errors import BerthError
from components.keeper.names import alarm_name
from components.keeper.runtime.asked import Override, Wake
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.instants import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from components.cli.kept import Caller, Kept, Reach

Result = Literal["ok", "bad", "unasked", "drift"]
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one check; `service` None: of all that are kept in a region."""

    check: str
    result: Result
    text: str
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A service, and what the stack says of it."""

    kept: Kept
    outputs: Mapping[str, Any]


def checks(services: Iterable[Examined], reach: Reach, *, with_drift: bool) -> Iterator[Check]:
    """Yield each check as soon as it is done; one that cannot be done ends none of the others."""
    examined = list(services)
    functions = {(one.kept.region, one.kept.function): one.kept for one in examined if one.kept.function}
    callers: dict[str | None, Caller] = {None: reach.caller(None)}
    for (region, function), kept in sorted(functions.items(), key=lambda item: item[0]):
        found, caller = _credentials(reach, region)
        yield found
        if caller is None:
            continue
        callers[region] = caller
        yield from _function(reach, region, str(function), kept.stack)
    for one in examined:
        caller = callers.get(one.kept.region if one.kept.function else None)
        # Without credentials, every other answer would be the same.
        if caller is not None:
            yield from _service(one, caller, reach, with_drift=with_drift)


def _credentials(reach: Reach, region: str) -> tuple[Check, Caller | None]:
    try:
        caller = reach.caller(region)
    except BerthError as error:
        return Check("credentials", "unasked", str(error)), None
    return Check("credentials", "ok", f"{caller.arn} in {region}"), caller


def _function(reach: Reach, region: str, function: str, stack: str) -> Iterator[Check]:
    yield _tried("function", None, lambda: _active(reach, region, function))
    yield _tried("undelivered", None, lambda: _undelivered(reach, region, function))
    yield _tried("alarms", None, lambda: _ringing(reach, region, stack))


def _active(reach: Reach, region: str, function: str) -> tuple[Result, str]:
    found = reach.calls(reach.clients("lambda", region).get_function_configuration, FunctionName=function)
    state = found.get("State", "Active")
    if state in ("Active", "Inactive"):
        return "ok", f"{function} is there"
    return "bad", f"{function} is {state}: {found.get('StateReason', 'AWS does not say why')}; deploy the stack"


def _undelivered(reach: Reach, region: str, function: str) -> tuple[Result, str]:
    sqs = reach.clients("sqs", region)
    url = reach.calls(sqs.get_queue_url, QueueName=function)["QueueUrl"]
    name = "ApproximateNumberOfMessages"
    count = int(reach.calls(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=[name])["Attributes"][name])
    if count == 0:
        return "ok", "no run was given up"
    return "bad", f"{count} runs were given up and are in queue {function}; its messages say why, purge it then"


def _ringing(reach: Reach, region: str, stack: str) -> tuple[Result, str]:
    prefix = alarm_name(stack, "")
    names: list[str] = []
    page: dict[str, str] = {}
    while True:
        found = reach.calls(
            reach.clients("cloudwatch", region).describe_alarms, AlarmNamePrefix=prefix, StateValue="ALARM", **page
        )
        names += [one["AlarmName"] for one in found["MetricAlarms"] if one["StateValue"] == "ALARM"]
        if not found.get("NextToken"):
            break
        page = {"NextToken": found["NextToken"]}
    if not names:
        return "ok", "no alarm rings"
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return "bad", f"in ALARM: {', '.join(sorted(names)[:_MOST_SHOWN])}{more}"


def _service(one: Examined, caller: Caller, reach: Reach, *, with_drift: bool) -> Iterator[Check]:
    kept = one.kept
    documents = _tried("documents", kept.name, lambda: _documents(kept))
    yield documents
    if documents.result != "ok":
        return
    state = kept.state()
    silent = silence(kept, state, caller.now)
    yield Check("last run", "bad" if silent else "ok", silent or f"at {written(state.at)}", kept.name)
    trouble = state.problem or (f"{state.attempts} starts have failed" if state.attempts else "")
    yield Check("state", "bad" if trouble else "ok", trouble or f"{state.state}, as {state.why}", kept.name)
    if with_drift:
        yield from _drift(one, caller, reach)


def _documents(kept: Kept) -> tuple[Result, str]:
    """Read all four as the keeper does."""
    texts = {kind: kept.documents.read(kind) for kind in get_args(ParameterKind)}
    missing = [kind for kind, text in texts.items() if text is None and (kept.function or kind == "config")]
    if missing:
        return "bad", f"{', '.join(missing)} missing; deploy the stack"
    try:
        kept.config()
        kept.state()
        Override.parse(texts["awake_until"])
        Wake.parse(texts["wake"])
    except KeeperError as error:
        return "bad", str(error)
    return "ok", "there, and readable"


def _drift(one: Examined, caller: Caller, reach: Reach) -> Iterator[Check]:
    from components.keeper.drift.found import drift  # noqa: PLC0415 - only when asked for

    kept, told = one.kept, one.outputs["keeper"]
    try:
        found = list(
            drift(kept.config(), kept.documents, told.get("config_sha256"), caller.now, reach.clients, reach.calls)
        )
    except BerthError as error:
        yield Check("drift", "unasked", str(error), kept.name)
        return
    for text in found:
        yield Check("drift", "drift", text, kept.name)
    if not found:
        yield Check("drift", "ok", "all is as its spec allows at this hour", kept.name)


def _tried(check: str, service: str | None, ask: Callable[[], tuple[Result, str]]) -> Check:
    try:
        result, text = ask()
    except BerthError as error:
        return Check(check, "unasked", str(error), service)
    return Check(check, result, text, service)
