"""What moto alone would lose or invent is kept as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import SimpleNamespace


@pytest.fixture(scope="module")
def chat(shared_aws, deploy) -> SimpleNamespace:
    """The ids of a deployed service."""
    return deploy(shared_aws)


def service_of(aws) -> dict:
    return aws.client("ecs").describe_services(cluster="berth", services=["chat"])["services"][0]


def test_a_created_service_keeps_what_was_sent(shared_aws, chat):
    """Strategy, deployment settings, grace period and flags read back; no launch type stands beside a strategy."""
    service = service_of(shared_aws)
    kept = set(chat.service) - {"cluster", "serviceName", "desiredCount"}
    assert {name: service[name] for name in kept} == {name: chat.service[name] for name in kept}
    assert "launchType" not in service
    assert "launchType" not in service["deployments"][0]


def test_a_service_is_steady_at_once(shared_aws, chat):
    """As many tasks run as are wanted, in one completed deployment, and the cluster counts them."""
    service = service_of(shared_aws)
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (1, 1, 0)
    (deployment,) = service["deployments"]
    assert (deployment["rolloutState"], deployment["runningCount"]) == ("COMPLETED", 1)
    cluster = shared_aws.client("ecs").describe_clusters(clusters=["berth"])["clusters"][0]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"], cluster["activeServicesCount"]) == (1, 0, 1)


def test_a_new_revision_is_a_new_completed_deployment(shared_aws, chat):
    """An update to another task definition rolls: a new deployment of it, at once complete, named by ARN."""
    ecs = shared_aws.client("ecs")
    before = service_of(shared_aws)["deployments"][0]["id"]
    arn = ecs.register_task_definition(**chat.task)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster="berth", service="chat", taskDefinition="chat:2")
    service = service_of(shared_aws)
    (deployment,) = service["deployments"]
    assert service["taskDefinition"] == deployment["taskDefinition"] == arn
    assert deployment["rolloutState"] == "COMPLETED"
    assert deployment["id"] != before


def test_an_update_of_the_count_is_no_deployment(shared_aws, chat):
    """A changed count keeps the deployment; counts of service and deployment follow."""
    ecs = shared_aws.client("ecs")
    before = service_of(shared_aws)["deployments"][0]["id"]
    ecs.update_service(cluster="berth", service="chat", desiredCount=2)
    service = service_of(shared_aws)
    assert (service["runningCount"], service["deployments"][0]["runningCount"]) == (2, 2)
    assert service["deployments"][0]["id"] == before
    ecs.update_service(cluster="berth", service="chat", desiredCount=1)


def test_an_update_keeps_the_rest_of_the_deployment_settings(shared_aws, chat):
    """Changing one percentage keeps the circuit breaker."""
    settings = {"maximumPercent": 150, "minimumHealthyPercent": 50}
    shared_aws.client("ecs").update_service(cluster="berth", service="chat", deploymentConfiguration=settings)
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    assert service_of(shared_aws)["deploymentConfiguration"] == breaker | settings


def test_a_capacity_provider_keeps_draining_and_tags(shared_aws, chat):
    """Draining has its default, is updated, and tags are described."""
    ecs = shared_aws.client("ecs")
    describe = {"capacityProviders": ["chat"], "include": ["TAGS"]}
    provider = ecs.describe_capacity_providers(**describe)["capacityProviders"][0]
    assert provider["autoScalingGroupProvider"]["managedDraining"] == "ENABLED"
    assert provider["tags"] == [{"key": "owner", "value": "ml"}]
    ecs.update_capacity_provider(name="chat", autoScalingGroupProvider={"managedDraining": "DISABLED"})
    provider = ecs.describe_capacity_providers(**describe)["capacityProviders"][0]
    assert provider["autoScalingGroupProvider"]["managedDraining"] == "DISABLED"


def test_a_deleted_cluster_is_not_listed(shared_aws):
    """A deleted cluster is described as INACTIVE and not listed, and its name is free."""
    ecs = shared_aws.client("ecs")
    arn = ecs.create_cluster(clusterName="brief")["cluster"]["clusterArn"]
    ecs.delete_cluster(cluster="brief")
    assert arn not in ecs.list_clusters()["clusterArns"]
    assert ecs.describe_clusters(clusters=["brief"])["clusters"][0]["status"] == "INACTIVE"
    assert ecs.create_cluster(clusterName="brief")["cluster"]["status"] == "ACTIVE"


def test_a_cluster_can_be_made_twice(shared_aws):
    """Creating a cluster again with the same arguments is no error and changes nothing; settings can be updated."""
    ecs = shared_aws.client("ecs")
    settings = [{"name": "containerInsights", "value": "enabled"}]
    first = ecs.create_cluster(clusterName="twice", settings=settings)["cluster"]
    assert ecs.create_cluster(clusterName="twice")["cluster"]["clusterArn"] == first["clusterArn"]
    assert ecs.create_cluster(clusterName="twice")["cluster"]["settings"] == settings
    settings = [{"name": "containerInsights", "value": "enhanced"}]
    assert ecs.update_cluster_settings(cluster="twice", settings=settings)["cluster"]["settings"] == settings
    ecs.delete_cluster(cluster="twice")


def test_metrics_of_a_group_are_switched(shared_aws, chat):
    """Without names all metrics of a group are switched on or off, else those that are named."""
    groups = shared_aws.client("autoscaling")

    def enabled() -> list[str]:
        group = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["chat"])["AutoScalingGroups"][0]
        return [item["Metric"] for item in group["EnabledMetrics"]]

    groups.enable_metrics_collection(AutoScalingGroupName="chat", Granularity="1Minute")
    assert len(enabled()) == 20
    groups.disable_metrics_collection(AutoScalingGroupName="chat", Metrics=["GroupMinSize"])
    assert len(enabled()) == 19
    groups.disable_metrics_collection(AutoScalingGroupName="chat")
    assert enabled() == []


def test_a_group_has_a_launch_template_or_a_mix(shared_aws, chat):
    """A mix starts whole instances, stays when other things change, and replaces the launch template or is replaced."""
    groups = shared_aws.client("autoscaling")
    template = {"LaunchTemplateId": chat.template, "LaunchTemplateName": "chat", "Version": "1"}
    named = {"LaunchTemplateId": chat.template, "Version": "1"}
    mix = {
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 50},
        "LaunchTemplate": {"LaunchTemplateSpecification": named, "Overrides": [{"InstanceType": "g6.xlarge"}]},
    }
    kept = {**mix, "LaunchTemplate": {**mix["LaunchTemplate"], "LaunchTemplateSpecification": template}}

    def described(**change: object) -> tuple[object, object, int]:
        if change:
            groups.update_auto_scaling_group(AutoScalingGroupName="mixed", **change)
        group = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["mixed"])["AutoScalingGroups"][0]
        return group.get("LaunchTemplate"), group.get("MixedInstancesPolicy"), len(group["Instances"])

    groups.create_auto_scaling_group(
        AutoScalingGroupName="mixed",
        MinSize=0,
        MaxSize=1,
        DesiredCapacity=1,
        MixedInstancesPolicy=mix,
        VPCZoneIdentifier=chat.subnets[0],
    )
    assert described() == (None, kept, 1)
    assert described(MaxSize=2) == (None, kept, 1)
    assert described(LaunchTemplate=named) == (template, None, 1)
    assert described(MaxSize=3) == (template, None, 1)
    assert described(MixedInstancesPolicy=mix) == (None, kept, 1)
    groups.delete_auto_scaling_group(AutoScalingGroupName="mixed", ForceDelete=True)


def test_a_log_group_keeps_class_and_key(shared_aws):
    """The class is described, so that the official provider sees no replacement, and the key can change."""
    logs, arn = shared_aws.client("logs"), "arn:aws:kms:us-east-1:123456789012:key/k"
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    logs.associate_kms_key(logGroupName="rare", kmsKeyId=arn)
    found = logs.describe_log_groups(logGroupNamePrefix="rare")["logGroups"][0]
    assert (found["logGroupClass"], found["kmsKeyId"]) == ("INFREQUENT_ACCESS", arn)
    logs.disassociate_kms_key(logGroupName="rare")
    assert "kmsKeyId" not in logs.describe_log_groups(logGroupNamePrefix="rare")["logGroups"][0]
    logs.delete_log_group(logGroupName="rare")


def test_bounds_pull_the_service(shared_aws, chat):
    """Registering a scalable target moves the service's count into its bounds, from either side."""
    scaling = shared_aws.client("application-autoscaling")
    scaling.register_scalable_target(**chat.target, MinCapacity=2, MaxCapacity=3)
    assert service_of(shared_aws)["runningCount"] == 2
    scaling.register_scalable_target(**chat.target, MinCapacity=0, MaxCapacity=1)
    assert service_of(shared_aws)["runningCount"] == 1


def test_a_scalable_target_has_tags(shared_aws, chat):
    """Tags are given at registration, listed, added and removed; another ARN is refused."""
    scaling = shared_aws.client("application-autoscaling")
    arn = scaling.register_scalable_target(**chat.target, Tags={"owner": "ml"})["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"stack": "local"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stack": "local"}
    unknown = arn[:-1] + "x"
    refusal = ("ResourceNotFoundException", f"The specified resource doesn't exist: {unknown}")
    assert shared_aws.refused("application-autoscaling", "list_tags_for_resource", ResourceARN=unknown) == refusal


def test_policies_are_filtered_by_name(shared_aws, chat):
    """Of two policies of a target the one that was asked for is described."""
    scaling = shared_aws.client("application-autoscaling")
    scaling.put_scaling_policy(**chat.target, PolicyName="second", **chat.tracking)
    found = scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["second"])["ScalingPolicies"]
    assert [policy["PolicyName"] for policy in found] == ["second"]
    scaling.delete_scaling_policy(**chat.target, PolicyName="second")


def test_policies_and_actions_go_with_their_target(shared_aws, chat):
    """Deregistering a target deletes its policies, their alarms and its scheduled actions."""
    ecs, scaling = shared_aws.client("ecs"), shared_aws.client("application-autoscaling")
    ecs.create_service(**(chat.service | {"serviceName": "brief"}))
    target = chat.target | {"ResourceId": "service/berth/brief"}
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=1)
    before = shared_aws.get("inventory")["counts"]
    scaling.put_scaling_policy(**target, PolicyName="p", **chat.tracking)
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="a",
        Schedule="cron(0 8 ? * MON-FRI *)",
        ScalableTargetAction={"MinCapacity": 0},
    )
    scaling.deregister_scalable_target(**target)
    after = shared_aws.get("inventory")["counts"]
    assert after == before | {"applicationautoscaling.target": before["applicationautoscaling.target"] - 1}


def test_a_group_keeps_all_its_settings(shared_aws, chat):
    """Warm-up, lifetime and maintenance policy are kept at creation and at update, and can be turned off."""
    groups = shared_aws.client("autoscaling")
    settings = {
        "DefaultInstanceWarmup": 300,
        "MaxInstanceLifetime": 86400,
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120},
    }
    template = {"LaunchTemplateId": chat.template}
    zone = {"VPCZoneIdentifier": chat.subnets[0]}
    groups.create_auto_scaling_group(
        AutoScalingGroupName="kept", MinSize=0, MaxSize=0, LaunchTemplate=template, **settings, **zone
    )

    def described() -> dict:
        return groups.describe_auto_scaling_groups(AutoScalingGroupNames=["kept"])["AutoScalingGroups"][0]

    assert {name: described()[name] for name in settings} == settings
    groups.update_auto_scaling_group(AutoScalingGroupName="kept", DefaultInstanceWarmup=60, CapacityRebalance=True)
    assert (described()["DefaultInstanceWarmup"], described()["CapacityRebalance"]) == (60, True)
    groups.update_auto_scaling_group(AutoScalingGroupName="kept", DefaultInstanceWarmup=-1, MaxInstanceLifetime=0)
    assert not {"DefaultInstanceWarmup", "MaxInstanceLifetime"} & described().keys()


def test_a_hook_has_only_the_targets_it_was_given(shared_aws, chat):
    """A lifecycle hook without a notification target has none."""
    groups = shared_aws.client("autoscaling")
    groups.put_lifecycle_hook(
        AutoScalingGroupName="chat",
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
    )
    hook = groups.describe_lifecycle_hooks(AutoScalingGroupName="chat")["LifecycleHooks"][0]
    assert not {"NotificationTargetARN", "RoleARN"} & hook.keys()


def test_a_forced_deletion_ends_protected_instances(shared_aws, chat):
    """Deleting a group by force ends its instances, protected ones too, and its hooks."""
    groups = shared_aws.client("autoscaling")
    groups.create_auto_scaling_group(
        AutoScalingGroupName="brief",
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateId": chat.template},
        VPCZoneIdentifier=chat.subnets[0],
        NewInstancesProtectedFromScaleIn=True,
    )
    instances = shared_aws.get("inventory")["counts"]["ec2.instance"]
    groups.delete_auto_scaling_group(AutoScalingGroupName="brief", ForceDelete=True)
    assert shared_aws.get("inventory")["counts"]["ec2.instance"] == instances - 1


def test_a_group_starts_from_a_later_template_version(shared_aws, chat):
    """User data of a second version is decoded like that of the first, so that instances start from it."""
    ec2, groups = shared_aws.client("ec2"), shared_aws.client("autoscaling")
    template = ec2.create_launch_template(
        LaunchTemplateName="later",
        LaunchTemplateData={"InstanceType": "g6.xlarge", "ImageId": "ami-0ca77a28d8801702a"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "owner", "Value": "ml"}]}],
    )["LaunchTemplate"]["LaunchTemplateId"]
    data = {"InstanceType": "g6e.xlarge", "ImageId": "ami-0ca77a28d8801702a", "UserData": "aGVsbG8="}
    ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=data)
    groups.create_auto_scaling_group(
        AutoScalingGroupName="later",
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "2"},
        VPCZoneIdentifier=chat.subnets[0],
    )
    group = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["later"])["AutoScalingGroups"][0]
    assert [instance["InstanceType"] for instance in group["Instances"]] == ["g6e.xlarge"]
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
    assert [v["LaunchTemplateData"].get("UserData") for v in versions] == [None, "aGVsbG8="]
    assert ["TagSpecifications" in v["LaunchTemplateData"] for v in versions] == [False, False]


def test_an_unknown_launch_template_is_an_error(shared_aws):
    """Describing a template that does not exist is an error and no empty list."""
    code, _ = shared_aws.refused("ec2", "describe_launch_templates", LaunchTemplateIds=["lt-0123456789abcdef0"])
    assert code == "InvalidLaunchTemplateId.NotFound"


def test_a_rule_keeps_its_description(shared_aws, chat):
    """The description of a rule whose source is a group reads back."""
    rules = shared_aws.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[chat.rule])
    assert rules["SecurityGroupRules"][0]["Description"] == "from the load balancer"


def test_a_file_system_can_be_changed(shared_aws, chat):
    """Throughput, backups, protection and policy of a file system are updated and read back."""
    efs = shared_aws.client("efs")
    names = {"FileSystemId": chat.file_system}
    efs.update_file_system(**names, ThroughputMode="elastic")
    efs.put_backup_policy(**names, BackupPolicy={"Status": "ENABLED"})
    efs.update_file_system_protection(**names, ReplicationOverwriteProtection="DISABLED")
    file_system = efs.describe_file_systems(**names)["FileSystems"][0]
    assert file_system["ThroughputMode"] == "elastic"
    assert file_system["FileSystemProtection"] == {"ReplicationOverwriteProtection": "DISABLED"}
    assert efs.describe_backup_policy(**names)["BackupPolicy"] == {"Status": "ENABLED"}
    efs.put_backup_policy(**names, BackupPolicy={"Status": "DISABLED"})
    assert efs.describe_backup_policy(**names)["BackupPolicy"] == {"Status": "DISABLED"}
    efs.put_file_system_policy(**names, Policy='{"Version": "2012-10-17", "Statement": []}')
    efs.delete_file_system_policy(**names)
    assert shared_aws.refused("efs", "describe_file_system_policy", **names)[0] == "PolicyNotFound"
