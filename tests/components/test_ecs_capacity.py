"""Cluster, GPU instances and the weight cache."""

from __future__ import annotations

import base64
from dataclasses import replace


def untagged(made):
    return {key: value for key, value in made.inputs.items() if key != "tags"}


def test_instances_boot_into_their_cluster(chat):
    """GPU image, one hop to the metadata, an encrypted fast disk, and the boot script in base64."""
    template = untagged(chat.of("LaunchTemplate", "chat-instances"))
    del template["tagSpecifications"]
    script = base64.b64decode(template.pop("userData")).decode()
    assert template == {
        "imageId": "ami-0123456789abcdef0",
        "instanceType": "g6.2xlarge",
        "iamInstanceProfile": {"arn": "arn:aws:instanceprofile:us-east-1:123456789012:chat-instance"},
        "vpcSecurityGroupIds": ["chat-instance-securitygroup-id"],
        "updateDefaultVersion": True,
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": 100,
                    "throughput": 500,
                    "encrypted": "true",
                    "deleteOnTermination": "true",
                },
            }
        ],
    }
    assert script == (
        "#!/bin/bash\ncat >> /etc/ecs/ecs.config <<'EOF'\nECS_CLUSTER=berth_dev_chat_g6-2xlarge\n"
        "ECS_AWSVPC_BLOCK_IMDS=true\nECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m\nEOF\n"
    )


def test_what_an_instance_brings_is_tagged_in_one_order(chat):
    """Instance, volume and network interface carry the cost tags; the provider compares the order."""
    specifications = chat.of("LaunchTemplate", "chat-instances").inputs["tagSpecifications"]
    assert [one["resourceType"] for one in specifications] == ["instance", "volume", "network-interface"]
    assert {one["tags"]["cost_center"] for one in specifications} == {"4711"}


def test_a_pinned_image_is_used_without_asking(render, plan_of, recorded):
    """With an AMI in the spec the parameter is not read."""
    plan = plan_of()
    made = render(replace(plan, ecs=replace(plan.ecs, ami_id="ami-0feedfacefeedface")))
    assert made.of("LaunchTemplate", "chat-instances").inputs["imageId"] == "ami-0feedfacefeedface"
    assert not [call for call in recorded.calls if "getParameter" in call[0]]


def test_the_group_is_scaled_by_ecs_alone(chat):
    """It starts empty, stays within the plan's bound, and can be destroyed with instances in it."""
    group = untagged(chat.of("autoscaling/group:Group", "chat-instances"))
    assert group == {
        "namePrefix": "chat_g6-2xlarge-",
        "minSize": 0,
        "maxSize": 4,
        "vpcZoneIdentifiers": ["network-private-0-subnet-id", "network-private-1-subnet-id"],
        "launchTemplate": {"id": "chat-instances-launchtemplate-id", "version": "1"},
        "healthCheckType": "EC2",
        "protectFromScaleIn": True,
        "suspendedProcesses": ["AZRebalance"],
        "forceDelete": True,
        "waitForCapacityTimeout": "0",
    }


def test_a_share_of_the_group_is_spare_capacity(render, plan_of, chat):
    """A mix in place of the launch template, of the plan's type alone; the agent drains what AWS takes back."""
    plan = plan_of()
    made = render(replace(plan, ecs=replace(plan.ecs, spot_percent=70)))
    group = untagged(made.of("autoscaling/group:Group", "chat-instances"))
    assert group.pop("mixedInstancesPolicy") == {
        "instancesDistribution": {
            "onDemandBaseCapacity": 0,
            "onDemandPercentageAboveBaseCapacity": 30,
            "spotAllocationStrategy": "price-capacity-optimized",
        },
        "launchTemplate": {
            "launchTemplateSpecification": {"launchTemplateId": "chat-instances-launchtemplate-id", "version": "1"},
            "overrides": [{"instanceType": "g6.2xlarge"}],
        },
    }
    on_demand = untagged(chat.of("autoscaling/group:Group", "chat-instances"))
    assert group == {name: value for name, value in on_demand.items() if name != "launchTemplate"}
    script = base64.b64decode(made.of("LaunchTemplate", "chat-instances").inputs["userData"]).decode()
    assert script.splitlines()[-2:] == ["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true", "EOF"]


def test_the_groups_tags_reach_its_instances(chat):
    """Every tag is passed on at launch, the one of ECS included, sorted by key."""
    tags = chat.of("autoscaling/group:Group", "chat-instances").inputs["tags"]
    assert [(tag["key"], tag["value"], tag["propagateAtLaunch"]) for tag in tags] == [
        ("AmazonECSManaged", "true", True),
        ("Name", "dev/chat-instances", True),
        ("berth", "dev/chat", True),
        ("cost_center", "4711", True),
        ("environment", "dev", True),
        ("managed-by", "berth", True),
        ("owner", "ml-platform", True),
        ("service", "chat", True),
        ("stack", "dev", True),
    ]


def test_capacity_grows_by_one_instance(chat):
    """From zero, ECS would start two instances for one task."""
    assert untagged(chat.of("CapacityProvider", "chat-instances")) == {
        "name": "berth-chat-instances-1a2b3c4",
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": "arn:aws:group:us-east-1:123456789012:chat-instances",
            "managedDraining": "ENABLED",
            "managedTerminationProtection": "ENABLED",
            "managedScaling": {
                "status": "ENABLED",
                "targetCapacity": 100,
                "minimumScalingStepSize": 1,
                "maximumScalingStepSize": 1,
                "instanceWarmupPeriod": 120,
            },
        },
    }
    assert chat.of("ClusterCapacityProviders", "chat-cluster").inputs == {
        "clusterName": "berth_dev_chat_g6-2xlarge",
        "capacityProviders": ["berth-chat-instances-1a2b3c4"],
    }


def test_weights_live_on_an_encrypted_elastic_file_system(chat):
    """One mount per zone, and two access points of which each is one user's folder."""
    assert untagged(chat.of("FileSystem", "chat-cache")) == {
        "encrypted": True,
        "performanceMode": "generalPurpose",
        "throughputMode": "elastic",
    }
    for name, path in (("chat-cache-models", "/models"), ("chat-cache-vllm-cache", "/vllm-cache")):
        assert untagged(chat.of("AccessPoint", name)) == {
            "fileSystemId": "chat-cache-filesystem-id",
            "posixUser": {"uid": 2000, "gid": 0},
            "rootDirectory": {"path": path, "creationInfo": {"ownerUid": 2000, "ownerGid": 0, "permissions": "0755"}},
        }
    assert chat.of("MountTarget", "chat-cache-mount-1").inputs == {
        "fileSystemId": "chat-cache-filesystem-id",
        "subnetId": "network-private-1-subnet-id",
        "securityGroups": ["chat-cache-securitygroup-id"],
    }


def test_another_instance_type_is_a_cluster_group_and_service_beside_the_old_ones(chat, render, plan_of):
    """In one group, idle instances of the old type would hold the places that the new tasks need."""
    new = render(plan_of(hardware=replace(plan_of().hardware, instance_type="g5.2xlarge")))
    named = {
        ("ecs/cluster:Cluster", "chat-cluster", "name"): "berth_dev_chat_g5-2xlarge",
        ("ecs/service:Service", "chat-service", "name"): "chat_g5-2xlarge",
        ("autoscaling/group:Group", "chat-instances", "namePrefix"): "chat_g5-2xlarge-",
    }
    for (kind, name, key), value in named.items():
        assert new.of(kind, name).inputs[key] == value
        assert chat.of(kind, name).inputs[key] != value
    for kind, name in (
        ("lb/loadBalancer:LoadBalancer", "chat-alb"),
        ("lb/targetGroup:TargetGroup", "chat-tg"),
        ("efs/fileSystem:FileSystem", "chat-cache"),
        ("iam/role:Role", "chat-instance"),
    ):
        assert new.of(kind, name).inputs == chat.of(kind, name).inputs
