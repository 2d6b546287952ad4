"""How is a service on ECS started and stopped: its limits, its tasks, its instances, and who answers meanwhile?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.errors import BusyError, DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.gateway_traffic import gateway_traffic
from components.keeper.runtime.targets.instances import Instances
from components.keeper.runtime.targets.listener import AsleepRule
from components.keeper.runtime.targets.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Depth
    from components.keeper.runtime.facts import Power, Traffic

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
_RECENT = timedelta(minutes=15)
"""An attempt to launch that is older belongs to another start."""
_NONE_LEFT = re.compile(
    r"InsufficientInstanceCapacity|not have sufficient .* capacity|no Spot capacity", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class EcsClients:
    """The services of AWS that are asked."""

    ecs: Any
    scaling: Any
    autoscaling: Any
    elb: Any
    cloudwatch: Any


@dataclass(frozen=True, slots=True)
class EcsDetails:
    """What an ECS service consists of, by physical names."""

    cluster: str
    service: str
    instance_type: str
    group: str | None
    """Auto Scaling group of this service alone; None: somebody else's instances, or Fargate."""
    target_group: str | None
    """ARN; None: a task that runs answers."""
    asleep_rule: str | None
    """ARN of the listener rule that answers while the service is asleep; None: something else does."""

    @classmethod
    def parse(cls, details: Mapping[str, Any]) -> EcsDetails:
        """Read the part of a configuration that only ECS has; DocumentError when it is not there."""
        try:
            return cls(
                cluster=details["cluster"],
                service=details["service"],
                instance_type=details["instance_type"],
                group=details.get("group"),
                target_group=details.get("target_group"),
                asleep_rule=details.get("asleep_rule"),
            )
        except KeyError as error:
            raise DocumentError("config", f"ecs.{error.args[0]} is missing; deploy the stack") from None


class EcsTarget:
    """One service on ECS; see `target.Target`."""

    def __init__(self, config: KeeperConfig, clients: EcsClients, calls: Calls, clock: Callable[[], datetime]) -> None:
        """Nothing is asked yet; `clock` tells the time."""
        self._config, self._clients, self._calls, self._clock = config, clients, calls, clock
        self._names = EcsDetails.parse(config.details)
        self._rule = AsleepRule(self._names.asleep_rule, clients.elb, calls)
        self._instances = (
            None
            if self._names.group is None
            else Instances(self._names.cluster, self._names.group, clients.ecs, clients.autoscaling, calls)
        )

    def capacity(self) -> Capacity:
        """Return what there is now: all instances of the group are billed, whatever runs on them."""
        service = self._service()
        desired, running, pending = (service[name] for name in ("desiredCount", "runningCount", "pendingCount"))
        if self._instances:
            billed = self._instances.by_type(self._names.instance_type)
        else:
            billed = {self._names.instance_type: running} if running else {}
        power, detail = self._power(service, is_billed=bool(billed))
        return Capacity(power, billed, detail or f"{running} of {desired} tasks run, {pending} start")

    def traffic(self, since: datetime, now: datetime) -> Traffic:
        """Return what the gateways counted."""
        return gateway_traffic(self._calls, self._clients.cloudwatch, self._config, since, now)

    def billed_usd(self, now: datetime) -> float | None:  # noqa: ARG002 - as every target has it
        """Return None: AWS bills hours later."""
        return None

    def wake(self, capacity: Capacity, attempts: int) -> str:  # noqa: ARG002 - one instance type, one group
        """Raise limits and count; the listener goes back to the service when that answers."""
        orders, config = Orders(), self._config
        orders.give(lambda: self._limits(config.min_replicas, config.max_replicas))
        orders.give(lambda: self._count(max(1, config.min_replicas), config.max_replicas))
        if capacity.power == "on":
            orders.give(self._rule.behind)
        did = orders.result()
        if not did:
            self._refuse_what_cannot_start(capacity)
        return did

    def sleep(self, capacity: Capacity, depth: Depth) -> str:  # noqa: ARG002 - only the keeper starts anything here
        """Let somebody else answer, then lower limits and count, then end the instances that tasks have left.

        ECS stops no task that protects itself while it answers. Managed scaling would keep an empty instance for a
        quarter of an hour more.
        """
        orders = Orders()
        orders.give(self._rule.in_front)
        orders.give(lambda: self._limits(0, 0))
        orders.give(lambda: self._count(0, 0))
        if capacity.running and self._instances:
            orders.give(self._end_instances)
        return orders.result()

    def _service(self) -> dict[str, Any]:
        cluster, name = self._names.cluster, self._names.service
        found = self._calls(self._clients.ecs.describe_services, cluster=cluster, services=[name])["services"]
        status = found[0]["status"] if found else "missing"
        if status == "ACTIVE":
            return found[0]
        if status == "DRAINING":
            raise BusyError(f"ECS service {cluster}/{name} is being deleted")
        raise KeeperError(f"ECS service {cluster}/{name} is not there any more; deploy the stack")

    def _power(self, service: Mapping[str, Any], *, is_billed: bool) -> tuple[Power, str]:
        running = service["runningCount"]
        if not service["desiredCount"]:
            return ("stopping" if running or service["pendingCount"] or is_billed else "off"), ""
        if running and self._has_healthy_target():
            return "on", ""
        primary = next((one for one in service.get("deployments", ()) if one["status"] == "PRIMARY"), {})
        if not running and primary.get("rolloutState") == "FAILED":
            return "failed", primary.get("rolloutStateReason", "") or "the deployment failed"
        return "starting", ""

    def _has_healthy_target(self) -> bool:
        if self._names.target_group is None:
            return True
        found = self._calls(self._clients.elb.describe_target_health, TargetGroupArn=self._names.target_group)
        return any(one["TargetHealth"]["State"] == "healthy" for one in found["TargetHealthDescriptions"])

    def _limits(self, least: int, most: int) -> str:
        """Set the limits of Application Auto Scaling; a service without any is scaled by nobody else."""
        resource = f"service/{self._names.cluster}/{self._names.service}"
        found = self._calls(
            self._clients.scaling.describe_scalable_targets,
            ServiceNamespace=NAMESPACE,
            ResourceIds=[resource],
            ScalableDimension=DIMENSION,
        )["ScalableTargets"]
        if not found or (found[0]["MinCapacity"], found[0]["MaxCapacity"]) == (least, most):
            return ""
        self._calls(
            self._clients.scaling.register_scalable_target,
            ServiceNamespace=NAMESPACE,
            ResourceId=resource,
            ScalableDimension=DIMENSION,
            MinCapacity=least,
            MaxCapacity=most,
        )
        return f"limits {least} to {most}"

    def _count(self, least: int, most: int) -> str:
        """Bring the count between two limits. No deployment begins, and one that is under way goes on."""
        now = self._service()["desiredCount"]
        wanted = min(max(now, least), most)
        if wanted == now:
            return ""
        self._calls(
            self._clients.ecs.update_service,
            cluster=self._names.cluster,
            service=self._names.service,
            desiredCount=wanted,
        )
        return f"{wanted} tasks, not {now}"

    def _end_instances(self) -> str:
        """End what is empty, once no task can come any more."""
        service = self._service()
        if service["desiredCount"] or not self._instances:
            return ""
        return self._instances.end_idle(has_tasks=bool(service["runningCount"] or service["pendingCount"]))

    def _refuse_what_cannot_start(self, capacity: Capacity) -> None:
        """Say so when a service that was started before does not get anywhere."""
        if capacity.power == "failed":
            raise KeeperError(f"ECS service {self._names.cluster}/{self._names.service}: {capacity.detail}")
        if capacity.power != "starting" or capacity.running or not self._instances:
            return
        refused = self._instances.refused_since(self._clock() - _RECENT)
        if refused is not None:
            raise (NoCapacityError if _NONE_LEFT.search(refused) else KeeperError)(f"{self._names.group}: {refused}")
