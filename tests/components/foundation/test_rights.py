"""What each role may do: to its own stacks alone, within what IAM holds, and never more than the boundary."""

from __future__ import annotations

import json
import re

import pytest

from components.account import Account
from components.foundation.boundary import ALLOWED
from components.foundation.component import Foundation
from components.foundation.settings import FoundationSettings

ACCOUNT = Account("aws", "123456789012", "us-east-1")
LONGEST = ("a-stack-of-forty-characters-at-the-most", *(f"a-stack-of-nearly-as-many-characters-{n}" for n in range(4)))
MANAGED, INLINE, ATTACHED = 6144, 10240, 10
UNNARROWED = {
    # The registry's token, the bill, and a revision of a task's definition have no narrower resource.
    "LogInToEcr", "ReadBill", "ForgetTasks",
    # Nothing but settings.
    "ReadSettings",
    # Of the boundary, which grants nothing.
    "MostOfAll",
}  # fmt: skip


def roles(run, **settings):
    """Return the statements of each role, by its kind of job."""
    given = FoundationSettings(repository="acme/models", **settings)
    made = run(lambda: Foundation("foundation", settings=given, account=ACCOUNT).told, "acme")
    found = {}
    for one in made.resources:
        if one.type in ("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"):
            job = "boundary" if one.name == "boundary" else one.name.rpartition("-")[0]
            found.setdefault(job, []).append(json.loads(one.inputs["policy"]))
    return found


def statements(policies):
    """Return the statements of several policies."""
    return [statement for policy in policies for statement in policy["Statement"]]


def actions(policies):
    """Return everything that some policies allow."""
    found = [one["Action"] for one in statements(policies) if one["Effect"] == "Allow"]
    return {action for one in found for action in ([one] if isinstance(one, str) else one)}


def listed(value):
    """Return what may be written as one or as a list as a list."""
    return [value] if isinstance(value, str) else value


def test_the_longest_names_fit_into_policies(run):
    """Five stacks whose names are as long as they may be."""
    for job, policies in roles(run, stacks=LONGEST, previewed=LONGEST).items():
        assert len(policies) <= ATTACHED + 1, job
        for policy in policies:
            size = len(re.sub(r"\s", "", json.dumps(policy)))
            assert size <= MANAGED, (job, size, policy["Statement"][0]["Sid"])


def test_no_action_is_a_pattern(run):
    """What AWS adds to a service tomorrow is not allowed today."""
    for policies in roles(run).values():
        assert [one for one in actions(policies) if "*" in one] == []


def test_what_holds_for_every_resource_has_a_condition_or_a_reason(run):
    """A statement on everything is one of a short list."""
    for job, policies in roles(run).items():
        bare = {one["Sid"] for one in statements(policies) if one["Resource"] == "*" and "Condition" not in one}
        assert bare <= UNNARROWED, job


@pytest.mark.parametrize("job", ["preview", "nightly"])
def test_who_looks_changes_nothing_and_reads_no_secret(run, job):
    """Not even a lock of a state is written; the key decrypts the configuration of the stacks that are previewed."""
    found = actions(roles(run)[job])
    reads = re.compile(r"[a-z0-9-]+:(?:Describe|Get|List|View)\w+")
    assert {one for one in found if not reads.fullmatch(one)} == {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}
    assert "secretsmanager:GetSecretValue" not in found
    assert "ec2:DescribeInstanceAttribute" not in found


def test_who_deploys_one_stack_names_no_other(run):
    """Neither in an ARN nor in a condition."""
    text = json.dumps(roles(run)["deploy-dev"])
    assert not re.search(r"\b(?:staging|prod|preview|pr-)\b", text)
    assert '"aws:ResourceTag/stack": "dev"' in text
    assert "arn:aws:iam::123456789012:role/berth/dev/*" in text


def test_a_role_is_made_below_the_path_and_within_the_boundary_alone(run):
    """So that whoever deploys cannot give itself more; nobody may change the boundary or take it off."""
    policies = roles(run)["deploy-prod"]
    making = [one for one in statements(policies) if "iam:CreateRole" in one["Action"]]
    boundary = "arn:aws:iam::123456789012:policy/berth-boundary"
    assert making == [
        {
            "Sid": "MakeRoles",
            "Effect": "Allow",
            "Action": [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
            "Resource": ["arn:aws:iam::123456789012:role/berth/prod/*"],
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
        }
    ]
    assert "iam:DeleteRolePermissionsBoundary" not in actions(policies)
    resources = {arn for one in statements(policies) for arn in listed(one["Resource"])}
    assert boundary not in resources
    passing = [one for one in statements(policies) if "iam:PassRole" in one["Action"]]
    assert [one["Resource"] for one in passing] == [["arn:aws:iam::123456789012:role/berth/prod/*"]]
    assert "iam:PassedToService" in passing[0]["Condition"]["StringEquals"]


def test_no_role_of_a_stack_can_do_anything_to_identities_or_states(run):
    """Whatever policy it is given."""
    kinds = {action.partition(":")[0] for action in ALLOWED}
    assert not kinds & {"iam", "sts", "organizations"}
    denied = [one for one in statements(roles(run)["boundary"]) if one["Effect"] == "Deny"]
    assert [one["Resource"][0] for one in denied] == ["arn:aws:s3:::berth-state-123456789012-us-east-1"]


def test_states_of_one_stack_are_its_deployers_alone(run):
    """By the names of Pulumi's files in the bucket."""
    writing = [one for one in statements(roles(run)["deploy-dev"]) if "s3:PutObject" in one["Action"]]
    bucket = "arn:aws:s3:::berth-state-123456789012-us-east-1"
    assert [one["Resource"] for one in writing] == [
        [f"{bucket}/.pulumi/*/berth/dev.*", f"{bucket}/.pulumi/*/berth/dev/*"]
    ]


def test_stacks_of_pull_requests_run_on_small_hardware(run):
    """The policy holds even when nobody asks the pack."""
    found = statements(roles(run, review_instance_types=("g6.xlarge",))["pr-stack"])
    by_name = {one["Sid"]: one for one in found}
    assert by_name["StartInstances"]["Condition"] == {"StringEquals": {"ec2:InstanceType": ["g6.xlarge"]}}
    assert by_name["MakeEndpointConfigs"]["Condition"] == {
        "StringLike": {"aws:RequestTag/stack": "pr-*"},
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.g6.xlarge"]},
    }


def test_stacks_of_ones_own_run_on_whatever_the_policies_allow(run):
    """No list of instance types in IAM stands beside that of the pack."""
    by_name = {one["Sid"]: one for one in statements(roles(run)["deploy-prod"])}
    assert "Condition" not in by_name["StartInstances"]
    assert by_name["MakeEndpointConfigs"]["Condition"] == {"StringLike": {"aws:RequestTag/stack": "prod"}}


def test_images_are_pushed_to_their_repositories_alone(run):
    """And nothing else is done by whoever builds them."""
    found = statements(roles(run)["images"])
    assert {one["Sid"] for one in found} == {"LogInToEcr", "PushImages"}
    assert [one["Resource"] for one in found if one["Sid"] == "PushImages"] == [
        [
            f"arn:aws:ecr:us-east-1:123456789012:repository/berth/{n}"
            for n in ("gateway", "weight_cache", "runpod_worker")
        ]
    ]
