"""How are schedules and their groups made in EventBridge Scheduler?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, send
from sandbox.provider.rules import arn, between, conflict, matches, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_CONTENT = (
    *("actionAfterCompletion", "description", "endDate", "flexibleTimeWindow", "kmsKeyArn", "scheduleExpression"),
    *("scheduleExpressionTimezone", "startDate", "state", "target"),
)
_NAME = r"[0-9A-Za-z_.-]{1,64}"
_NAME_SAYS = "must hold 1 to 64 letters, digits and -_."


def _place(schedule: Instance) -> dict[str, str]:
    group, name = schedule.id.split("/", 1)
    return {"GroupName": group, "Name": name}


def _complete_schedule(_aws: Aws, _answer: Answer, found: Props, _schedule: Instance) -> None:
    target = found.get("target") or {}
    letter = target.get("deadLetterConfig")
    if not letter or not letter.get("arn"):
        target.pop("deadLetterConfig", None)


def _update(aws: Aws, schedule: Instance) -> None:
    """What is left out of the call falls back to its default: all of it is sent."""
    wanted = {name: schedule[name] for name in _CONTENT if schedule.get(name) is not None}
    send(aws, "scheduler", Call("update_schedule", rename=SCHEDULE.rename), wanted, _place(schedule))


def _window(props: Props) -> Iterable[Failure]:
    window = props.get("flexibleTimeWindow")
    if not isinstance(window, dict):
        return
    minutes = window.get("maximumWindowInMinutes")
    if window.get("mode") == "FLEXIBLE" and minutes is None:
        yield Failure("flexibleTimeWindow.maximumWindowInMinutes", "must be given when mode is 'FLEXIBLE'")


SCHEDULE = Resource(
    type_name="aws:scheduler/schedule:Schedule",
    service="scheduler",
    create=Call("create_schedule"),
    identify=lambda _, props: f"{props.get('groupName') or 'default'}/{props['name']}",
    read=lambda aws, schedule: aws("scheduler").get_schedule(**_place(schedule)),
    delete=lambda aws, schedule: aws("scheduler").delete_schedule(**_place(schedule)),
    steps=(Step(_CONTENT, _update, on_create=False),),
    finish=_complete_schedule,
    defaults={"scheduleExpressionTimezone": "UTC", "state": "ENABLED"},
    computed=("actionAfterCompletion", "groupName", "target.retryPolicy"),
    rules=(
        matches("name", _NAME, _NAME_SAYS),
        conflict("name", "namePrefix"),
        one_of("flexibleTimeWindow.mode", "OFF", "FLEXIBLE"),
        between("flexibleTimeWindow.maximumWindowInMinutes", 1, 1440),
        one_of("state", "ENABLED", "DISABLED"),
        one_of("actionAfterCompletion", "NONE", "DELETE"),
        between("target.retryPolicy.maximumEventAgeInSeconds", 60, 86400),
        between("target.retryPolicy.maximumRetryAttempts", 0, 185),
        arn("target.roleArn"),
        matches("target.arn", r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12})?:.+", "invalid ARN"),
        arn("target.deadLetterConfig.arn"),
        _window,
    ),
    name_limit=64,
)


def _group(aws: Aws, group: Instance) -> Answer | None:
    found = aws("scheduler").get_schedule_group(Name=group.id)
    return {**found, "Tags": aws("scheduler").list_tags_for_resource(ResourceArn=found["Arn"]).get("Tags") or []}


SCHEDULE_GROUP = Resource(
    type_name="aws:scheduler/scheduleGroup:ScheduleGroup",
    service="scheduler",
    create=Call("create_schedule_group"),
    identify=lambda _, props: props["name"],
    read=_group,
    delete=lambda aws, group: aws("scheduler").delete_schedule_group(Name=group.id),
    rename={"lastModificationDate": "LastModificationDate"},
    tagging="scheduler",
    rules=(matches("name", _NAME, _NAME_SAYS), conflict("name", "namePrefix")),
    name_limit=64,
)

ENTRIES = (SCHEDULE, SCHEDULE_GROUP)
