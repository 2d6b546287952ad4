"""An AWS account with one service on ECS: strict about requests, and about what may follow what."""

# ruff: noqa: N803 - arguments are named as AWS names them

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.targets.ecs import EcsClients, EcsTarget
from tests.components.sagemaker_api import FakeClient, refusal
from tests.keeper.situation import config

CLUSTER, SERVICE, GROUP = "prod-chat_g6-2xlarge", "chat_g6-2xlarge", "chat_g6-2xlarge-2026"
HERE = "arn:aws:%s:us-east-1:123456789012:%s"
TARGETS = HERE % ("elasticloadbalancing", "targetgroup/chat/6d0ecf831eec9f09")
RULE = HERE % ("elasticloadbalancing", "listener-rule/app/chat/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee")
RESOURCE = f"service/{CLUSTER}/{SERVICE}"
DETAILS: dict[str, Any] = {
    "cluster": CLUSTER,
    "service": SERVICE,
    "group": GROUP,
    "instance_type": "g6.2xlarge",
    "target_group": TARGETS,
    "asleep_rule": RULE,
    "front": False,
}
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@dataclass
class Instance:
    """One of the group; `tasks` by their last status, None: the cluster does not know it."""

    lifecycle: str = "InService"
    tasks: tuple[str, ...] | None = ()
    """desired/last status, as RUNNING/RUNNING."""


@dataclass
class EcsAccount:
    """Everything that is asked; tests change it in between."""

    desired: int = 0
    running: int = 0
    pending: int = 0
    status: str = "ACTIVE"
    rollout: str = "COMPLETED"
    healthy: bool = True
    limits: tuple[int, int] | None = (0, 0)
    priority: int = 5
    instances: dict[str, Instance] = field(default_factory=dict)
    strangers: dict[str, Instance] = field(default_factory=dict)
    """Of the same cluster, and of another group."""
    activity: dict[str, Any] | None = None
    figures: dict[tuple[str, str, str], dict[datetime, float]] = field(default_factory=dict)
    """Values by name, statistic and dimensions."""
    errors: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def target(self, details: dict[str, Any] | None = None, **changes: Any) -> EcsTarget:
        """Return the driver of its service."""
        return EcsTarget(self.config(details, **changes), self.clients(), Calls(self.slept.append), lambda: NOW)

    @staticmethod
    def config(details: dict[str, Any] | None = None, **changes: Any) -> KeeperConfig:
        return config(details={**DETAILS, **(details or {})}, **changes)

    def clients(self) -> EcsClients:
        names = ("ecs", "application-autoscaling", "autoscaling", "elbv2", "cloudwatch")
        return EcsClients(*(FakeClient(self, name) for name in names))

    def orders(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the calls that change something, and forget all."""
        found = [(name, params) for name, params in self.calls if not name.startswith(("Describe", "List", "Get"))]
        self.calls.clear()
        return found

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if self.errors[operation]:
            raise self.errors[operation].pop(0)
        return getattr(self, f"_{xform_name(operation)}")(**params) or {}

    # ecs

    def _describe_services(self, cluster: str, services: list[str]) -> dict[str, Any]:
        assert (cluster, services) == (CLUSTER, [SERVICE])
        if self.status == "missing":
            return {"services": [], "failures": [{"reason": "MISSING"}]}
        primary = {"status": "PRIMARY", "rolloutState": self.rollout, "rolloutStateReason": f"it is {self.rollout}"}
        return {
            "services": [
                {
                    "status": self.status,
                    "desiredCount": self.desired,
                    "runningCount": self.running,
                    "pendingCount": self.pending,
                    "deployments": [{"status": "ACTIVE", "rolloutState": "COMPLETED"}, primary],
                }
            ]
        }

    def _update_service(self, cluster: str, service: str, desiredCount: int) -> None:
        assert (cluster, service) == (CLUSTER, SERVICE)
        self.desired = desiredCount

    def _list_container_instances(self, cluster: str, maxResults: int, nextToken: str = "0") -> dict[str, Any]:
        assert (cluster, maxResults) == (CLUSTER, 100)
        return self._page("containerInstanceArns", [_arn(one) for one in self._registered()], nextToken)

    def _describe_container_instances(self, cluster: str, containerInstances: list[str]) -> dict[str, Any]:
        assert (cluster, bool(containerInstances)) == (CLUSTER, True)
        return {
            "containerInstances": [
                {
                    "containerInstanceArn": _arn(name),
                    "ec2InstanceId": name,
                    # As AWS counts: what was told to stop is in neither.
                    "runningTasksCount": sum(task == "RUNNING/RUNNING" for task in one.tasks or ()),
                    "pendingTasksCount": sum(task == "RUNNING/PENDING" for task in one.tasks or ()),
                }
                for name, one in self._registered().items()
                if _arn(name) in containerInstances
            ]
        }

    def _list_tasks(self, cluster: str, containerInstance: str, desiredStatus: str, maxResults: int) -> dict[str, Any]:
        assert (cluster, maxResults) == (CLUSTER, 100)
        name = containerInstance.rpartition("/")[2]
        tasks = self._registered()[name].tasks or ()
        return {
            "taskArns": [f"{name}:{index}" for index, task in enumerate(tasks) if task.startswith(f"{desiredStatus}/")]
        }

    def _describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert (cluster, bool(tasks)) == (CLUSTER, True)
        found = []
        for task in tasks:
            name, index = task.split(":")
            found.append({"lastStatus": (self._registered()[name].tasks or ())[int(index)].partition("/")[2]})
        return {"tasks": found}

    def _registered(self) -> dict[str, Instance]:
        return {name: one for name, one in {**self.instances, **self.strangers}.items() if one.tasks is not None}

    def _page(self, member: str, values: list[str], token: str) -> dict[str, Any]:
        """One a page, so that everything that has pages is read to its end; the first page may be empty."""
        start = int(token)
        more = {"nextToken": str(start + 1)} if start < len(values) else {}
        return {member: values[start - 1 : start] if start else [], **more}

    # application-autoscaling

    def _describe_scalable_targets(self, **asked: Any) -> dict[str, Any]:
        assert asked == {
            "ServiceNamespace": "ecs",
            "ResourceIds": [RESOURCE],
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        if self.limits is None:
            return {"ScalableTargets": []}
        return {"ScalableTargets": [{"MinCapacity": self.limits[0], "MaxCapacity": self.limits[1]}]}

    def _register_scalable_target(
        self, ServiceNamespace: str, ResourceId: str, ScalableDimension: str, MinCapacity: int, MaxCapacity: int
    ) -> None:
        assert (ServiceNamespace, ResourceId) == ("ecs", RESOURCE)
        assert ScalableDimension == "ecs:service:DesiredCount"
        self.limits = (MinCapacity, MaxCapacity)

    # autoscaling

    def _describe_auto_scaling_groups(self, AutoScalingGroupNames: list[str]) -> dict[str, Any]:
        assert AutoScalingGroupNames == [GROUP]
        return {
            "AutoScalingGroups": [
                {
                    "Instances": [
                        {"InstanceId": name, "LifecycleState": one.lifecycle, "InstanceType": "g6.2xlarge"}
                        for name, one in self.instances.items()
                    ]
                }
            ]
        }

    def _terminate_instance_in_auto_scaling_group(self, InstanceId: str, ShouldDecrementDesiredCapacity: bool) -> None:
        assert ShouldDecrementDesiredCapacity is True
        if InstanceId not in self.instances:
            text = f"Instance Id not found - No managed instance found for instance ID {InstanceId}"
            raise refusal("TerminateInstanceInAutoScalingGroup", "ValidationError", text)
        del self.instances[InstanceId]

    def _describe_scaling_activities(self, AutoScalingGroupName: str, MaxRecords: int) -> dict[str, Any]:
        assert (AutoScalingGroupName, MaxRecords) == (GROUP, 1)
        return {"Activities": [self.activity] if self.activity else []}

    # elbv2

    def _describe_target_health(self, TargetGroupArn: str) -> dict[str, Any]:
        assert TargetGroupArn == TARGETS
        states = ["draining", "healthy" if self.healthy else "unhealthy"]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in states]}

    def _describe_rules(self, RuleArns: list[str]) -> dict[str, Any]:
        assert RuleArns == [RULE]
        return {"Rules": [{"RuleArn": RULE, "Priority": str(self.priority)}]}

    def _set_rule_priorities(self, RulePriorities: list[dict[str, Any]]) -> None:
        [one] = RulePriorities
        assert one["RuleArn"] == RULE
        self.priority = one["Priority"]

    # cloudwatch

    def _get_metric_data(
        self,
        MetricDataQueries: list[dict[str, Any]],
        StartTime: datetime,
        EndTime: datetime,
        ScanBy: str,
        NextToken: str = "0",
    ) -> dict[str, Any]:
        """One figure a page, the values of the span alone."""
        assert StartTime < EndTime
        assert ScanBy == "TimestampAscending"
        query = MetricDataQueries[int(NextToken)]
        stat = query["MetricStat"]
        metric = stat["Metric"]
        assert (stat["Period"], query["ReturnData"]) == (60, True)
        dimensions = ",".join(one["Value"] for one in metric["Dimensions"])
        values = self.figures.get((f"{metric['Namespace']} {metric['MetricName']}", stat["Stat"], dimensions), {})
        found = {at: value for at, value in sorted(values.items()) if StartTime <= at < EndTime}
        result = {"Id": query["Id"], "Timestamps": list(found), "Values": list(found.values())}
        later = int(NextToken) + 1
        more = {"NextToken": str(later)} if later < len(MetricDataQueries) else {}
        return {"MetricDataResults": [result], **more}


def _arn(instance: str) -> str:
    return HERE % ("ecs", f"container-instance/{CLUSTER}/{instance}")
