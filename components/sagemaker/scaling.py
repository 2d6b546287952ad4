"""Who registers an endpoint with Application Auto Scaling? Its target and policy live and end with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.sagemaker.calls import ask, call
from components.sagemaker.failures import NotFoundError
from components.sagemaker.wanted import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.sagemaker.clients import Clients
    from components.sagemaker.clock import Clock
    from components.sagemaker.wanted import Wanted

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
POLICY_NAME = "berth"
METRICS: Mapping[str, str] = {
    "concurrency": "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    "requests_per_minute": "SageMakerVariantInvocationsPerInstance",
}
"""Both count per instance; the first has a datapoint every 10 s."""


def resource_id(endpoint_name: str, variant_name: str) -> str:
    """Return the name of a variant in Application Auto Scaling.

    >>> resource_id("prod-chat", "AllTraffic")
    'endpoint/prod-chat/variant/AllTraffic'
    """
    return f"endpoint/{endpoint_name}/variant/{variant_name}"


@dataclass(frozen=True, slots=True)
class Registration:
    """What Application Auto Scaling knows of an endpoint; `policy` as its API has it."""

    least: int
    most: int
    policy: Mapping[str, Any] | None

    def as_inputs(self) -> dict[str, Any]:
        """Return the registration as the resource's inputs have it; a policy of another kind is an empty one."""
        return {"minReplicas": self.least, "maxReplicas": self.most, "scaling": _policy_inputs(self.policy or {})}


class Scaling:
    """The registration of one endpoint."""

    def __init__(self, wanted: Wanted, clients: Clients, clock: Clock) -> None:
        """Nothing is asked yet."""
        self._wanted, self._client, self._clock = wanted, clients.autoscaling, clock
        self._resource = resource_id(wanted.endpoint_name, wanted.variant_name)
        self._identity = {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": self._resource,
            "ScalableDimension": DIMENSION,
        }

    def read(self) -> Registration | None:
        """Return what is registered."""
        targets = ask(
            self._clock,
            self._client.describe_scalable_targets,
            ServiceNamespace=NAMESPACE,
            ResourceIds=[self._resource],
            ScalableDimension=DIMENSION,
        )["ScalableTargets"]
        if not targets:
            return None
        policies = ask(self._clock, self._client.describe_scaling_policies, PolicyNames=[POLICY_NAME], **self._identity)
        policy = next(iter(policies["ScalingPolicies"]), {}).get("TargetTrackingScalingPolicyConfiguration")
        return Registration(targets[0]["MinCapacity"], targets[0]["MaxCapacity"], policy)

    def wanted(self) -> Registration | None:
        """Return what should be registered; None when the number of replicas is fixed."""
        wanted = self._wanted
        if wanted.max_replicas <= wanted.min_replicas:
            return None
        return Registration(wanted.min_replicas, wanted.max_replicas, _policy_configuration(wanted.policy))

    def reconcile(self) -> None:
        """Make it so, with no call that changes nothing."""
        now, wanted = self.read(), self.wanted()
        if wanted is None:
            if now is not None:
                self.deregister()
        elif now is None or now.as_inputs() != wanted.as_inputs():
            self.register(wanted)

    def register(self, registration: Registration) -> None:
        """Register the endpoint, or change its registration."""
        call(
            self._clock,
            self._client.register_scalable_target,
            MinCapacity=registration.least,
            MaxCapacity=registration.most,
            **self._identity,
        )
        if registration.policy is not None:
            call(
                self._clock,
                self._client.put_scaling_policy,
                PolicyName=POLICY_NAME,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration=dict(registration.policy),
                **self._identity,
            )

    def deregister(self) -> None:
        """End the registration, its policy with it; one that is gone already is no error."""
        try:
            call(self._clock, self._client.deregister_scalable_target, **self._identity)
        except NotFoundError:
            return


def _policy_configuration(policy: Policy) -> dict[str, Any]:
    return {
        "TargetValue": float(policy.target),
        "PredefinedMetricSpecification": {"PredefinedMetricType": METRICS[policy.metric]},
        "ScaleOutCooldown": policy.scale_out_cooldown_seconds,
        "ScaleInCooldown": policy.scale_in_cooldown_seconds,
    }


def _policy_inputs(configuration: Mapping[str, Any]) -> dict[str, Any]:
    kind = configuration.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    metric = next((name for name, known in METRICS.items() if known == kind), None)
    if metric is None:
        return {}
    return Policy(
        metric,
        configuration["TargetValue"],
        configuration.get("ScaleOutCooldown", 0),
        configuration.get("ScaleInCooldown", 0),
    ).as_inputs()
