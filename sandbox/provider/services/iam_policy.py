"""How is a policy that stands for itself, and can be a boundary, made in IAM?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison, policy_form
from sandbox.provider.resource import Answer, Call, Instance, Resource, Step
from sandbox.provider.rules import conflict, each, json_text, matches

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws

_MOST_VERSIONS = 5
_MOST_CHARACTERS = 6144
"""White space not counted."""


def _policy(aws: Aws, policy: Instance) -> Answer:
    client = aws("iam")
    found = client.get_policy(PolicyArn=policy.id)["Policy"]
    version = client.get_policy_version(PolicyArn=policy.id, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    document = version["Document"]
    return {**found, "PolicyDocument": document if isinstance(document, str) else json.dumps(document)}


def _put_version(aws: Aws, policy: Instance) -> None:
    client = aws("iam")
    versions = client.list_policy_versions(PolicyArn=policy.id)["Versions"]
    spare = sorted((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
    if len(versions) >= _MOST_VERSIONS:
        client.delete_policy_version(PolicyArn=policy.id, VersionId=spare[0]["VersionId"])
    client.create_policy_version(PolicyArn=policy.id, PolicyDocument=policy["policy"], SetAsDefault=True)


def _delete(aws: Aws, policy: Instance) -> None:
    client = aws("iam")
    for version in client.list_policy_versions(PolicyArn=policy.id)["Versions"]:
        if not version["IsDefaultVersion"]:
            client.delete_policy_version(PolicyArn=policy.id, VersionId=version["VersionId"])
    client.delete_policy(PolicyArn=policy.id)


def _fits(value: Any) -> str | None:
    size = len("".join(str(value).split()))
    return None if size <= _MOST_CHARACTERS else f"has {size} characters, a managed policy holds {_MOST_CHARACTERS}"


POLICY = Resource(
    type_name="aws:iam/policy:Policy",
    service="iam",
    create=Call("create_policy"),
    identify=lambda answer, _: answer["Policy"]["Arn"],
    read=_policy,
    delete=_delete,
    steps=(Step(("policy",), _put_version, on_create=False),),
    rename={"name": "PolicyName", "policy": "PolicyDocument"},
    tagging="iam_policy",
    defaults={"path": "/"},
    comparison=Comparison(canonical={"policy": policy_form}),
    reflects=("attachmentCount",),
    rules=(
        json_text("policy"),
        each("policy", _fits),
        matches("name", r"[\w+=,.@-]{1,128}", "must hold 1 to 128 letters, digits and +=,.@-_"),
        conflict("name", "namePrefix"),
    ),
    name_limit=128,
)

ENTRIES = (POLICY,)
