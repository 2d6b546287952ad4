"""Scaling of a SageMaker variant: bounds that bind, alarms, what a scalable target forbids and ends with."""

from __future__ import annotations

from sandbox.aws.patches.sagemaker_change import SETTLING_SECONDS
from tests.sandbox.aws.sagemaker_parts import (
    TARGET,
    TRACKING,
    alarms,
    configuration,
    counts,
    deployed,
    described,
    endpoint,
    scaled,
    settled,
    variant,
)


def test_a_scaled_variant_keeps_its_hardware(aws, clock):
    """Another instance type, or a variant taken away, is refused until the target is deregistered."""
    deployed(aws, clock)
    scaled(aws, (1, 3))
    configuration(aws, "other", InstanceType="ml.g5.xlarge")
    sagemaker = aws.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName="renamed", ProductionVariants=[variant(VariantName="New")])
    for name in ("other", "renamed"):
        code, message = aws.refused("sagemaker", "update_endpoint", EndpointName="chat", EndpointConfigName=name)
        assert code == "ValidationException"
        assert message.startswith("The variant(s) AllTraffic must be deregistered from Application Auto Scaling ")
    aws.client("application-autoscaling").deregister_scalable_target(**TARGET)
    sagemaker.update_endpoint(EndpointName="chat", EndpointConfigName="other")
    assert settled(aws, clock)["EndpointConfigName"] == "other"


def test_bounds_bind_and_a_policy_has_its_alarms(aws, clock):
    """A minimum above the count starts instances; target tracking makes two alarms, and takes them away again."""
    deployed(aws, clock)
    scaled(aws, (2, 3))
    assert counts(described(aws)) == (1, 2)
    assert counts(settled(aws, clock)) == (2, 2)
    high, low = sorted(alarms(aws), key=lambda alarm: alarm["AlarmName"])
    assert high["AlarmName"].startswith("TargetTracking-endpoint/chat/variant/AllTraffic-AlarmHigh-")
    for alarm, threshold, periods in ((high, 5.0, 3), (low, 4.5, 90)):
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "ConcurrentRequestsPerModel")
        assert (alarm["Period"], alarm["Threshold"], alarm["EvaluationPeriods"]) == (10, threshold, periods)
        assert alarm["Dimensions"] == [
            {"Name": "EndpointName", "Value": "chat"},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ]
    scaling = aws.client("application-autoscaling")
    first = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"][0]
    again = scaling.put_scaling_policy(**TARGET, PolicyName="tracking", **TRACKING)
    assert again["PolicyARN"] == first["PolicyARN"]
    assert {alarm["AlarmName"] for alarm in alarms(aws)} == {alarm["AlarmName"] for alarm in again["Alarms"]}
    scaling.delete_scaling_policy(**TARGET, PolicyName="tracking")
    assert alarms(aws) == []


def test_a_policy_without_scale_in_has_one_alarm(aws, clock):
    """Where instances are never taken away, nothing watches for too little traffic; an own metric is watched."""
    deployed(aws, clock)
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    own = {"MetricName": "InFlight", "Namespace": "Berth", "Statistic": "Average"}
    tracking = {"TargetValue": 2.0, "CustomizedMetricSpecification": own, "DisableScaleIn": True}
    scaling.put_scaling_policy(
        **TARGET,
        PolicyName="own",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
    [alarm] = alarms(aws)
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("Berth", "InFlight", 2.0)


def test_a_deleted_endpoint_takes_its_scaling_along(aws, clock):
    """Target, policy, scheduled action and alarms vanish at once; the endpoint made again has none."""
    deployed(aws, clock)
    scaled(aws, (1, 3))
    scaling = aws.client("application-autoscaling")
    scaling.put_scheduled_action(
        **TARGET,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 1},
    )
    aws.client("sagemaker").delete_endpoint(EndpointName="chat")
    kinds = set(aws.get("inventory")["counts"])
    assert kinds == {"iam.role", "sagemaker.endpoint", "sagemaker.endpoint_config", "sagemaker.model"}
    clock.shift(SETTLING_SECONDS)
    endpoint(aws, clock)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
