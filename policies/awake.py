"""Is a service asleep when nobody needs it, and is its schedule what was meant?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from components.schedule import HOURS_PER_WEEK, Schedule, ScheduleError, hours_per_week, lint, parse_hours
from components.schedule.zones import check_zone
from policies.kinds import (
    ECS_SERVICE,
    FRONT,
    GROUP,
    RUNPOD_ENDPOINT,
    SAGEMAKER_ENDPOINT,
    SCHEDULE,
    SCHEDULED_ACTION,
    TARGET,
)
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, StackRule
from policies.value import CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.resources import Resource
    from policies.rule import Finding, Stack, Subject
    from policies.value import Value

_NO_SCHEDULE = NotApplicable("the service has no schedule")
_UNMOVED = NotApplicable("nothing but deployments moves the capacity of the service")


def _is_moved(service: Value) -> bool:
    """Tell whether something other than Pulumi moves the capacity of a service."""
    return service["plan"]["keeperOwnsCapacity"].flag() or False


def _sleeps(subject: Subject) -> Iterator[Finding]:
    spec, plan = subject.props["spec"], subject.props["plan"]
    if subject.is_parked or subject.target == "local":
        yield NotApplicable("the service is parked" if subject.is_parked else "the target local rents no hardware")
        return
    if plan["replicas"]["min"].number() == 0 or not spec["idle"].is_missing:
        return
    schedule = _schedule(spec["schedule"])
    if schedule is None:
        yield "the service has no schedule and never scales to zero, so its GPUs are paid for around the clock"
    elif hours_per_week(schedule) == HOURS_PER_WEEK:
        yield f"schedule.hours: {schedule} has no hour in which the GPUs are off"


def _sane(subject: Subject) -> Iterator[Finding]:
    schedule = _schedule(subject.props["spec"]["schedule"])
    if schedule is None:
        yield _NO_SCHEDULE
        return
    hours, limit = hours_per_week(schedule), subject.settings["maxHoursPerWeek"]
    if hours > limit:
        yield f"schedule.hours: {schedule} is {hours:g} hours a week, and {limit:g} are allowed here"
    for finding in lint(schedule, today=subject.today):
        if finding.level == "warning":
            yield f"schedule.hours: {finding.text}"


def _schedule(group: Value) -> Schedule | None:
    hours = group["hours"].text()
    if hours is None:
        return None
    try:
        return parse_hours(hours)
    except ScheduleError as error:
        raise CannotTell(group["hours"].path, f"is no schedule: {error.reason}", unknown=False) from None


def _zoned(expression: Value, zone: Value) -> Iterator[Finding]:
    if not re.match(r"(cron|at)\(", expression.text() or ""):
        return
    named = zone.text()
    if named is None:
        yield f"{zone.path} is missing, so {expression.path} is in UTC and moves by an hour when clocks change"
        return
    try:
        check_zone(zone.path, named)
    except ScheduleError as error:
        yield f"{zone.path}: {named} {error.allowed}"


def _scheduler(subject: Subject) -> Iterator[Finding]:
    yield from _zoned(subject.props["scheduleExpression"], subject.props["scheduleExpressionTimezone"])


def _action(subject: Subject) -> Iterator[Finding]:
    yield from _zoned(subject.props["schedule"], subject.props["timezone"])


def _ignores(*names: str) -> Callable[[Subject], Iterator[Finding]]:
    def check(subject: Subject) -> Iterator[Finding]:
        if not _is_moved(subject.service) or subject.resource.is_below(FRONT):
            yield _UNMOVED
            return
        for name in names:
            if not {name, "*"} & {*subject.resource.ignored}:
                yield f"{name} is not ignored, so a deployment undoes what the keeper did"

    return check


def _managed(name: str) -> Callable[[Subject], Iterator[Finding]]:
    def check(subject: Subject) -> Iterator[Finding]:
        if not _is_moved(subject.service):
            yield _UNMOVED
        elif not subject.props[name].flag():
            yield f"{name} is not true, so a deployment undoes what the keeper did"

    return check


def _pairs(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    actions: dict[str, list[Resource]] = {}
    for one in stack.of(SCHEDULED_ACTION):
        try:
            # The names of what is scaled are computed, so that a preview knows them.
            key = one.value["resourceId"].text() or ""
            actions.setdefault(key, []).append(one)
        except CannotTell as reason:
            yield one, reason
    for moved, alike in actions.items():
        try:
            most = [one.value["scalableTargetAction"]["maxCapacity"].number() for one in alike]
        except CannotTell as reason:
            yield alike[0], reason
            continue
        if 0 in most and all(count == 0 for count in most):
            yield alike[0], f"{moved} is stopped by schedule and never started again"
        elif 0 not in most:
            yield alike[0], f"{moved} is started by schedule and never stopped"


RULES: list[Rule | StackRule] = [
    Rule(
        name="nonprod-schedule",
        about="Outside of production a service is asleep when nobody needs it.",
        remedy='set schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}, or power: off, or on RunPod '
        "scaling.min_replicas: 0",
        severity="medium",
        level="advisory",
        checks={MODEL_SERVICE: _sleeps},
    ),
    Rule(
        name="schedule-sane",
        about="A schedule has the hours that were meant, in a named time zone, at times that every day has.",
        remedy="correct schedule.hours; `berth schedule` shows the next edges",
        severity="medium",
        level="advisory",
        checks={MODEL_SERVICE: _sane, SCHEDULE: _scheduler, SCHEDULED_ACTION: _action},
        settings={
            "maxHoursPerWeek": {
                "type": "integer",
                "minimum": 1,
                "maximum": HOURS_PER_WEEK,
                "default": HOURS_PER_WEEK,
                "description": "Awake hours of a week of 168.",
            }
        },
    ),
    StackRule(
        name="schedule-pairs",
        about="What a schedule stops, it starts, and the reverse.",
        remedy="give each scalable target an action with maxCapacity 0 and one with more",
        severity="high",
        level="mandatory",
        types=(SCHEDULED_ACTION,),
        check=_pairs,
    ),
    Rule(
        name="capacity-ignored",
        about="A deployment does not undo what a schedule, idleness or a budget did.",
        remedy="add the property to ignore_changes, or let the keeper manage the endpoint",
        severity="high",
        level="mandatory",
        checks={
            TARGET: _ignores("minCapacity", "maxCapacity"),
            ECS_SERVICE: _ignores("desiredCount"),
            GROUP: _ignores("desiredCapacity"),
            SAGEMAKER_ENDPOINT: _managed("keeperManaged"),
            RUNPOD_ENDPOINT: _managed("scheduleManaged"),
        },
    ),
]
