"""What a service on ECS is made of, in which order, and under which names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.ecs.component import EcsService
from components.errors import PlanError, StackError

CHILDREN = [
    ("aws:appautoscaling/policy:Policy", "chat-scaling"),
    ("aws:appautoscaling/target:Target", "chat-replicas"),
    ("aws:autoscaling/group:Group", "chat-instances"),
    ("aws:cloudwatch/logGroup:LogGroup", "chat-gateway-logs"),
    ("aws:cloudwatch/logGroup:LogGroup", "chat-vllm-logs"),
    ("aws:cloudwatch/logGroup:LogGroup", "chat-weights-logs"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "chat-instances"),
    ("aws:ec2/securityGroup:SecurityGroup", "chat-alb"),
    ("aws:ec2/securityGroup:SecurityGroup", "chat-cache"),
    ("aws:ec2/securityGroup:SecurityGroup", "chat-instance"),
    ("aws:ec2/securityGroup:SecurityGroup", "chat-task"),
    ("aws:ecs/capacityProvider:CapacityProvider", "chat-instances"),
    ("aws:ecs/cluster:Cluster", "chat-cluster"),
    ("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "chat-cluster"),
    ("aws:ecs/service:Service", "chat-service"),
    ("aws:ecs/taskDefinition:TaskDefinition", "chat-task"),
    ("aws:efs/accessPoint:AccessPoint", "chat-cache-models"),
    ("aws:efs/accessPoint:AccessPoint", "chat-cache-vllm-cache"),
    ("aws:efs/fileSystem:FileSystem", "chat-cache"),
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "chat-cache"),
    ("aws:efs/mountTarget:MountTarget", "chat-cache-mount-0"),
    ("aws:efs/mountTarget:MountTarget", "chat-cache-mount-1"),
    ("aws:iam/instanceProfile:InstanceProfile", "chat-instance"),
    ("aws:iam/role:Role", "chat-execution"),
    ("aws:iam/role:Role", "chat-instance"),
    ("aws:iam/role:Role", "chat-task"),
    ("aws:iam/rolePolicy:RolePolicy", "chat-execution"),
    ("aws:iam/rolePolicy:RolePolicy", "chat-instance"),
    ("aws:iam/rolePolicy:RolePolicy", "chat-task"),
    ("aws:lb/listener:Listener", "chat-http"),
    ("aws:lb/listenerRule:ListenerRule", "chat-v1"),
    ("aws:lb/loadBalancer:LoadBalancer", "chat-alb"),
    ("aws:lb/targetGroup:TargetGroup", "chat-tg"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "chat-alb-8080-to-task"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "chat-instance-2049-to-cache"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "chat-instance-443-to-anywhere"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "chat-task-2049-to-cache"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "chat-task-443-to-anywhere"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "chat-alb-80-from-10-0-0-0-8"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "chat-cache-2049-from-instance"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "chat-cache-2049-from-task"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "chat-task-8080-from-alb"),
]


def children_of(made):
    parent = made.of("EcsService", "chat").urn
    return [one for one in made.resources if one.parent == parent]


def test_these_resources_are_made_and_no_other(chat):
    """Type and logical name of each child; the names are a public contract."""
    assert sorted((one.type, one.name) for one in children_of(chat)) == CHILDREN
    elsewhere = [one.type for one in chat.resources if one not in children_of(chat) and "network" not in one.name]
    assert sorted(elsewhere) == ["berth:ecs:EcsService", "berth:index:ModelService"]


def test_a_public_service_adds_https_and_a_redirect(render, plan_of):
    """With a certificate there is one more listener and one more open port, nothing else."""
    plan = plan_of()
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    made = render(
        replace(plan, network=replace(plan.network, exposure="public", certificate_arn=certificate, domain="a.b"))
    )
    assert {(one.type, one.name) for one in children_of(made)} - set(CHILDREN) == {
        ("aws:lb/listener:Listener", "chat-https"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "chat-alb-443-from-10-0-0-0-8"),
    }


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ListenerRule", "chat-v1"),
        ("ClusterCapacityProviders", "chat-cluster"),
        ("MountTarget", "chat-cache-mount-0"),
        ("MountTarget", "chat-cache-mount-1"),
        ("FileSystemPolicy", "chat-cache"),
        ("RolePolicy", "chat-execution"),
        ("RolePolicy", "chat-task"),
        ("LogGroup", "chat-gateway-logs"),
    ],
)
def test_the_service_starts_after_what_its_tasks_need(chat, kind, name):
    """The first task finds its traffic, capacity, weights, rights and logs; a destroy removes it before them."""
    assert chat.of(kind, name).urn in chat.of("ecs/service:Service", "chat-service").dependencies


def test_instances_are_gone_before_what_they_work_for(chat):
    """The cluster, the instances' rights, and the ways of instances and tasks outlive the group."""
    dependencies = chat.of("autoscaling/group:Group", "chat-instances").dependencies
    for kind, name in (
        ("Cluster", "chat-cluster"),
        ("RolePolicy", "chat-instance"),
        ("Route", "network-private"),
        ("LaunchTemplate", "chat-instances"),
        ("SecurityGroupEgressRule", "chat-instance-443-to-anywhere"),
        ("SecurityGroupEgressRule", "chat-task-2049-to-cache"),
        ("SecurityGroupIngressRule", "chat-cache-2049-from-task"),
        ("SecurityGroupIngressRule", "chat-task-8080-from-alb"),
    ):
        assert chat.of(kind, name).urn in dependencies
    attached = chat.of("ClusterCapacityProviders", "chat-cluster").dependencies
    assert chat.of("CapacityProvider", "chat-instances").urn in attached
    assert chat.of("Cluster", "chat-cluster").urn in attached


def test_the_scalable_target_follows_the_service(chat):
    """Its id is text, so the order is said."""
    assert chat.of("ecs/service:Service", "chat-service").urn in chat.of("Target", "chat-replicas").dependencies


def test_only_capacity_that_others_own_is_ignored(chat):
    """Counts that ECS and autoscaling move are no differences; everything else is."""
    assert {one.name: one.ignore_changes for one in children_of(chat) if one.ignore_changes} == {
        "chat-service": ("desiredCount",),
        "chat-instances": ("desiredCapacity",),
    }


def test_weights_are_protected_when_the_plan_says_so(render, plan_of):
    """The file system is the only protected resource, and only then."""
    plan = plan_of()
    made = render(replace(plan, ecs=replace(plan.ecs, protect_weight_cache=True)))
    assert [one.name for one in made.resources if one.protect] == ["chat-cache"]


def test_nothing_is_protected_otherwise(chat):
    """A destroy of a development stack needs no second command."""
    assert [one.name for one in chat.resources if one.protect] == []


def test_a_missing_secret_is_named_with_the_command_that_creates_it(render, plan_of, account):
    """Both missing secrets are reported together, and nothing but components was registered."""
    account.secrets.clear()
    with pytest.raises(StackError) as error:
        render(plan_of())
    assert str(error.value).splitlines() == [
        (
            "chat: model.token_secret: huggingface/token could not be looked up (couldn't find resource: secret "
            "huggingface/token); create it: aws secretsmanager create-secret --region us-east-1 "
            "--name huggingface/token --secret-string file:///dev/stdin, then paste your Hugging Face token"
        ),
        (
            "chat: gateway.keys_secret: berth/client-keys could not be looked up (couldn't find resource: secret "
            "berth/client-keys); create it: aws secretsmanager create-secret --region us-east-1 "
            "--name berth/client-keys --secret-string file:///dev/stdin, "
            'then paste {"<key name>": "<sha256 of the key>"}'
        ),
    ]


def test_a_secret_can_be_given_by_arn(render, plan_of, account, recorded):
    """An ARN is looked up as one."""
    plan = plan_of()
    arn = account.secrets["berth/client-keys"]
    render(replace(plan, gateway=replace(plan.gateway, keys_secret=arn)))
    assert ("aws:secretsmanager/getSecret:getSecret", {"arn": arn}) in recorded.calls


def test_a_plan_for_another_target_is_refused(run, plan_of):
    """A plan without its ECS part is a mistake of the program, said as such."""
    with pytest.raises(PlanError) as error:
        run(lambda: EcsService("chat", plan=plan_of(ecs=None, target="runpod"), network=None) and None)
    assert str(error.value) == "chat: the plan is for target runpod and has no ecs part"
