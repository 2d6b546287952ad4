"""Where do the GPUs come from: a cluster, a launch template and a group of instances that ECS scales."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.ecs.firewall import Firewall
    from components.ecs.scope import Scope
    from components.roles import GrantedRole

_INSTANCE_WARMUP_SECONDS = 120
# The agent's default of one minute ends the pull of an image whose large layers Docker unpacks in silence.
_PULL_INACTIVITY_TIMEOUT = "10m"
# The provider compares this list in order.
_LAUNCHED_RESOURCE_TYPES = ("instance", "volume", "network-interface")


@dataclass(frozen=True, slots=True)
class Capacity:
    """The cluster and the provider of its instances; `attached` joins both."""

    cluster: aws.ecs.Cluster
    group: aws.autoscaling.Group
    provider: aws.ecs.CapacityProvider
    attached: aws.ecs.ClusterCapacityProviders


def make_capacity(scope: Scope, firewall: Firewall, role: GrantedRole, *, image_id: str) -> Capacity:
    """Make a cluster whose instances ECS starts when a task needs one, and ends when none does."""
    cluster = aws.ecs.Cluster(
        scope.name("cluster"),
        name=scope.cluster_name,
        settings=[{"name": "containerInsights", "value": "disabled"}],
        tags=scope.tagged("cluster"),
        opts=scope.options(),
    )
    template = _launch_template(scope, firewall, role, image_id)
    group = _instances(scope, template, outlived_by=[cluster, role.policy, *firewall.rules, *scope.subnets.ready])
    provider = aws.ecs.CapacityProvider(
        scope.name("instances"),
        # AWS refuses names that start with aws, ecs or fargate, as a service's own may; the group's name is unique.
        name=pulumi.Output.concat("berth-", group.name),
        auto_scaling_group_provider={
            "auto_scaling_group_arn": group.arn,
            "managed_draining": "ENABLED",
            "managed_termination_protection": "ENABLED",
            "managed_scaling": {
                "status": "ENABLED",
                "target_capacity": 100,
                # From zero, ECS asks for two instances for one task; one step at a time it cannot.
                "minimum_scaling_step_size": 1,
                "maximum_scaling_step_size": 1,
                "instance_warmup_period": _INSTANCE_WARMUP_SECONDS,
            },
        },
        tags=scope.tagged("instances"),
        opts=scope.options(),
    )
    attached = aws.ecs.ClusterCapacityProviders(
        scope.name("cluster"),
        cluster_name=cluster.name,
        capacity_providers=[provider.name],
        opts=scope.options(),
    )
    return Capacity(cluster=cluster, group=group, provider=provider, attached=attached)


def user_data(cluster: str, *, spot: bool = False) -> str:
    """Return the boot script of an instance of a cluster, in base64 as the provider wants it."""
    # Without it nobody tells the tasks of an instance that AWS takes back.
    draining = "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n" if spot else ""
    script = f"""#!/bin/bash
cat >> /etc/ecs/ecs.config <<'EOF'
ECS_CLUSTER={cluster}
ECS_AWSVPC_BLOCK_IMDS=true
ECS_IMAGE_PULL_INACTIVITY_TIMEOUT={_PULL_INACTIVITY_TIMEOUT}
{draining}EOF
"""
    return base64.b64encode(script.encode()).decode()


def _launch_template(scope: Scope, firewall: Firewall, role: GrantedRole, image_id: str) -> aws.ec2.LaunchTemplate:
    profile = aws.iam.InstanceProfile(
        scope.name("instance"), role=role.role.name, tags=scope.tagged("instance"), opts=scope.options()
    )
    return aws.ec2.LaunchTemplate(
        scope.name("instances"),
        image_id=image_id,
        instance_type=scope.plan.hardware.instance_type,
        iam_instance_profile={"arn": profile.arn},
        vpc_security_group_ids=[firewall.instance.id],
        user_data=user_data(scope.cluster_name, spot=scope.ecs.spot_percent > 0),
        update_default_version=True,
        # One hop: containers cannot borrow the instance's role.
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        block_device_mappings=[
            {
                "device_name": "/dev/xvda",
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": scope.ecs.root_volume_gib,
                    "throughput": scope.ecs.root_volume_throughput_mib_s,
                    "encrypted": "true",
                    "delete_on_termination": "true",
                },
            }
        ],
        tag_specifications=[
            {"resource_type": resource_type, "tags": scope.tagged("instances")}
            for resource_type in _LAUNCHED_RESOURCE_TYPES
        ],
        tags=scope.tagged("instances"),
        opts=scope.options(),
    )


def _bought(scope: Scope, template: aws.ec2.LaunchTemplate) -> dict[str, Any]:
    """Return how the group launches: on demand alone, or as a mix with spare capacity."""
    version = template.latest_version.apply(str)
    if not scope.ecs.spot_percent:
        return {"launch_template": {"id": template.id, "version": version}}
    return {
        "mixed_instances_policy": {
            "instances_distribution": {
                "on_demand_base_capacity": 0,
                "on_demand_percentage_above_base_capacity": 100 - scope.ecs.spot_percent,
                "spot_allocation_strategy": "price-capacity-optimized",
            },
            "launch_template": {
                "launch_template_specification": {"launch_template_id": template.id, "version": version},
                # One type alone: ECS takes all instances of a provider for the smallest of them.
                "overrides": [{"instance_type": scope.plan.hardware.instance_type}],
            },
        }
    }


def _instances(
    scope: Scope, template: aws.ec2.LaunchTemplate, *, outlived_by: Sequence[pulumi.Resource]
) -> aws.autoscaling.Group:
    return aws.autoscaling.Group(
        scope.name("instances"),
        name_prefix=f"{scope.service_name}-",
        min_size=0,
        max_size=scope.ecs.instances_max,
        vpc_zone_identifiers=scope.subnets.private_ids,
        **_bought(scope, template),
        health_check_type="EC2",
        # ECS decides which instance goes, and none that runs a task.
        protect_from_scale_in=True,
        # Rebalancing starts before it ends: a GPU that nobody asked for, and then one that is protected.
        suspended_processes=["AZRebalance"],
        # Without it a destroy waits for instances that nobody ends.
        force_delete=True,
        wait_for_capacity_timeout="0",
        tags=[
            {"key": key, "value": value, "propagate_at_launch": True}
            for key, value in sorted(scope.tags.of_group(scope.name("instances")).items())
        ],
        # Until they are gone, instances and their tasks keep their cluster, their rights and their way to AWS: cut off
        # from it, an agent never hears that its tasks are to stop, and a destroy waits in vain.
        opts=scope.options(depends_on=outlived_by, ignore_changes=["desiredCapacity"]),
    )
