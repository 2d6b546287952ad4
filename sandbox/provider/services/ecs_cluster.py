"""How is a cluster with its capacity providers made in the ECS API?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.comparison import Comparison
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, first, send
from sandbox.provider.rules import arn, between, conflict, each, exactly_one, matches, one_of

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props


def _cluster(aws: Aws, cluster: Instance) -> Answer | None:
    include = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    found = first(aws("ecs").describe_clusters(clusters=[cluster.id], include=include), "clusters")
    return found if found and found["status"] == "ACTIVE" else None


def _update_cluster(aws: Aws, cluster: Instance) -> None:
    names = ("settings", "configuration", "serviceConnectDefaults")
    wanted = {name: cluster[name] for name in names if cluster.get(name) is not None}
    send(aws, "ecs", Call("update_cluster"), wanted, {"cluster": cluster.id})


def _delete_cluster(aws: Aws, cluster: Instance) -> None:
    aws("ecs").delete_cluster(cluster=cluster.id)


CLUSTER = Resource(
    type_name="aws:ecs/cluster:Cluster",
    service="ecs",
    create=Call("create_cluster"),
    identify=lambda answer, _: answer["cluster"]["clusterArn"],
    read=_cluster,
    delete=_delete_cluster,
    steps=(Step(("settings", "configuration", "serviceConnectDefaults"), _update_cluster, on_create=False),),
    rename={"name": "clusterName", "arn": "clusterArn"},
    tagging="ecs",
    computed=("settings",),
    comparison=Comparison(sets=("settings",)),
    rules=(
        matches("name", r"[\w-]{1,255}", "must hold only letters, digits, - and _"),
        one_of("settings.name", "containerInsights"),
        one_of("settings.value", "enabled", "disabled", "enhanced"),
    ),
)


def _capacity_provider(aws: Aws, provider: Instance) -> Answer | None:
    answer = aws("ecs").describe_capacity_providers(capacityProviders=[provider.id], include=["TAGS"])
    found = first(answer, "capacityProviders")
    return found if found and found["status"] == "ACTIVE" else None


def _update_capacity_provider(aws: Aws, provider: Instance) -> None:
    settings = {
        name: value for name, value in provider["autoScalingGroupProvider"].items() if name != "autoScalingGroupArn"
    }
    wanted = {"autoScalingGroupProvider": settings}
    send(aws, "ecs", Call("update_capacity_provider"), wanted, {"name": provider.id.rsplit("/", 1)[-1]})


def _own_name(value: str) -> str | None:
    reserved = value.lower().startswith(("aws", "ecs", "fargate"))
    return "must not start with aws, ecs or fargate; give the resource another name" if reserved else None


CAPACITY_PROVIDER = Resource(
    type_name="aws:ecs/capacityProvider:CapacityProvider",
    service="ecs",
    create=Call("create_capacity_provider"),
    identify=lambda answer, _: answer["capacityProvider"]["capacityProviderArn"],
    read=_capacity_provider,
    delete=lambda aws, provider: aws("ecs").delete_capacity_provider(capacityProvider=provider.id),
    steps=(Step(("autoScalingGroupProvider",), _update_capacity_provider, on_create=False),),
    rename={"arn": "capacityProviderArn"},
    tagging="ecs",
    rules=(
        exactly_one("autoScalingGroupProvider", "managedInstancesProvider"),
        conflict("autoScalingGroupProvider", "cluster"),
        arn("autoScalingGroupProvider.autoScalingGroupArn"),
        one_of("autoScalingGroupProvider.managedDraining", "ENABLED", "DISABLED"),
        one_of("autoScalingGroupProvider.managedTerminationProtection", "ENABLED", "DISABLED"),
        one_of("autoScalingGroupProvider.managedScaling.status", "ENABLED", "DISABLED"),
        between("autoScalingGroupProvider.managedScaling.targetCapacity", 1, 100),
        between("autoScalingGroupProvider.managedScaling.minimumScalingStepSize", 1, 10000),
        between("autoScalingGroupProvider.managedScaling.maximumScalingStepSize", 1, 10000),
        between("autoScalingGroupProvider.managedScaling.instanceWarmupPeriod", 0, 10000),
        each("name", _own_name),
    ),
)


def _strategies(props: Props) -> Props:
    return {"capacityProviders": [], "defaultCapacityProviderStrategies": [], **props}


def _put_providers(aws: Aws, association: Instance) -> None:
    names = ("clusterName", "capacityProviders", "defaultCapacityProviderStrategies")
    wanted = {name: association[name] for name in names if association.get(name) is not None}
    call = Call("put_cluster_capacity_providers", _strategies, CLUSTER_CAPACITY_PROVIDERS.rename)
    send(aws, "ecs", call, wanted)


def _providers_of_cluster(aws: Aws, association: Instance) -> Answer | None:
    found = first(aws("ecs").describe_clusters(clusters=[association.id]), "clusters")
    return found if found and found["status"] == "ACTIVE" else None


CLUSTER_CAPACITY_PROVIDERS = Resource(
    type_name="aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    service="ecs",
    create=Call("put_cluster_capacity_providers", _strategies),
    identify=lambda _, props: props["clusterName"],
    read=_providers_of_cluster,
    delete=lambda aws, association: aws("ecs").put_cluster_capacity_providers(
        cluster=association.id, capacityProviders=[], defaultCapacityProviderStrategy=[]
    ),
    steps=(Step(("capacityProviders", "defaultCapacityProviderStrategies"), _put_providers, on_create=False),),
    rename={"clusterName": "cluster"},
    finish=lambda _aws, answer, found, _association: found.update(clusterName=answer["clusterName"]),
    comparison=Comparison(sets=("capacityProviders", "defaultCapacityProviderStrategies")),
    rules=(
        between("defaultCapacityProviderStrategies.weight", 0, 1000),
        between("defaultCapacityProviderStrategies.base", 0, 100000),
    ),
)

ENTRIES = (CLUSTER, CAPACITY_PROVIDER, CLUSTER_CAPACITY_PROVIDERS)
