"""Asks a moto without patches which of the defects that we patch it still has; prints them as JSON.

Run as a process of its own: patches are made in place and cannot be taken back.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from tests.sandbox.aws import plain_moto_keeper, plain_moto_sagemaker

if TYPE_CHECKING:
    from collections.abc import Callable

AMI = "ami-0ca77a28d8801702a"
DATA = {"ImageId": AMI, "InstanceType": "g6.xlarge"}
TAGGED = [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}]
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/s",
    "ScalableDimension": "ecs:service:DesiredCount",
}
TRACKING = {
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    },
}


def client(name: str) -> Any:
    return boto3.client(name, region_name="us-east-1")


def fails(call: Callable[[], object]) -> bool:
    try:
        call()
    except Exception:  # noqa: BLE001 (moto fails with any class)
        return True
    return False


def prepare() -> SimpleNamespace:
    made = SimpleNamespace(ecs=client("ecs"), ec2=client("ec2"), efs=client("efs"))
    made.groups, made.scaling = client("autoscaling"), client("application-autoscaling")
    made.ecs.create_cluster(clusterName="c")
    made.ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "i", "memory": 1}])
    made.ecs.create_service(
        cluster="c", serviceName="s", taskDefinition="f", desiredCount=1, healthCheckGracePeriodSeconds=9
    )
    made.template = made.ec2.create_launch_template(
        LaunchTemplateName="t", LaunchTemplateData=DATA, TagSpecifications=TAGGED
    )["LaunchTemplate"]["LaunchTemplateId"]
    made.ec2.create_launch_template_version(
        LaunchTemplateId=made.template, LaunchTemplateData=DATA | {"UserData": "aGVsbG8="}
    )
    made.subnet = made.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group(made, "g", "1", NewInstancesProtectedFromScaleIn=True, DefaultInstanceWarmup=300)
    made.groups.put_lifecycle_hook(
        AutoScalingGroupName="g",
        LifecycleHookName="h",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
    )
    arn = made.groups.describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    made.ecs.create_capacity_provider(name="p", autoScalingGroupProvider={"autoScalingGroupArn": arn})
    made.file_system = made.efs.create_file_system(CreationToken="x")["FileSystemId"]
    made.target = made.scaling.register_scalable_target(**TARGET, MinCapacity=2, MaxCapacity=3)["ScalableTargetARN"]
    for name in ("one", "two"):
        made.scaling.put_scaling_policy(**TARGET, PolicyName=name, **TRACKING)
    return made


def group(made: SimpleNamespace, name: str, version: str, **settings: object) -> None:
    made.groups.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateId": made.template, "Version": version},
        VPCZoneIdentifier=made.subnet,
        **settings,
    )


def service(made: SimpleNamespace) -> dict:
    return made.ecs.describe_services(cluster="c", services=["s"])["services"][0]


def keep_fields_of_created_services(made: SimpleNamespace) -> bool:
    return service(made).get("healthCheckGracePeriodSeconds") != 9


def settle_updated_services(made: SimpleNamespace) -> bool:
    made.ecs.update_service(cluster="c", service="s", desiredCount=2)
    return service(made)["deployments"][0]["rolloutState"] != "COMPLETED"


def stop_tasks_of_deleted_services(made: SimpleNamespace) -> bool:
    made.ecs.create_service(cluster="c", serviceName="d", taskDefinition="f", desiredCount=0)
    made.ecs.update_service(cluster="c", service="d", desiredCount=1)
    return made.ecs.delete_service(cluster="c", service="d", force=True)["service"]["runningCount"] != 0


def provider(made: SimpleNamespace) -> dict:
    described = made.ecs.describe_capacity_providers(capacityProviders=["p"])["capacityProviders"][0]
    return described["autoScalingGroupProvider"]


def default_draining_of_capacity_providers(made: SimpleNamespace) -> bool:
    return "managedDraining" not in provider(made)


def update_all_fields_of_capacity_providers(made: SimpleNamespace) -> bool:
    made.ecs.update_capacity_provider(name="p", autoScalingGroupProvider={"managedDraining": "DISABLED"})
    return provider(made).get("managedDraining") != "DISABLED"


def report_attached_capacity_providers(made: SimpleNamespace) -> bool:
    cluster = made.ecs.put_cluster_capacity_providers(
        cluster="c", capacityProviders=["p"], defaultCapacityProviderStrategy=[]
    )["cluster"]
    return "attachmentsStatus" not in cluster


def return_clusters_that_exist(made: SimpleNamespace) -> bool:
    settings = [{"name": "containerInsights", "value": "enabled"}]
    made.ecs.create_cluster(clusterName="again", settings=settings)
    return made.ecs.create_cluster(clusterName="again")["cluster"].get("settings") != settings


def update_settings_of_clusters(made: SimpleNamespace) -> bool:
    settings = [{"name": "containerInsights", "value": "enabled"}]
    return fails(lambda: made.ecs.update_cluster_settings(cluster="c", settings=settings))


def switch_metrics_of_groups(made: SimpleNamespace) -> bool:
    return fails(lambda: made.groups.disable_metrics_collection(AutoScalingGroupName="g"))


def keep_class_of_groups(made: SimpleNamespace) -> bool:
    logs = client("logs")
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    return "logGroupClass" not in logs.describe_log_groups()["logGroups"][0]


def change_key_of_groups(made: SimpleNamespace) -> bool:
    logs = client("logs")
    logs.create_log_group(logGroupName="locked")
    return fails(lambda: logs.associate_kms_key(logGroupName="locked", kmsKeyId="arn:aws:kms:us-east-1:1:key/k"))


def list_only_active_clusters(made: SimpleNamespace) -> bool:
    made.ecs.create_cluster(clusterName="gone")
    made.ecs.delete_cluster(cluster="gone")
    return any(arn.endswith("/gone") for arn in made.ecs.list_clusters()["clusterArns"])


def tag_scalable_targets(made: SimpleNamespace) -> bool:
    return fails(lambda: made.scaling.list_tags_for_resource(ResourceARN=made.target))


def filter_policies_by_name(made: SimpleNamespace) -> bool:
    found = made.scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["two"])
    return len(found["ScalingPolicies"]) != 1


def pull_services_into_bounds(made: SimpleNamespace) -> bool:
    made.scaling.register_scalable_target(**TARGET, MinCapacity=3, MaxCapacity=3)
    return service(made)["desiredCount"] != 3


def update_policies_in_place(made: SimpleNamespace) -> bool:
    one, again = (made.scaling.put_scaling_policy(**TARGET, PolicyName="one", **TRACKING) for _ in range(2))
    return one["PolicyARN"] != again["PolicyARN"]


def delete_policies_with_their_target(made: SimpleNamespace) -> bool:
    made.scaling.deregister_scalable_target(**TARGET)
    return bool(made.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"])


def keep_fields_of_groups(made: SimpleNamespace) -> bool:
    return "DefaultInstanceWarmup" not in made.groups.describe_auto_scaling_groups()["AutoScalingGroups"][0]


def no_invented_targets_of_hooks(made: SimpleNamespace) -> bool:
    hook = made.groups.describe_lifecycle_hooks(AutoScalingGroupName="g")["LifecycleHooks"][0]
    return "NotificationTargetARN" in hook


MIX = {
    "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 50},
    "LaunchTemplate": {"Overrides": [{"InstanceType": "t3.micro"}]},
}


def mix(made: SimpleNamespace, name: str) -> dict:
    policy = {**MIX, "LaunchTemplate": {**MIX["LaunchTemplate"], "LaunchTemplateSpecification": {}}}
    policy["LaunchTemplate"]["LaunchTemplateSpecification"] = {"LaunchTemplateId": made.template, "Version": "1"}
    made.groups.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=1,
        DesiredCapacity=1,
        MixedInstancesPolicy=policy,
        VPCZoneIdentifier=made.subnet,
    )
    return made.groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def keep_mix_of_groups(made: SimpleNamespace) -> bool:
    mix(made, "kept")
    made.groups.update_auto_scaling_group(AutoScalingGroupName="kept", MaxSize=2)
    kept = made.groups.describe_auto_scaling_groups(AutoScalingGroupNames=["kept"])["AutoScalingGroups"][0]
    return "MixedInstancesPolicy" not in kept


def launch_all_of_a_mix(made: SimpleNamespace) -> bool:
    return len(mix(made, "whole")["Instances"]) == 0


def terminate_protected_instances_of_deleted_groups(made: SimpleNamespace) -> bool:
    instance = made.groups.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
    made.groups.delete_auto_scaling_group(AutoScalingGroupName="g", ForceDelete=True)
    described = made.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return described["State"]["Name"] != "terminated"


def decode_user_data_of_later_versions(made: SimpleNamespace) -> bool:
    return fails(lambda: group(made, "later", "2"))


def hide_tags_of_the_template_itself(made: SimpleNamespace) -> bool:
    versions = made.ec2.describe_launch_template_versions(LaunchTemplateId=made.template)["LaunchTemplateVersions"]
    return "TagSpecifications" in versions[0]["LaunchTemplateData"]


def refuse_unknown_template_ids(made: SimpleNamespace) -> bool:
    return not fails(lambda: made.ec2.describe_launch_templates(LaunchTemplateIds=["lt-0123456789abcdef0"]))


def keep_description_of_group_rules(made: SimpleNamespace) -> bool:
    first = made.ec2.create_security_group(GroupName="a", Description="a")["GroupId"]
    source = [{"GroupId": first, "Description": "text"}]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": source}
    rules = made.ec2.authorize_security_group_ingress(GroupId=first, IpPermissions=[permission])["SecurityGroupRules"]
    return rules[0].get("Description") != "text"


def update_file_systems(made: SimpleNamespace) -> bool:
    return fails(lambda: made.efs.update_file_system(FileSystemId=made.file_system, ThroughputMode="elastic"))


def protect_file_systems(made: SimpleNamespace) -> bool:
    return fails(
        lambda: made.efs.update_file_system_protection(
            FileSystemId=made.file_system, ReplicationOverwriteProtection="DISABLED"
        )
    )


def put_backup_policies(made: SimpleNamespace) -> bool:
    return fails(lambda: made.efs.put_backup_policy(FileSystemId=made.file_system, BackupPolicy={"Status": "ENABLED"}))


def report_disabled_backups(made: SimpleNamespace) -> bool:
    return fails(lambda: made.efs.describe_backup_policy(FileSystemId=made.file_system))


def delete_policies(made: SimpleNamespace) -> bool:
    return fails(lambda: made.efs.delete_file_system_policy(FileSystemId=made.file_system))


def cbor() -> bool:
    """The translator of sandbox.aws.cbor: whether moto's HTTP server still knows no CBOR."""
    http = Client(DomainDispatcherApplication(create_backend_app))
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/monitoring/aws4_request, S=0"}
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    return http.post(path, data=b"\xa0", headers=headers, content_type="application/cbor").status_code != 200


# In the order in which they can be asked: the last ones delete what the others look at.
PROBES = (
    keep_fields_of_created_services,
    settle_updated_services,
    stop_tasks_of_deleted_services,
    default_draining_of_capacity_providers,
    update_all_fields_of_capacity_providers,
    report_attached_capacity_providers,
    return_clusters_that_exist,
    update_settings_of_clusters,
    switch_metrics_of_groups,
    keep_class_of_groups,
    change_key_of_groups,
    list_only_active_clusters,
    tag_scalable_targets,
    filter_policies_by_name,
    pull_services_into_bounds,
    update_policies_in_place,
    delete_policies_with_their_target,
    keep_fields_of_groups,
    no_invented_targets_of_hooks,
    keep_mix_of_groups,
    launch_all_of_a_mix,
    terminate_protected_instances_of_deleted_groups,
    decode_user_data_of_later_versions,
    hide_tags_of_the_template_itself,
    refuse_unknown_template_ids,
    keep_description_of_group_rules,
    update_file_systems,
    protect_file_systems,
    report_disabled_backups,
    put_backup_policies,
    delete_policies,
)


def main() -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "plain", "AWS_SECRET_ACCESS_KEY": "plain"}
    defects = {"cbor": cbor()}
    with mock_aws(config={"lambda": {"use_docker": False}}):
        made = prepare()
        plain_moto_sagemaker.prepare(made)
        plain_moto_keeper.prepare(made)
        probes = (*plain_moto_keeper.PROBES, *PROBES, *plain_moto_sagemaker.PROBES)
        defects |= {probe.__name__: probe(made) for probe in probes}
    sys.stdout.write(json.dumps(defects))


if __name__ == "__main__":
    main()
