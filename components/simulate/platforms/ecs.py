"""What do ECS, Auto Scaling and the load balancer do with one service, as far as the keeper can see?"""
# ruff: noqa: N803 - arguments have the names that boto3 gives them

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.targets.ecs import EcsClients, EcsTarget
from components.simulate.platforms.service import refusal
from components.simulate.record import Standing

if TYPE_CHECKING:
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.target import Target
    from components.simulate.platforms.service import World
    from components.simulate.record import Record

DETAILS = {
    "cluster": "simulated",
    "service": "simulated",
    "group": "simulated",
    "target_group": "simulated",
    "asleep_rule": "simulated",
}
BOOT = timedelta(seconds=100)
"""From a task that waits to an instance that has joined: launch, boot and agent (facts on ECS, 2026)."""
TAIL = timedelta(minutes=15)
"""How long managed scaling keeps an instance that no task uses."""
DRAIN = timedelta(seconds=90)
"""How long answers run on when a task is told to stop."""


@dataclass(frozen=True, slots=True)
class _Instance:
    name: str
    has_task: bool = True


class Ecs:
    """One service with an Auto Scaling group of its own; its methods answer as boto3's clients do."""

    def __init__(self, world: World, config: KeeperConfig, *, is_awake: bool) -> None:
        """`is_awake`: whether it serves already when the span begins."""
        self._world, self._config = world, config
        self._start = timedelta(seconds=config.start_seconds)
        self._least = self._most = self._desired = 0
        self._instances: list[_Instance] = []
        self._running = 0
        self._made = 0
        self._priority = 5
        self._refused: datetime | None = None
        self._is_launching = False
        if is_awake:
            self._least, self._most, self._desired = config.min_replicas, config.max_replicas, config.min_replicas
            self._running, self._priority = self._desired, 20
            self._instances = [self._instance() for _ in range(self._desired)]
        self._write()

    @property
    def record(self) -> Record:
        """What ran."""
        return self._world.record

    def target(self, config: KeeperConfig) -> Target:
        """Return the keeper's own driver, with this in the place of boto3."""
        clients: Any = EcsClients(ecs=self, scaling=self, autoscaling=self, elb=self, cloudwatch=self)
        named = replace(config, details={**DETAILS, "instance_type": self._type})
        return EcsTarget(named, clients, Calls(sleep=lambda _: None), lambda: self._world.now)

    def advance(self, now: datetime) -> None:
        """Let happen what is due."""
        self._world.advance(now)

    def need(self, replicas: int) -> None:
        """Scale between the limits."""
        self._desired = min(max(replicas, self._least), self._most)
        self._settle()

    def deploy(self, config: KeeperConfig) -> None:
        """Take the new document; count and limits are the keeper's, and stay."""
        self._config = config

    def request(self) -> None:
        """Start nothing: a load balancer cannot."""

    @property
    def _type(self) -> str:
        return next(iter(self._config.usd_per_hour), "unknown")

    def _instance(self) -> _Instance:
        self._made += 1
        return _Instance(f"i-{self._made:08d}")

    def _settle(self) -> None:
        """Begin what the desired count asks for: launches, or the end of tasks."""
        if self._desired < self._running:
            ending = self._running - self._desired
            self._running = self._desired
            self._world.after(DRAIN, lambda: self._release(ending))
        if self._desired > self._running and not self._is_launching:
            self._is_launching = True
            self._world.after(BOOT, self._launch)
        self._write()

    def _launch(self) -> None:
        missing = self._desired - len([one for one in self._instances if one.has_task])
        if missing > 0 and self._world.is_short:
            self._refused = self._world.now
            self._world.after(BOOT, self._launch)
            return
        idle = [one for one in self._instances if not one.has_task][: max(0, missing)]
        for one in idle:
            self._instances[self._instances.index(one)] = replace(one, has_task=True)
        self._instances += [self._instance() for _ in range(missing - len(idle))]
        self._is_launching = False
        self._world.after(max(timedelta(), self._start - BOOT), self._ready)
        self._write()

    def _ready(self) -> None:
        placed = len([one for one in self._instances if one.has_task])
        self._running = min(self._desired, placed)
        self._write()

    def _release(self, count: int) -> None:
        """Take tasks off instances; an instance without one is ended a quarter of an hour later, if it is there yet."""
        free = [one for one in self._instances if one.has_task][:count]
        for one in free:
            self._instances[self._instances.index(one)] = replace(one, has_task=False)
            self._world.after(TAIL, lambda name=one.name: self._end(name))
        self._write()

    def _end(self, name: str) -> None:
        self._instances = [one for one in self._instances if one.name != name or one.has_task]
        self._write()

    def _write(self) -> None:
        count = len(self._instances)
        self._world.record.put(
            self._world.now,
            Standing(
                is_serving=self._running > 0,
                is_starting=self._desired > self._running == 0,
                is_ending=self._desired == 0,
                running={self._type: count} if count else {},
            ),
        )

    # What follows are the operations of boto3's clients.

    def describe_services(self, **_: Any) -> dict[str, Any]:
        pending = max(0, self._desired - self._running)
        return {
            "services": [
                {
                    "status": "ACTIVE",
                    "desiredCount": self._desired,
                    "runningCount": self._running,
                    "pendingCount": pending,
                    "deployments": [{"status": "PRIMARY", "rolloutState": "COMPLETED"}],
                }
            ]
        }

    def update_service(self, *, desiredCount: int, **_: Any) -> dict[str, Any]:
        self._world.order("UpdateService")
        self._desired = desiredCount
        self._settle()
        return {}

    def describe_scalable_targets(self, **_: Any) -> dict[str, Any]:
        return {"ScalableTargets": [{"MinCapacity": self._least, "MaxCapacity": self._most}]}

    def register_scalable_target(self, *, MinCapacity: int, MaxCapacity: int, **_: Any) -> dict[str, Any]:
        self._world.order("RegisterScalableTarget")
        self._least, self._most = MinCapacity, MaxCapacity
        return {}

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        members = [
            {"InstanceId": one.name, "LifecycleState": "InService", "InstanceType": self._type}
            for one in self._instances
        ]
        return {"AutoScalingGroups": [{"Instances": members}]}

    def describe_scaling_activities(self, **_: Any) -> dict[str, Any]:
        if self._refused is None:
            return {"Activities": []}
        said = "We currently do not have sufficient g capacity (InsufficientInstanceCapacity)"
        return {"Activities": [{"StatusCode": "Failed", "StartTime": self._refused, "StatusMessage": said}]}

    def list_container_instances(self, **_: Any) -> dict[str, Any]:
        return {"containerInstanceArns": [one.name for one in self._instances]}

    def describe_container_instances(self, **_: Any) -> dict[str, Any]:
        found = [
            {
                "ec2InstanceId": one.name,
                "containerInstanceArn": one.name,
                # As in ECS, a task that was told to stop is counted no more, and may still answer.
                "runningTasksCount": 0 if self._desired == 0 else int(one.has_task),
                "pendingTasksCount": 0,
            }
            for one in self._instances
        ]
        return {"containerInstances": found}

    def list_tasks(self, *, containerInstance: str, **_: Any) -> dict[str, Any]:
        ending = any(one.name == containerInstance and one.has_task for one in self._instances)
        return {"taskArns": [containerInstance] if ending and self._desired == 0 else []}

    def describe_tasks(self, *, tasks: list[str], **_: Any) -> dict[str, Any]:
        return {"tasks": [{"taskArn": task, "lastStatus": "STOPPING"} for task in tasks]}

    def terminate_instance_in_auto_scaling_group(self, *, InstanceId: str, **_: Any) -> dict[str, Any]:
        self._world.order("TerminateInstanceInAutoScalingGroup")
        if any(one.name == InstanceId and one.has_task for one in self._instances):
            raise refusal(
                "TerminateInstanceInAutoScalingGroup", "ValidationError", f"simulated: {InstanceId} has a task"
            )
        self._end(InstanceId)
        return {}

    def describe_target_health(self, **_: Any) -> dict[str, Any]:
        state = "healthy" if self._running else "unused"
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}}]}

    def describe_rules(self, **_: Any) -> dict[str, Any]:
        return {"Rules": [{"Priority": str(self._priority)}]}

    def set_rule_priorities(self, *, RulePriorities: list[dict[str, Any]]) -> dict[str, Any]:
        self._world.order("SetRulePriorities")
        self._priority = RulePriorities[0]["Priority"]
        return {}

    def get_metric_data(
        self,
        *,
        MetricDataQueries: list[dict[str, Any]],
        StartTime: datetime,
        EndTime: datetime,
        **_: Any,
    ) -> dict[str, Any]:
        return self._world.figures(MetricDataQueries, StartTime, EndTime)
