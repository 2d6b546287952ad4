"""ECS clusters and capacity providers: unique names, existing parts, nothing deleted in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.autoscaling.models import autoscaling_backends
from moto.ecs.models import Cluster, ecs_backends

from sandbox.aws.errors import AwsError
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.rules.registry import rule

if TYPE_CHECKING:
    from sandbox.aws.call import Call

FARGATE = frozenset({"FARGATE", "FARGATE_SPOT"})


@rule("ecs", "CreateCluster")
def cluster_is_new_or_the_same(call: Call) -> None:
    name = call.params.get("clusterName", "default")
    existing = ecs_backends[ACCOUNT_ID][call.region].clusters.get(name)
    if existing is None or existing.status != "ACTIVE":
        return
    for member in ("settings", "configuration", "capacityProviders", "defaultCapacityProviderStrategy"):
        if (call.params.get(member) or None) not in (None, getattr(existing, xform_name(member), None)):
            raise _invalid(
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s): "
                f"cluster {name} exists with other {member}"
            )


@rule("ecs", "CreateCluster", "UpdateCluster", "UpdateClusterSettings")
def settings_are_legal(call: Call) -> None:
    for setting in call.params.get("settings", []):
        if setting.get("value") not in {"enabled", "disabled", "enhanced"}:
            raise _invalid(f"containerInsights takes enabled, disabled or enhanced, got {setting.get('value')!r}.")


@rule("ecs", "CreateCluster", "PutClusterCapacityProviders")
def providers_exist(call: Call) -> None:
    known = ecs_backends[ACCOUNT_ID][call.region].capacity_providers.keys() | FARGATE
    attached = call.params.get("capacityProviders", [])
    for name in attached:
        if name not in known:
            raise _invalid(
                f"The specified capacity provider '{name}' was not found. Specify a valid name and try again."
            )
    require_strategy(call.params.get("defaultCapacityProviderStrategy", []), attached)


@rule("ecs", "PutClusterCapacityProviders")
def removed_providers_are_unused(call: Call) -> None:
    cluster = require_cluster(call, call.params["cluster"])
    kept = set(call.params["capacityProviders"])
    for service in ecs_backends[ACCOUNT_ID][call.region].services.values():
        if service.status == "ACTIVE" and service.cluster_name == cluster.name:
            strategy = getattr(service, "capacity_provider_strategy", None) or []
            for item in strategy:
                if item["capacityProvider"] not in kept:
                    raise AwsError(
                        "ResourceInUseException", "The specified capacity provider is in use and cannot be removed."
                    )


@rule("ecs", "DeleteCluster")
def cluster_is_empty(call: Call) -> None:
    cluster = require_cluster(call, call.params["cluster"])
    services = ecs_backends[ACCOUNT_ID][call.region].services.values()
    if any(service.status == "ACTIVE" and service.cluster_name == cluster.name for service in services):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")


@rule("ecs", "CreateCapacityProvider")
def provider_is_possible(call: Call) -> None:
    name = call.params["name"]
    if name.lower().startswith(("aws", "ecs", "fargate")):
        raise AwsError(
            "ClientException",
            f"The capacity provider name '{name}' is invalid: it cannot begin with aws, ecs or fargate.",
        )
    providers = ecs_backends[ACCOUNT_ID][call.region].capacity_providers
    if name in providers:
        raise AwsError(
            "ClientException",
            f"The specified capacity provider already exists: {name}. "
            "To change its configuration, update the capacity provider.",
        )
    details = call.params.get("autoScalingGroupProvider")
    if details is None:
        raise AwsError("ClientException", "The sandbox knows capacity providers of Auto Scaling groups only.")
    arn = details["autoScalingGroupArn"]
    group = _group(call.region, arn)
    if group is None:
        raise AwsError("ClientException", f"The specified Auto Scaling group ARN is not valid: {arn}")
    if any(p.auto_scaling_group_provider["autoScalingGroupArn"] == arn for p in providers.values()):
        raise AwsError(
            "ClientException",
            f"The specified Auto Scaling group ARN is already being used by another capacity provider: {arn}",
        )
    _require_protection(details, group)


@rule("ecs", "UpdateCapacityProvider", "DeleteCapacityProvider")
def provider_exists(call: Call) -> None:
    wanted = call.params.get("name") or call.params.get("capacityProvider", "")
    if ecs_backends[ACCOUNT_ID][call.region]._get_provider(wanted) is None:  # noqa: SLF001
        raise AwsError("ClientException", f"The specified capacity provider does not exist: {wanted}")


@rule("ecs", "CreateCapacityProvider", "UpdateCapacityProvider")
def steps_are_in_order(call: Call) -> None:
    scaling = call.params.get("autoScalingGroupProvider", {}).get("managedScaling", {})
    low, high = scaling.get("minimumScalingStepSize", 1), scaling.get("maximumScalingStepSize", 10000)
    if low > high:
        raise AwsError("ClientException", f"minimumScalingStepSize {low} exceeds maximumScalingStepSize {high}.")


@rule("ecs", "DeleteCapacityProvider")
def provider_is_detached(call: Call) -> None:
    name = call.params["capacityProvider"].rpartition("/")[2]
    for cluster in ecs_backends[ACCOUNT_ID][call.region].clusters.values():
        if cluster.status == "ACTIVE" and name in (cluster.capacity_providers or []):
            raise AwsError(
                "ResourceInUseException",
                f"The capacity provider {name} is associated with cluster {cluster.name}: disassociate it first.",
            )


def require_cluster(call: Call, name: str) -> Cluster:
    cluster = ecs_backends[ACCOUNT_ID][call.region].clusters.get(name.rpartition("/")[2])
    if cluster is None or cluster.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


def require_strategy(strategy: list[dict[str, Any]], attached: list[str]) -> None:
    names = [item["capacityProvider"] for item in strategy]
    for name in names:
        if name not in attached:
            raise _invalid(f"The capacity provider '{name}' is not associated with the cluster.")
        if names.count(name) > 1:
            raise _invalid(f"The capacity provider '{name}' is more than once in the strategy.")
    if len([item for item in strategy if item.get("base")]) > 1:
        raise _invalid("Only one capacity provider in a strategy can have a base.")
    if strategy and not any(item.get("weight", 0) for item in strategy):
        raise _invalid("At least one capacity provider in a strategy must have a weight greater than 0.")


def _group(region: str, arn: str) -> Any:
    groups = autoscaling_backends[ACCOUNT_ID][region].autoscaling_groups.values()
    return next((group for group in groups if group.arn == arn), None)


def _require_protection(details: dict[str, Any], group: Any) -> None:
    if details.get("managedTerminationProtection") != "ENABLED":
        return
    if details.get("managedScaling", {}).get("status") != "ENABLED":
        raise AwsError("ClientException", "Managed termination protection needs managed scaling to be enabled.")
    if not group.new_instances_protected_from_scale_in:
        raise AwsError(
            "ClientException",
            "The managed termination protection setting for the capacity provider is invalid. "
            "To enable managed termination protection for a capacity provider, "
            "the Auto Scaling group must have instance protection from scale in enabled.",
        )


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
