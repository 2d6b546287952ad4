"""Which instances does a service on ECS have, which of them are empty, and why is there none?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from components.keeper.runtime.calls import Calls

_NOT_BILLED = ("Terminated", "Detached", "Warmed:")
_SERVING = "InService"
_MOST_DESCRIBED = 100


class Instances:
    """The Auto Scaling group of one service, and the cluster that its instances belong to."""

    def __init__(self, cluster: str, group: str, ecs: Any, autoscaling: Any, calls: Calls) -> None:
        """Nothing is asked yet."""
        self._cluster, self._group = cluster, group
        self._ecs, self._autoscaling, self._calls = ecs, autoscaling, calls

    def by_type(self, usual: str) -> dict[str, int]:
        """Return how many are billed, by instance type; `usual` is that of one which does not say."""
        billed = (one for one in self._members() if not one["LifecycleState"].startswith(_NOT_BILLED))
        return dict(Counter(one.get("InstanceType") or usual for one in billed))

    def end_idle(self, *, has_tasks: bool) -> str:
        """End those without a task, so that none takes their place; return which.

        Scale-in protection does not hold here, which ECS takes from no instance that it does not know: such a one would
        stay for ever. While the service has tasks, one that is not known may have one of them.
        """
        serving = [one["InstanceId"] for one in self._members() if one["LifecycleState"] == _SERVING]
        known = dict(self._known()) if serving else {}
        idle = [one for one in serving if not (self._is_busy(known[one]) if one in known else has_tasks)]
        for instance in idle:
            self._end(instance)
        return f"ended {', '.join(idle)}" if idle else ""

    def refused_since(self, since: datetime) -> str | None:
        """Return why the last launch failed; None when it did not, or was before `since`."""
        last = self._calls(
            self._autoscaling.describe_scaling_activities, AutoScalingGroupName=self._group, MaxRecords=1
        )["Activities"]
        if not last or last[0]["StatusCode"] != "Failed" or last[0]["StartTime"] < since:
            return None
        return last[0].get("StatusMessage", "").rstrip(". ") or "the last launch failed"

    def _members(self) -> list[dict[str, Any]]:
        found = self._calls(self._autoscaling.describe_auto_scaling_groups, AutoScalingGroupNames=[self._group])
        groups = found["AutoScalingGroups"]
        if not groups:
            raise KeeperError(f"Auto Scaling group {self._group} is not there any more; deploy the stack")
        return groups[0]["Instances"]

    def _known(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield instance and container instance of everything in the cluster."""
        for arns in self._listed(self._ecs.list_container_instances, "containerInstanceArns"):
            found = self._calls(self._ecs.describe_container_instances, cluster=self._cluster, containerInstances=arns)
            for one in found["containerInstances"]:
                yield one.get("ec2InstanceId", ""), one

    def _is_busy(self, known: dict[str, Any]) -> bool:
        """Tell whether an instance has a task; its own count leaves out those that were told to stop and still answer.

        Source: API reference of ECS, `ContainerInstance.runningTasksCount` (2026-11).
        """
        if known["runningTasksCount"] or known["pendingTasksCount"]:
            return True
        arn = known["containerInstanceArn"]
        for tasks in self._listed(self._ecs.list_tasks, "taskArns", containerInstance=arn, desiredStatus="STOPPED"):
            found = self._calls(self._ecs.describe_tasks, cluster=self._cluster, tasks=tasks)["tasks"]
            if any(task["lastStatus"] != "STOPPED" for task in found):
                return True
        return False

    def _listed(self, operation: Callable[..., Any], member: str, **arguments: str) -> Iterator[list[str]]:
        """Yield pages of ARNs, none of them empty, and none too long to be described at once."""
        page: dict[str, str] = {}
        while True:
            listed = self._calls(operation, cluster=self._cluster, maxResults=_MOST_DESCRIBED, **arguments, **page)
            if listed[member]:
                yield listed[member]
            if not listed.get("nextToken"):
                return
            page = {"nextToken": listed["nextToken"]}

    def _end(self, instance: str) -> None:
        try:
            self._calls(
                self._autoscaling.terminate_instance_in_auto_scaling_group,
                InstanceId=instance,
                ShouldDecrementDesiredCapacity=True,
            )
        except KeeperError as error:
            # Somebody was faster, or the answer to the same order was lost.
            if "not found" not in str(error).lower():
                raise
