"""How are a scalable target and its policies made in the Application Auto Scaling API?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Failure
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import between, each, one_of, ordered
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_SUBJECT = ("serviceNamespace", "resourceId", "scalableDimension")
_BLOCKS = {
    "StepScaling": "stepScalingPolicyConfiguration",
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "predictiveScalingPolicyConfiguration",
}


def _subject(instance: Instance) -> dict[str, str]:
    """Return what names the scaled thing; an import id is `<namespace>/<resource>/<dimension>`."""
    if instance.get("serviceNamespace"):
        return {f"{name[0].upper()}{name[1:]}": instance[name] for name in _SUBJECT}
    parts = instance.id.split("/")
    dimension = next(index for index, part in enumerate(parts) if index and part.startswith(f"{parts[0]}:"))
    return {
        "ServiceNamespace": parts[0],
        "ResourceId": "/".join(parts[1:dimension]),
        "ScalableDimension": parts[dimension],
    }


def _target(aws: Aws, target: Instance) -> Answer | None:
    subject = _subject(target)
    client = aws("application-autoscaling")
    answer = client.describe_scalable_targets(
        ServiceNamespace=subject["ServiceNamespace"],
        ResourceIds=[subject["ResourceId"]],
        ScalableDimension=subject["ScalableDimension"],
    )
    found = first(answer, "ScalableTargets")
    if found is None:
        return None
    arn = found.get("ScalableTargetARN")
    tags = client.list_tags_for_resource(ResourceARN=arn)["Tags"] if arn else {}
    return {**found, "Tags": tags}


def _register(aws: Aws, target: Instance) -> None:
    names = (*_SUBJECT, "minCapacity", "maxCapacity", "roleArn", "suspendedState")
    wanted = {name: target[name] for name in names if target.get(name) is not None}
    send(aws, "application-autoscaling", Call("register_scalable_target"), wanted)


TARGET = Resource(
    type_name="aws:appautoscaling/target:Target",
    service="application-autoscaling",
    create=Call("register_scalable_target"),
    identify=lambda _, props: props["resourceId"],
    read=_target,
    delete=lambda aws, target: aws("application-autoscaling").deregister_scalable_target(**_subject(target)),
    steps=(Step(("minCapacity", "maxCapacity", "roleArn", "suspendedState"), _register, on_create=False),),
    rename={"arn": "ScalableTargetARN"},
    tagging="application-autoscaling",
    computed=("roleArn", "suspendedState"),
    rules=(ordered("minCapacity", "maxCapacity"), between("minCapacity", 0, 2**31), between("maxCapacity", 0, 2**31)),
)


def _policy(aws: Aws, policy: Instance) -> Answer | None:
    name = policy.get("name") or policy.id.rsplit("/", 1)[-1]
    answer = aws("application-autoscaling").describe_scaling_policies(**_subject(policy), PolicyNames=[name])
    found = [item for item in answer["ScalingPolicies"] if item["PolicyName"] == name]
    return found[0] if found else None


def _complete_policy(_aws: Aws, answer: Answer, found: Props, _policy: Instance) -> None:
    found["alarmArns"] = [alarm["AlarmARN"] for alarm in answer.get("Alarms", [])]


def _delete_policy(aws: Aws, policy: Instance) -> None:
    name = policy.get("name") or policy.id
    aws("application-autoscaling").delete_scaling_policy(**_subject(policy), PolicyName=name)


def _put_policy(aws: Aws, policy: Instance) -> None:
    names = (*_SUBJECT, "name", "policyType", *_BLOCKS.values())
    wanted = {name: policy[name] for name in names if policy.get(name) is not None}
    send(aws, "application-autoscaling", Call("put_scaling_policy", rename=POLICY.rename), wanted)


def _has_its_block(props: Props) -> Iterable[Failure]:
    kind = props.get("policyType", "StepScaling")
    wanted = _BLOCKS.get(kind) if kind is not UNKNOWN else None
    if wanted and props.get(wanted) is None:
        yield Failure(wanted, f"must be given when policyType is {kind!r}")
    for name in _BLOCKS.values():
        if wanted and name != wanted and props.get(name) is not None:
            yield Failure(name, f"does not belong to policyType {kind!r}")


def _one_metric(block: Any) -> str | None:
    kinds = ("predefinedMetricSpecification", "customizedMetricSpecification")
    given = [kind for kind in kinds if block.get(kind) is not None]
    return (
        None
        if len(given) == 1
        else f"exactly one of {', '.join(kinds)} must be given, got {', '.join(given) or 'none'}"
    )


def _bound(value: str) -> str | None:
    try:
        float(value)
    except ValueError:
        return f"must hold a number, got {value!r}"
    return None


POLICY = Resource(
    type_name="aws:appautoscaling/policy:Policy",
    service="application-autoscaling",
    create=Call("put_scaling_policy"),
    identify=lambda _, props: props["name"],
    read=_policy,
    delete=_delete_policy,
    steps=(Step(("policyType", *_BLOCKS.values()), _put_policy, on_create=False),),
    finish=_complete_policy,
    rename={"name": "PolicyName", "arn": "PolicyARN"},
    defaults={"policyType": "StepScaling"},
    comparison=Comparison(
        sets=(
            "stepScalingPolicyConfiguration.stepAdjustments",
            "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.dimensions",
            "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics",
        )
    ),
    rules=(
        one_of("policyType", *_BLOCKS),
        _has_its_block,
        each("targetTrackingScalingPolicyConfiguration", _one_metric),
        each("stepScalingPolicyConfiguration.stepAdjustments.metricIntervalLowerBound", _bound),
        each("stepScalingPolicyConfiguration.stepAdjustments.metricIntervalUpperBound", _bound),
    ),
    delete_before_replace=True,
)

ENTRIES = (TARGET, POLICY)
