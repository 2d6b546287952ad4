"""EC2 Auto Scaling: groups keep all their fields, lifecycle hooks have only the ones they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, LifecycleHook
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from sandbox.limits import GROUP_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.core.responses import ActionResult

_DROPPED = ("DefaultInstanceWarmup", "MaxInstanceLifetime", "InstanceMaintenancePolicy", "DesiredCapacityType")
_DROPPED_BY_UPDATE = ("CapacityRebalance", "TerminationPolicies", "PlacementGroup", "DefaultCooldown")


def keep_fields_of_groups() -> None:
    def keeping(
        method: Callable[[AutoScalingResponse], ActionResult], members: tuple[str, ...]
    ) -> Callable[..., ActionResult]:
        def kept(self: AutoScalingResponse) -> ActionResult:
            result = method(self)
            group = _group(self)
            for member in members:
                value = self._get_param(member)
                if value is not None:
                    setattr(group, xform_name(member), value)
            # AWS turns both off with a number of its own.
            if getattr(group, "default_instance_warmup", None) == -1:
                group.default_instance_warmup = None  # type: ignore[attr-defined]
            if getattr(group, "max_instance_lifetime", None) == 0:
                group.max_instance_lifetime = None  # type: ignore[attr-defined]
            return result

        return kept

    AutoScalingResponse.create_auto_scaling_group = keeping(AutoScalingResponse.create_auto_scaling_group, _DROPPED)
    AutoScalingResponse.update_auto_scaling_group = keeping(
        AutoScalingResponse.update_auto_scaling_group, _DROPPED + _DROPPED_BY_UPDATE
    )


def switch_metrics_of_groups() -> None:
    def enable_metrics_collection(self: AutoScalingResponse) -> ActionResult:
        group = _group(self)
        asked = self._get_param("Metrics") or GROUP_METRICS
        group.metrics = sorted({*group.metrics, *asked})
        return EmptyResult()

    def disable_metrics_collection(self: AutoScalingResponse) -> ActionResult:
        group = _group(self)
        group.metrics = sorted(set(group.metrics) - set(self._get_param("Metrics") or GROUP_METRICS))
        return EmptyResult()

    AutoScalingResponse.enable_metrics_collection = enable_metrics_collection
    AutoScalingResponse.disable_metrics_collection = disable_metrics_collection  # type: ignore[attr-defined]


def _group(response: AutoScalingResponse) -> FakeAutoScalingGroup:
    return response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]  # noqa: SLF001


def no_invented_targets_of_hooks() -> None:
    put = AutoScalingResponse.put_lifecycle_hook

    def put_lifecycle_hook(self: AutoScalingResponse) -> ActionResult:
        result = put(self)
        key = f"{self._get_param('AutoScalingGroupName')}_{self._get_param('LifecycleHookName')}"
        hook: LifecycleHook = self.autoscaling_backend.lifecycle_hooks[key]
        hook.notification_target_arn = self._get_param("NotificationTargetARN")
        hook.role_arn = self._get_param("RoleARN")
        hook.notification_metadata = self._get_param("NotificationMetadata")  # type: ignore[attr-defined]
        return result

    AutoScalingResponse.put_lifecycle_hook = put_lifecycle_hook


def keep_mix_of_groups() -> None:
    update = FakeAutoScalingGroup.update

    def updated(self: FakeAutoScalingGroup, *args: Any, **arguments: Any) -> None:
        before = self.mixed_instances_policy
        update(self, *args, **arguments)
        # Either replaces the other, and a call that names neither changes neither.
        if not arguments.get("mixed_instances_policy") and not arguments.get("launch_template"):
            self.mixed_instances_policy = before
        if self.mixed_instances_policy:
            # moto describes the launch template of a group that has this.
            vars(self).pop("provided_launch_template_version", None)

    FakeAutoScalingGroup.update = updated


def launch_all_of_a_mix() -> None:
    set_capacity = FakeAutoScalingGroup.set_desired_capacity

    def set_desired_capacity(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
        policy = self.mixed_instances_policy
        if policy and not any("WeightedCapacity" in row for row in policy["LaunchTemplate"].get("Overrides", [])):
            # Rounded down on both sides, half of one instance each would be none at all.
            self.mixed_instances_policy = None
        try:
            set_capacity(self, new_capacity)
        finally:
            self.mixed_instances_policy = policy

    FakeAutoScalingGroup.set_desired_capacity = set_desired_capacity


def terminate_protected_instances_of_deleted_groups() -> None:
    delete = AutoScalingBackend.delete_auto_scaling_group

    def delete_auto_scaling_group(self: AutoScalingBackend, group_name: str) -> None:
        group = self.autoscaling_groups.get(group_name)
        instances = [state.instance.id for state in group.instance_states] if group else []
        delete(self, group_name)
        if instances:
            self.ec2_backend.terminate_instances(instances)
        for key in [key for key, hook in self.lifecycle_hooks.items() if hook.auto_scaling_group_name == group_name]:
            del self.lifecycle_hooks[key]

    AutoScalingBackend.delete_auto_scaling_group = delete_auto_scaling_group


PATCHES = (
    keep_fields_of_groups,
    switch_metrics_of_groups,
    no_invented_targets_of_hooks,
    keep_mix_of_groups,
    launch_all_of_a_mix,
    terminate_protected_instances_of_deleted_groups,
)
