"""When does the keeper run? Every ten minutes, and whenever the hours of a service open or close."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.keeper.cron import edge_times
from components.keeper.names import EVERY_RUN, schedule_group_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.keeper.dead_letters import DeadLetters
    from components.keeper.function import KeeperFunction
    from components.keeper.roles import KeeperRole
    from components.keeper.scope import Scope, ServiceScope

RUN_MINUTES = 10
_LATEST_SECONDS = 300
"""Of one delivery: what comes later than that, the next run does."""
_RETRIES = 2


class Schedules:
    """The group of a stack's schedules; all of them run one function, as one role."""

    def __init__(self, scope: Scope, keeper: KeeperFunction, role: KeeperRole, dead_letters: DeadLetters) -> None:
        self._scope, self._keeper, self._role, self._dead_letters = scope, keeper, role, dead_letters
        self.group = aws.scheduler.ScheduleGroup(
            scope.name("schedules"),
            name=schedule_group_name(scope.stack),
            tags=scope.tagged("schedules"),
            opts=scope.options(),
        )

    def make_steady(self, *, after: Sequence[pulumi.Resource]) -> aws.scheduler.Schedule:
        """Make the run of all services that heals whatever another one has missed; `after` is what it needs."""
        return aws.scheduler.Schedule(
            self._scope.name(EVERY_RUN),
            name=EVERY_RUN,
            description="Keeps every service of the stack",
            schedule_expression=f"rate({RUN_MINUTES} minutes)",
            **self._delivered({}),
            opts=self._scope.options(depends_on=[self._role.policy, *after]),
        )

    def make_edges(self, scope: ServiceScope) -> list[aws.scheduler.Schedule]:
        """Make a run for each time of day at which the hours of a service open or close."""
        schedule = scope.kept.config.schedule
        if schedule is None:
            return []
        return [
            aws.scheduler.Schedule(
                scope.name(f"at-{edge.name}"),
                name=f"{scope.kept.service}-{edge.name}",
                description=f"Edge of the hours of {scope.kept.service}",
                schedule_expression=edge.cron,
                schedule_expression_timezone=schedule.zone,
                **self._delivered({"services": [scope.kept.service]}),
                opts=scope.options(depends_on=[self._role.policy]),
            )
            for edge in edge_times(schedule)
        ]

    def _delivered(self, event: dict[str, list[str]]) -> dict[str, Any]:
        return {
            "group_name": self.group.name,
            "flexible_time_window": {"mode": "OFF"},
            "target": {
                "arn": self._keeper.function.arn,
                "role_arn": self._role.role.arn,
                "input": json.dumps(event, separators=(",", ":")),
                "retry_policy": {
                    "maximum_event_age_in_seconds": _LATEST_SECONDS,
                    "maximum_retry_attempts": _RETRIES,
                },
                "dead_letter_config": {"arn": self._dead_letters.queue.arn},
            },
        }
