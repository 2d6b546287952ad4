"""What is due, and when? Schedules fire when the account's clock is advanced over them, one after the other."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.scheduler.models import scheduler_backends

from sandbox.aws.expressions import parse
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.permissions import allows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.aws.functions.desk import Desk
    from sandbox.aws.functions.surroundings import Surroundings

_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


@dataclass(frozen=True)
class Schedule:
    """A copy of one schedule."""

    arn: str
    group: str
    name: str
    region: str
    expression: str
    zone: str
    is_enabled: bool
    deletes_itself: bool
    target: dict[str, Any]
    began: datetime
    """Where a rate counts from."""
    ends: datetime | None

    @property
    def id(self) -> str:
        """As Pulumi names it."""
        return f"{self.group}/{self.name}"

    def after(self, moment: datetime) -> datetime | None:
        """Return when it is due next."""
        due = parse(self.expression, self.zone).after(moment, self.began) if self.is_enabled else None
        return None if due is None or due < self.began or (self.ends and due > self.ends) else due


class Schedules:
    """The schedules of the account."""

    def __init__(self, desk: Desk, around: Surroundings) -> None:
        """`desk` runs the functions that are targets."""
        self._desk, self._around = desk, around

    def due(self, regions: set[str], after: datetime) -> list[tuple[datetime, Schedule]]:
        """Return every schedule that will fire, with its next time, the soonest first."""
        with self._around.locked:
            known = [one for region in sorted(regions) for one in _all(region)]
        coming = [(when, one) for one in known if (when := one.after(after)) is not None]
        return sorted(coming, key=lambda pair: (pair[0], pair[1].id))

    def fire_until(self, until: datetime, regions: set[str]) -> Iterator[dict[str, Any]]:
        """Fire what is due from now to `until`; each run sees the time at which it is due."""
        moment = datetime.fromtimestamp(self._around.clock.now(), UTC)
        while True:
            coming = self.due(regions, moment)
            if not coming or coming[0][0] > until:
                break
            moment = coming[0][0]
            self._around.clock.advance_to(moment.timestamp())
            for when, schedule in coming:
                if when == moment:
                    yield self._fire(schedule, when)
        self._around.clock.advance_to(until.timestamp())

    def _fire(self, schedule: Schedule, when: datetime) -> dict[str, Any]:
        target = schedule.target
        event = _event_of(schedule, when)
        error, answer = self._refusal(schedule), ""
        if not error and ":lambda:" in target["Arn"]:
            function = self._desk.find(target["Arn"], schedule.region)
            if function is None or function.is_throttled:
                error = f"{target['Arn']} cannot be called"
            else:
                outcome = self._desk.keep_running(function, event, "scheduler")
                answer, error = outcome.payload, outcome.payload if outcome.failed else ""
        elif not error and not self._around.send(target["Arn"], event):
            error = f"nothing could be sent to {target['Arn']}"
        letter = (target.get("DeadLetterConfig") or {}).get("Arn")
        # What a function itself fails on was delivered: that is for the function's own dead letters.
        if error and not answer and letter:
            self._around.send(letter, event)
        if schedule.deletes_itself and schedule.after(when) is None:
            names = {"Name": schedule.name, "GroupName": schedule.group}
            self._around.call("scheduler", "DeleteSchedule", schedule.region, **names)
        return {
            "schedule": schedule.id,
            "at": when.isoformat(),
            "target": target["Arn"],
            "error": error,
            "answer": answer,
        }

    def _refusal(self, schedule: Schedule) -> str:
        arn, role = schedule.target["Arn"], schedule.target["RoleArn"]
        action = _ACTIONS.get(arn.split(":")[2])
        if action is None:
            return f"the sandbox fires functions, queues and topics, not {arn}"
        with self._around.locked:
            may = allows(role, action, arn)
        return "" if may else f"{role} may not {action} on {arn}"


def _all(region: str) -> Iterator[Schedule]:
    backend: Any = scheduler_backends[ACCOUNT_ID][region]  # moto leaves what it holds untyped
    for group in backend.schedule_groups.values():
        for one in group.schedules.values():
            began = one.start_date or one.creation_date
            yield Schedule(
                arn=one.arn,
                group=group.name,
                name=one.name,
                region=region,
                expression=one.schedule_expression,
                zone=one.schedule_expression_timezone,
                is_enabled=one.state == "ENABLED",
                deletes_itself=one.action_after_completion == "DELETE",
                target=dict(one.target),
                began=datetime.fromtimestamp(float(began), UTC),
                ends=datetime.fromtimestamp(float(one.end_date), UTC) if one.end_date else None,
            )


def _event_of(schedule: Schedule, when: datetime) -> str:
    """Return the input with the words that AWS fills in, or what AWS sends where there is no input."""
    at, run = f"{when:%Y-%m-%dT%H:%M:%SZ}", str(uuid.uuid4())
    text = schedule.target.get("Input")
    if text is None:
        return json.dumps(
            {
                "version": "0",
                "id": run,
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": ACCOUNT_ID,
                "time": at,
                "region": schedule.region,
                "resources": [schedule.arn],
                "detail": "{}",
            }
        )
    words = {"schedule-arn": schedule.arn, "scheduled-time": at, "execution-id": run, "attempt-number": "1"}
    for name, value in words.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
