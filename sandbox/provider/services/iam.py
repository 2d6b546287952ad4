"""How are roles, their policies and instance profiles made in the IAM API?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step, modify
from sandbox.provider.rules import arn, between, conflict, json_text, matches

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Props

_NAME = r"[\w+=,.@-]+"


def _role(aws: Aws, role: Instance) -> Answer:
    client = aws("iam")
    answer = client.get_role(RoleName=role.id)["Role"]
    boundary = answer.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    attached = client.list_attached_role_policies(RoleName=role.id)["AttachedPolicies"]
    inline = [
        {"name": name, "policy": _text(client.get_role_policy(RoleName=role.id, PolicyName=name)["PolicyDocument"])}
        for name in client.list_role_policies(RoleName=role.id)["PolicyNames"]
    ]
    return {
        **answer,
        "AssumeRolePolicyDocument": _text(answer["AssumeRolePolicyDocument"]),
        "PermissionsBoundary": boundary,
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "InlinePolicies": inline,
    }


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))


def _set_managed_policies(aws: Aws, role: Instance) -> None:
    old, new = set(role.old.get("managedPolicyArns") or []), set(role.get("managedPolicyArns") or [])
    for policy in sorted(old - new):
        aws("iam").detach_role_policy(RoleName=role.id, PolicyArn=policy)
    for policy in sorted(new - old):
        aws("iam").attach_role_policy(RoleName=role.id, PolicyArn=policy)


def _set_inline_policies(aws: Aws, role: Instance) -> None:
    kept = {policy["name"] for policy in role.get("inlinePolicies") or []}
    for policy in role.old.get("inlinePolicies") or []:
        if policy["name"] not in kept:
            aws("iam").delete_role_policy(RoleName=role.id, PolicyName=policy["name"])
    for policy in role.get("inlinePolicies") or []:
        aws("iam").put_role_policy(RoleName=role.id, PolicyName=policy["name"], PolicyDocument=policy["policy"])


def _set_boundary(aws: Aws, role: Instance) -> None:
    if role.get("permissionsBoundary"):
        aws("iam").put_role_permissions_boundary(RoleName=role.id, PermissionsBoundary=role["permissionsBoundary"])
    else:
        aws("iam").delete_role_permissions_boundary(RoleName=role.id)


def _describe_role(aws: Aws, role: Instance) -> None:
    duration = {"MaxSessionDuration": role["maxSessionDuration"]} if role.get("maxSessionDuration") else {}
    aws("iam").update_role(RoleName=role.id, Description=role.get("description", ""), **duration)


def _delete_role(aws: Aws, role: Instance) -> None:
    client = aws("iam")
    for profile in client.list_instance_profiles_for_role(RoleName=role.id)["InstanceProfiles"]:
        client.remove_role_from_instance_profile(InstanceProfileName=profile["InstanceProfileName"], RoleName=role.id)
    if role.get("forceDetachPolicies") or role.get("managedPolicyArns") or role.get("inlinePolicies"):
        for policy in client.list_attached_role_policies(RoleName=role.id)["AttachedPolicies"]:
            client.detach_role_policy(RoleName=role.id, PolicyArn=policy["PolicyArn"])
        for name in client.list_role_policies(RoleName=role.id)["PolicyNames"]:
            client.delete_role_policy(RoleName=role.id, PolicyName=name)
    client.delete_role(RoleName=role.id)


ROLE = Resource(
    type_name="aws:iam/role:Role",
    service="iam",
    create=Call("create_role"),
    identify=lambda answer, _: answer["Role"]["RoleName"],
    read=_role,
    delete=_delete_role,
    steps=(
        modify(
            "iam",
            Call("update_assume_role_policy", rename={"assumeRolePolicy": "PolicyDocument"}),
            "RoleName",
            ("assumeRolePolicy",),
            on_create=False,
        ),
        Step(("description", "maxSessionDuration"), _describe_role, on_create=False),
        Step(("permissionsBoundary",), _set_boundary, on_create=False),
        Step(("managedPolicyArns",), _set_managed_policies),
        Step(("inlinePolicies",), _set_inline_policies),
    ),
    tagging="iam_role",
    rename={"assumeRolePolicy": "AssumeRolePolicyDocument", "name": "RoleName", "uniqueId": "RoleId"},
    local=("forceDetachPolicies",),
    defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
    computed=("inlinePolicies", "managedPolicyArns"),
    reflects=("inlinePolicies", "managedPolicyArns"),
    comparison=Comparison(
        sets=("managedPolicyArns", "inlinePolicies"),
        canonical={"assumeRolePolicy": policy_form, "inlinePolicies.policy": policy_form},
    ),
    rules=(
        json_text("assumeRolePolicy"),
        matches("name", _NAME, "must hold only letters, digits and +=,.@-_"),
        matches("namePrefix", f"{_NAME[:-1]}{{1,38}}", "must hold at most 38 letters, digits and +=,.@-_"),
        between("maxSessionDuration", 3600, 43200),
        conflict("name", "namePrefix"),
        arn("permissionsBoundary"),
    ),
    name_limit=64,
)


def _role_policy(aws: Aws, policy: Instance) -> Answer:
    role, name = policy.id.split(":", 1)
    answer = aws("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {**answer, "PolicyDocument": _text(answer["PolicyDocument"])}


def _put_role_policy(aws: Aws, policy: Instance) -> None:
    role, name = policy.id.split(":", 1)
    aws("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy["policy"])


def _delete_role_policy(aws: Aws, policy: Instance) -> None:
    role, name = policy.id.split(":", 1)
    aws("iam").delete_role_policy(RoleName=role, PolicyName=name)


ROLE_POLICY = Resource(
    type_name="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    create=Call("put_role_policy"),
    identify=lambda _, props: f"{props['role']}:{props['name']}",
    read=_role_policy,
    delete=_delete_role_policy,
    steps=(Step(("policy",), _put_role_policy, on_create=False),),
    rename={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    comparison=Comparison(canonical={"policy": policy_form}),
    rules=(json_text("policy"), matches("name", f"{_NAME[:-1]}{{1,128}}", "must hold letters, digits and +=,.@-_")),
    name_limit=128,
)


def _attachment(aws: Aws, attachment: Instance) -> Answer | None:
    role, policy = attachment.id.split("/", 1)
    attached = aws("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {"RoleName": role, "PolicyArn": policy} if policy in [item["PolicyArn"] for item in attached] else None


def _detach(aws: Aws, attachment: Instance) -> None:
    role, policy = attachment.id.split("/", 1)
    aws("iam").detach_role_policy(RoleName=role, PolicyArn=policy)


ROLE_POLICY_ATTACHMENT = Resource(
    type_name="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service="iam",
    create=Call("attach_role_policy"),
    identify=lambda _, props: f"{props['role']}/{props['policyArn']}",
    read=_attachment,
    delete=_detach,
    rename={"role": "RoleName"},
    rules=(arn("policyArn"),),
    delete_before_replace=True,
)


def _set_role(aws: Aws, profile: Instance) -> None:
    client = aws("iam")
    for role in client.get_instance_profile(InstanceProfileName=profile.id)["InstanceProfile"]["Roles"]:
        client.remove_role_from_instance_profile(InstanceProfileName=profile.id, RoleName=role["RoleName"])
    if profile.get("role"):
        client.add_role_to_instance_profile(InstanceProfileName=profile.id, RoleName=profile["role"])


def _delete_profile(aws: Aws, profile: Instance) -> None:
    _set_role(aws, Instance(profile.id, {}))
    aws("iam").delete_instance_profile(InstanceProfileName=profile.id)


def _complete_profile(_aws: Aws, answer: Answer, found: Props, _profile: Instance) -> None:
    roles = answer.get("Roles", [])
    found["role"] = roles[0]["RoleName"] if roles else None


INSTANCE_PROFILE = Resource(
    type_name="aws:iam/instanceProfile:InstanceProfile",
    service="iam",
    create=Call("create_instance_profile"),
    identify=lambda answer, _: answer["InstanceProfile"]["InstanceProfileName"],
    read=lambda aws, profile: aws("iam").get_instance_profile(InstanceProfileName=profile.id)["InstanceProfile"],
    delete=_delete_profile,
    steps=(Step(("role",), _set_role),),
    finish=_complete_profile,
    tagging="iam_instance_profile",
    rename={"name": "InstanceProfileName", "uniqueId": "InstanceProfileId"},
    defaults={"path": "/"},
    rules=(matches("name", _NAME, "must hold only letters, digits and +=,.@-_"), conflict("name", "namePrefix")),
    name_limit=128,
)

ENTRIES = (ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT, INSTANCE_PROFILE)
