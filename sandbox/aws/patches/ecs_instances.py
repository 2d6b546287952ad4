"""ECS: the instances of a cluster's Auto Scaling groups are its container instances, as long as they run."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from moto.autoscaling.models import autoscaling_backends
from moto.ecs.models import ContainerInstance, EC2ContainerServiceBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "berth_of_group"


def register_instances_of_groups() -> None:
    listed, described = (
        EC2ContainerServiceBackend.list_container_instances,
        EC2ContainerServiceBackend.describe_container_instances,
    )

    def list_container_instances(
        self: EC2ContainerServiceBackend, cluster_str: str, status: str | None = None
    ) -> list[str]:
        settle(self, cluster_str.rpartition("/")[2])
        return listed(self, cluster_str, status)

    def describe_container_instances(
        self: EC2ContainerServiceBackend, cluster_str: str, list_container_instance_ids: list[str]
    ) -> Any:
        name = cluster_str.rpartition("/")[2]
        settle(self, name)
        self.container_instances.setdefault(name, {})
        return described(self, cluster_str, list_container_instance_ids)

    EC2ContainerServiceBackend.list_container_instances = list_container_instances
    EC2ContainerServiceBackend.describe_container_instances = describe_container_instances


def settle(backend: EC2ContainerServiceBackend, cluster_name: str) -> None:
    """What the agents of the instances would have told by now; nothing of it is a call."""
    cluster = backend.clusters.get(cluster_name)
    if cluster is None:
        return
    known = backend.container_instances.setdefault(cluster_name, {})
    running = dict(_running(backend, cluster_name))
    for place in [place for place, one in known.items() if _is_ours(one) and place not in running]:
        del known[place]
    for place, instance in running.items():
        if place not in known:
            known[place] = _registered(backend, cluster_name, instance, place)
    cluster.registered_container_instances_count = len(known)
    _spread_tasks(backend, cluster_name)


def _running(backend: EC2ContainerServiceBackend, cluster_name: str) -> Iterator[tuple[str, str]]:
    """Id of the container instance and of the instance: one follows from the other, whenever somebody asks first."""
    for group in _groups(backend, cluster_name):
        for state in group.instance_states:
            if state.lifecycle_state == "InService" and state.instance.state == "running":
                yield uuid.uuid5(uuid.NAMESPACE_OID, f"{cluster_name}/{state.instance.id}").hex, state.instance.id


def _groups(backend: EC2ContainerServiceBackend, cluster_name: str) -> Iterator[Any]:
    groups = autoscaling_backends[backend.account_id][backend.region_name].autoscaling_groups.values()
    for name in backend.clusters[cluster_name].capacity_providers or []:
        provider = backend.capacity_providers.get(name.rpartition("/")[2])
        arn = (provider.auto_scaling_group_provider or {}).get("autoScalingGroupArn") if provider else None
        yield from (group for group in groups if group.arn == arn)


def _registered(backend: EC2ContainerServiceBackend, cluster_name: str, instance: str, place: str) -> ContainerInstance:
    made: Any = ContainerInstance(instance, backend.account_id, backend.region_name, cluster_name, backend=backend)
    vars(made)[_MARK] = place
    made.id = place
    return made


def _is_ours(instance: ContainerInstance) -> bool:
    return _MARK in vars(instance)


def _spread_tasks(backend: EC2ContainerServiceBackend, cluster_name: str) -> None:
    ours = [one for one in backend.container_instances[cluster_name].values() if _is_ours(one)]
    for one in ours:
        one.running_tasks_count = 0
    services = [s for s in backend.services.values() if s.cluster_name == cluster_name and s.status == "ACTIVE"]
    tasks = sum(service.running_count for service in services if service.launch_type != "FARGATE")
    for number in range(tasks if ours else 0):
        ours[number % len(ours)].running_tasks_count += 1


PATCHES = (register_instances_of_groups,)
