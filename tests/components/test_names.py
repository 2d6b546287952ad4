"""Names: two services in a stack and two stacks in an account do not clash, and all fit AWS's limits."""

from __future__ import annotations

import re

LONGEST = "a-name-of-twenty-abc"
AUTOMATIC_SUFFIX = 8
LIMITS = {
    "aws:autoscaling/group:Group": 255,
    "aws:ec2/launchTemplate:LaunchTemplate": 128,
    "aws:ec2/securityGroup:SecurityGroup": 255,
    "aws:iam/instanceProfile:InstanceProfile": 128,
    "aws:iam/role:Role": 64,
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
}
PHYSICAL = ("name", "family", "resourceId", "creationToken")


def physical_names(resources):
    """Return type and value of each name that is fixed by us and must be unique in the account."""
    return [
        (one.type, key, one.inputs[key])
        for one in resources
        for key in PHYSICAL
        # An ECS service's name is unique in its cluster; a policy's scope is its target.
        if key in one.inputs and one.type not in ("aws:ecs/service:Service", "aws:appautoscaling/policy:Policy")
    ]


def test_two_services_in_two_stacks_share_no_physical_name(render, plan_of, recorded):
    """Also when stack and service, read one after the other, are the same text."""
    for stack, services in (("a", ["b-c", "b"]), ("a-b", ["c", "b-c"])):
        render(*(plan_of(service=service, stack=stack) for service in services))
    names = [name for name in physical_names(recorded.resources) if "berth-" not in str(name[2])]
    assert len(names) == 4 * 6
    assert len(set(names)) == len(names)


def test_what_is_named_by_hand_is_known_at_preview(chat):
    """Only these types have fixed names; the others get one with a random end from the provider."""
    assert sorted(physical_names(chat.resources)) == [
        ("aws:appautoscaling/target:Target", "resourceId", "service/berth_dev_chat_g6-2xlarge/chat_g6-2xlarge"),
        ("aws:cloudwatch/logGroup:LogGroup", "name", "/berth/dev/chat/gateway"),
        ("aws:cloudwatch/logGroup:LogGroup", "name", "/berth/dev/chat/vllm"),
        ("aws:cloudwatch/logGroup:LogGroup", "name", "/berth/dev/chat/weights"),
        ("aws:ecs/capacityProvider:CapacityProvider", "name", "berth-chat-instances-1a2b3c4"),
        ("aws:ecs/cluster:Cluster", "name", "berth_dev_chat_g6-2xlarge"),
        ("aws:ecs/taskDefinition:TaskDefinition", "family", "berth_dev_chat"),
    ]


def test_automatic_names_of_the_longest_service_fit(render, plan_of):
    """The provider adds 8 characters to a logical name, and refuses what is longer than AWS allows."""
    made = render(plan_of(service=LONGEST))
    assert len(LONGEST) == 20
    checked = [one for one in made.resources if one.type in LIMITS]
    assert {one.type for one in checked} == set(LIMITS)
    for one in checked:
        assert len(one.name) + AUTOMATIC_SUFFIX <= LIMITS[one.type], one.name
        assert not re.match(r"sg-|internal-", one.name)


def test_no_service_name_makes_two_children_one(chat):
    """For no type is one role the end of another's: `a` with `b-c` and `a-b` with `c` would share a URN."""
    roles = {}
    for one in chat.resources:
        if one.name.startswith("chat-"):
            roles.setdefault(one.type, []).append(one.name.removeprefix("chat-"))
    clashes = [(kind, a, b) for kind, found in roles.items() for a in found for b in found if a.endswith(f"-{b}")]
    assert clashes == []
