"""ECS: services keep what was sent and are steady at once, capacity providers keep every field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.core.utils import utcnow
from moto.ecs.models import CapacityProvider, Cluster, EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api._internal import mock_random

if TYPE_CHECKING:
    from moto.core.responses import ActionResult

_DROPPED_BY_CREATE_SERVICE = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
_DEPLOYMENT_DEFAULTS = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
# A change of one of these starts new tasks, that is: a new deployment.
_ROLLING = ("taskDefinition", "capacityProviderStrategy", "networkConfiguration", "loadBalancers", "platformVersion")


def settle(service: Service) -> None:
    """The moment after a deployment: as many tasks run as are wanted (moto starts none)."""
    backend = service._backend  # noqa: SLF001
    cluster = backend.clusters[service.cluster_name]
    backend.update_cluster_resources(cluster, service.desired_count - service.running_count, "RUNNING")
    backend.update_cluster_resources(cluster, -service.pending_count, "PENDING")
    service.running_count, service.pending_count = service.desired_count, 0
    strategy = getattr(service, "capacity_provider_strategy", None)
    for deployment in service.deployments:
        deployment.update(
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            rolloutState="COMPLETED",
            rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
            taskDefinition=service.task_definition,
            networkConfiguration=service.network_configuration or None,
            launchType=service.launch_type,
            capacityProviderStrategy=strategy,
            platformFamily="Linux" if service.launch_type == "FARGATE" else None,
            updatedAt=utcnow(),
        )


def count_services(backend: EC2ContainerServiceBackend, cluster_name: str) -> None:
    services = [s for s in backend.services.values() if s.cluster_name == cluster_name and s.status == "ACTIVE"]
    backend.clusters[cluster_name].active_services_count = len(services)


def keep_fields_of_created_services() -> None:
    create = EC2ContainerServiceResponse.create_service

    def create_service(self: EC2ContainerServiceResponse) -> ActionResult:
        result = create(self)
        service: Any = result.result["service"]  # type: ignore[index]
        for member in _DROPPED_BY_CREATE_SERVICE:
            value = self._get_param(member)
            if value is not None:
                setattr(service, xform_name(member), value)
        service.deployment_configuration = _DEPLOYMENT_DEFAULTS | (self._get_param("deploymentConfiguration") or {})
        cluster = self.ecs_backend.clusters[service.cluster_name]
        if not (self._get_param("launchType") or self._get_param("capacityProviderStrategy")):
            service.capacity_provider_strategy = cluster.default_capacity_provider_strategy or None
        if getattr(service, "capacity_provider_strategy", None):
            service.launch_type = None
        settle(service)
        count_services(self.ecs_backend, service.cluster_name)
        return result

    EC2ContainerServiceResponse.create_service = create_service


def settle_updated_services() -> None:
    update = EC2ContainerServiceResponse.update_service

    def update_service(self: EC2ContainerServiceResponse) -> ActionResult:
        cluster, name = self._get_param("cluster", "default"), self._get_param("service")
        service: Any = self.ecs_backend._get_service(cluster, name.rpartition("/")[2])  # noqa: SLF001
        before = {member: _state(service, member) for member in _ROLLING}
        configuration = getattr(service, "deployment_configuration", _DEPLOYMENT_DEFAULTS)
        result = update(self)
        service.task_definition = self.ecs_backend.describe_task_definition(service.task_definition).arn
        service.deployment_configuration = configuration | (self._get_param("deploymentConfiguration") or {})
        if getattr(service, "capacity_provider_strategy", None):
            service.launch_type = None
        if any(_state(service, member) != before[member] for member in _ROLLING) and service.deployments:
            service.deployments[0]["id"] = f"ecs-svc/{mock_random.randint(0, 32**12)}"
            service.deployments[0]["createdAt"] = utcnow()
        # moto has moved the counts of the cluster to the new desired count, but not the pending ones.
        settle(service)
        return result

    EC2ContainerServiceResponse.update_service = update_service


def _state(service: Service, member: str) -> Any:
    return getattr(service, xform_name(member), None)


def stop_tasks_of_deleted_services() -> None:
    delete = EC2ContainerServiceBackend.delete_service

    def delete_service(self: EC2ContainerServiceBackend, cluster_name: str, service_name: str, force: bool) -> Service:
        service = delete(self, cluster_name, service_name, force)
        service.desired_count = service.running_count = 0
        service.deployments = []
        count_services(self, service.cluster_name)
        return service

    EC2ContainerServiceBackend.delete_service = delete_service


def update_all_fields_of_capacity_providers() -> None:
    update = CapacityProvider.update

    def update_provider(self: CapacityProvider, asg_details: dict[str, Any]) -> None:
        update(self, asg_details)
        if "managedDraining" in asg_details:
            self.auto_scaling_group_provider["managedDraining"] = asg_details["managedDraining"]

    CapacityProvider.update = update_provider


def default_draining_of_capacity_providers() -> None:
    prepare = CapacityProvider._prepare_asg_provider  # noqa: SLF001

    def prepare_asg_provider(self: CapacityProvider, asg_details: dict[str, Any]) -> dict[str, Any]:
        return {"managedDraining": "ENABLED"} | prepare(self, asg_details)

    CapacityProvider._prepare_asg_provider = prepare_asg_provider  # noqa: SLF001


def report_attached_capacity_providers() -> None:
    put = EC2ContainerServiceBackend.put_cluster_capacity_providers

    def put_cluster_capacity_providers(self: EC2ContainerServiceBackend, *args: Any, **kwargs: Any) -> Any:
        cluster: Any = put(self, *args, **kwargs)
        cluster.attachments_status = "UPDATE_COMPLETE"
        return cluster

    EC2ContainerServiceBackend.put_cluster_capacity_providers = put_cluster_capacity_providers


def return_clusters_that_exist() -> None:
    create = EC2ContainerServiceBackend.create_cluster

    def create_cluster(self: EC2ContainerServiceBackend, cluster_name: str, *args: Any, **kwargs: Any) -> Cluster:
        existing = self.clusters.get(cluster_name)
        if existing is not None and existing.status == "ACTIVE":
            return existing
        return create(self, cluster_name, *args, **kwargs)

    EC2ContainerServiceBackend.create_cluster = create_cluster


def update_settings_of_clusters() -> None:
    EC2ContainerServiceResponse.update_cluster_settings = EC2ContainerServiceResponse.update_cluster  # type: ignore[attr-defined]


def list_only_active_clusters() -> None:
    def list_clusters(self: EC2ContainerServiceBackend) -> list[str]:
        return [cluster.arn for cluster in self.clusters.values() if cluster.status == "ACTIVE"]

    EC2ContainerServiceBackend.list_clusters = list_clusters


PATCHES = (
    keep_fields_of_created_services,
    settle_updated_services,
    stop_tasks_of_deleted_services,
    update_all_fields_of_capacity_providers,
    default_draining_of_capacity_providers,
    report_attached_capacity_providers,
    return_clusters_that_exist,
    update_settings_of_clusters,
    list_only_active_clusters,
)
