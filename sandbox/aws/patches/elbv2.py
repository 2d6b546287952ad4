"""Elastic Load Balancing: rules keep their names and trade places, and the tasks of a service are targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ecs.models import ecs_backends
from moto.elbv2.exceptions import DuplicatePriorityError, PriorityInUseError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeRule
from moto.moto_api._internal import mock_random

from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator


def name_rules_alike_after_a_restart() -> None:
    """The one of moto is the place that the rule has in the memory of the process."""
    create = FakeRule.__init__

    def initialise(self: FakeRule, listener_arn: str, *args: Any, **kwargs: Any) -> None:
        create(self, listener_arn, *args, **kwargs)
        prefix = listener_arn.replace(":listener/", ":listener-rule/")
        self.arn = f"{prefix}/{mock_random.get_random_hex(length=16)}"

    FakeRule.__init__ = initialise  # type: ignore[method-assign]


def list_rules_in_their_order() -> None:
    describe = ELBv2Backend.describe_rules

    def describe_rules(self: ELBv2Backend, listener_arn: str | None, rule_arns: list[str] | None) -> list[FakeRule]:
        return sorted(describe(self, listener_arn, rule_arns), key=_place)

    ELBv2Backend.describe_rules = describe_rules


def let_rules_trade_places() -> None:
    def set_rule_priorities(self: ELBv2Backend, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
        wanted = {one["RuleArn"]: int(one["Priority"]) for one in rule_priorities}
        moved = self.describe_rules(None, list(wanted))
        for priority in wanted.values():
            if list(wanted.values()).count(priority) > 1:
                raise DuplicatePriorityError(str(priority))
        for rule in moved:
            if rule.is_default:
                raise AwsError("OperationNotPermitted", "You cannot change the priority of a default rule")
            others = [one for one in self.describe_rules(rule.listener_arn, None) if one.arn not in wanted]
            if any(str(one.priority) == str(wanted[rule.arn]) for one in others):
                raise PriorityInUseError
        for rule in moved:
            rule.priority = wanted[rule.arn]
        return moved

    ELBv2Backend.set_rule_priorities = set_rule_priorities


def count_tasks_as_targets() -> None:
    describe = ELBv2Backend.describe_target_health

    def describe_target_health(
        self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        found = describe(self, target_group_arn, targets)
        return found if targets else [*found, *_tasks(self, target_group_arn)]

    ELBv2Backend.describe_target_health = describe_target_health


def _place(rule: FakeRule) -> tuple[bool, int]:
    return rule.is_default, 0 if rule.is_default else int(rule.priority)


def _tasks(backend: ELBv2Backend, group: str) -> Iterator[Any]:
    """ECS registers the tasks of a service; moto's services have a number of them and no task."""
    for service in ecs_backends[backend.account_id][backend.region_name].services.values():
        for balanced in service.load_balancers or []:
            if balanced.get("targetGroupArn") == group and service.status == "ACTIVE":
                for number in range(service.running_count):
                    port = str(balanced.get("containerPort", 80))
                    yield FakeHealthStatus(f"10.0.{number // 250}.{number % 250 + 4}", port, port, "healthy")


PATCHES = (
    name_rules_alike_after_a_restart,
    list_rules_in_their_order,
    let_rules_trade_places,
    count_tasks_as_targets,
)
