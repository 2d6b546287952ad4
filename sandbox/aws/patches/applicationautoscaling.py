"""Application Auto Scaling: tags, a names filter, bounds that bind, and no policy without its target."""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from sandbox.aws.errors import AwsError
from sandbox.aws.patches.ecs import settle


def tag_scalable_targets() -> None:
    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        answer = register(self)
        tags = self._get_param("Tags")
        if tags:
            _tags(self)[json.loads(answer)["ScalableTargetARN"]] = dict(tags)
        return answer

    def list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
        return json.dumps({"Tags": _tags_of(self)})

    def tag_resource(self: ApplicationAutoScalingResponse) -> str:
        _tags_of(self).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: ApplicationAutoScalingResponse) -> str:
        tags = _tags_of(self)
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return "{}"

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target
    ApplicationAutoScalingResponse.list_tags_for_resource = list_tags_for_resource  # type: ignore[attr-defined]
    ApplicationAutoScalingResponse.tag_resource = tag_resource  # type: ignore[attr-defined]
    ApplicationAutoScalingResponse.untag_resource = untag_resource  # type: ignore[attr-defined]


def _tags(response: ApplicationAutoScalingResponse) -> dict[str, dict[str, str]]:
    return response.applicationautoscaling_backend.__dict__.setdefault("tags", {})


def _tags_of(response: ApplicationAutoScalingResponse) -> dict[str, str]:
    arn = response._get_param("ResourceARN")  # noqa: SLF001
    targets = response.applicationautoscaling_backend.targets.values()
    if not any(target.arn == arn for by_resource in targets for target in by_resource.values()):
        raise AwsError("ResourceNotFoundException", f"The specified resource doesn't exist: {arn}")
    return _tags(response).setdefault(arn, {})


def filter_policies_by_name() -> None:
    def describe_scaling_policies(self: ApplicationAutoScalingResponse) -> str:
        answer = json.loads(describe(self))
        names = self._get_param("PolicyNames")
        if names:
            answer["ScalingPolicies"] = [p for p in answer["ScalingPolicies"] if p["PolicyName"] in names]
        return json.dumps(answer)

    describe = ApplicationAutoScalingResponse.describe_scaling_policies
    ApplicationAutoScalingResponse.describe_scaling_policies = describe_scaling_policies


def pull_services_into_bounds() -> None:
    register = ApplicationAutoscalingBackend.register_scalable_target

    def register_scalable_target(self: ApplicationAutoscalingBackend, *args: Any, **kwargs: Any) -> FakeScalableTarget:
        target = register(self, *args, **kwargs)
        if target.service_namespace == "ecs" and target.scalable_dimension == "ecs:service:DesiredCount":
            _, cluster, name = target.resource_id.split("/")
            service = self.ecs_backend._get_service(cluster, name)  # noqa: SLF001
            wanted = min(max(service.desired_count, target.min_capacity or 0), target.max_capacity or 0)
            if wanted != service.desired_count:
                service.desired_count = wanted
                settle(service)
        return target

    ApplicationAutoscalingBackend.register_scalable_target = register_scalable_target


def delete_policies_with_their_target() -> None:
    deregister = ApplicationAutoscalingBackend.deregister_scalable_target

    def deregister_scalable_target(
        self: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str
    ) -> None:
        arn = getattr(self.targets.get(dimension, {}).get(r_id), "arn", None)
        deregister(self, namespace, r_id, dimension)
        self.__dict__.get("tags", {}).pop(arn, None)
        for policy in list(self.policies.values()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                self.delete_scaling_policy(policy.policy_name, namespace, r_id, dimension)
        self.scheduled_actions = [
            action
            for action in self.scheduled_actions
            if (action.resource_id, action.scalable_dimension) != (r_id, dimension)
        ]

    ApplicationAutoscalingBackend.deregister_scalable_target = deregister_scalable_target


def update_policies_in_place() -> None:
    """Under a name in use moto makes another policy, with an ARN of its own, and leaves the old alarms behind."""
    put = ApplicationAutoscalingBackend.put_scaling_policy

    def put_scaling_policy(
        self: ApplicationAutoscalingBackend, *args: Any, **kwargs: Any
    ) -> FakeApplicationAutoscalingPolicy:
        before = dict(self.policies)
        policy = put(self, *args, **kwargs)
        for key, old in before.items():
            if self.policies[key] is not old:
                for replaced in (old, policy):
                    replaced.delete_alarms(self.account_id, self.region_name)
                policy.policy_arn, policy.creation_time, policy.alarms = old.policy_arn, old.creation_time, []
                policy.create_alarms()
        return policy

    ApplicationAutoscalingBackend.put_scaling_policy = put_scaling_policy


PATCHES = (
    tag_scalable_targets,
    filter_policies_by_name,
    pull_services_into_bounds,
    delete_policies_with_their_target,
    update_policies_in_place,
)
