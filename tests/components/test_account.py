"""What resources of ours take from the settings of the `aws` provider, and what they cannot."""

from __future__ import annotations

import json

import pytest
from pulumi.runtime.config import CONFIG

from components.account import Account, DirectAccess
from components.errors import StackError

ACCOUNT = Account("aws", "123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/deploy"


def access(**settings: str) -> DirectAccess:
    return DirectAccess.of(ACCOUNT, settings, stack="prod")


def refusals(**settings: str) -> list[str]:
    with pytest.raises(StackError) as error:
        access(**settings)
    return str(error.value).splitlines()


def test_without_settings_the_environment_decides():
    """Nothing but region, account and the resource's own tags."""
    assert access(region="us-east-1").inputs({"Name": "x"}) == {
        "region": "us-east-1",
        "accountId": "123456789012",
        "assumeRoleArn": None,
        "profile": None,
        "tags": {"Name": "x"},
    }


@pytest.mark.parametrize("setting", ["assumeRoles", "assumeRole"])
def test_one_role_and_a_profile_are_taken_over(setting):
    """The name of the session concerns nobody."""
    role = {"roleArn": ROLE, "sessionName": "ci"}
    found = access(profile="work", **{setting: json.dumps([role] if setting == "assumeRoles" else role)})
    assert (found.assume_role_arn, found.profile) == (ROLE, "work")


def test_default_tags_are_taken_over_and_own_tags_win():
    """As the provider does it."""
    tags = json.dumps({"tags": {"team": "platform", "Name": "no", "cost_center": 4711}})
    assert access(defaultTags=tags).inputs({"Name": "chat"})["tags"] == {
        "team": "platform",
        "Name": "chat",
        "cost_center": "4711",
    }


def test_roles_in_a_row_are_refused():
    """With where such a chain can be kept."""
    assert refusals(assumeRoles=json.dumps([{"roleArn": ROLE}, {"roleArn": ROLE}])) == [
        (
            "stacks/Pulumi.prod.yaml: aws:assumeRoles: 2 roles in a row reach the aws provider alone; put the role"
            " into a profile of ~/.aws/config, and set aws:profile to that"
        )
    ]


def test_a_role_with_conditions_is_refused():
    """Without them it could not be taken, or would allow more."""
    role = {"roleArn": ROLE, "externalId": "x", "policy": "{}"}
    assert refusals(assumeRoles=json.dumps([role])) == [
        (
            "stacks/Pulumi.prod.yaml: aws:assumeRoles: externalId, policy reaches the aws provider alone; put the role"
            " into a profile of ~/.aws/config, and set aws:profile to that"
        )
    ]


@pytest.mark.parametrize(
    ("setting", "instead"),
    [
        ("accessKey", "AWS_ACCESS_KEY_ID"),
        ("secretKey", "AWS_SECRET_ACCESS_KEY"),
        ("token", "AWS_SESSION_TOKEN"),
        ("endpoints", "AWS_ENDPOINT_URL"),
        ("sharedConfigFiles", "AWS_CONFIG_FILE"),
        ("assumeRoleWithWebIdentity", "AWS_WEB_IDENTITY_TOKEN_FILE"),
        ("useFipsEndpoint", "AWS_USE_FIPS_ENDPOINT"),
        ("httpProxy", "HTTP_PROXY"),
    ],
)
def test_what_only_the_provider_honours_is_refused_with_the_variable_for_it(setting, instead):
    """Whoever deploys to two places at once would not know; the value is not repeated, it may be a secret."""
    [line] = refusals(**{setting: "s3cr3t"})
    assert line.startswith(f"stacks/Pulumi.prod.yaml: aws:{setting}: reaches the aws provider alone")
    assert instead in line
    assert "s3cr3t" not in line


def test_what_decides_neither_account_nor_caller_is_nobodys_matter():
    """Checks that the provider leaves out, retries, and switches that are off."""
    assert access(skipCredentialsValidation="true", maxRetries="3", insecure="false", ignoreTags='{"keys": ["a"]}')


def test_the_account_must_be_an_allowed_one():
    """The provider checks it for itself alone."""
    allowed = json.dumps(["999999999999"])
    assert refusals(allowedAccountIds=allowed) == [
        (
            "stacks/Pulumi.prod.yaml: aws:allowedAccountIds: 123456789012 is the account of these credentials, allowed:"
            " 999999999999; select the right profile or role"
        )
    ]
    assert access(allowedAccountIds=json.dumps(["123456789012"]))


def test_the_account_must_not_be_a_forbidden_one():
    """Several problems are said together."""
    lines = refusals(forbiddenAccountIds=json.dumps(["123456789012"]), accessKey="x")
    assert [line.split(": ")[1] for line in lines] == ["aws:accessKey", "aws:forbiddenAccountIds"]


def test_the_settings_of_the_stack_are_read(run, recorded):
    """Those of the namespace `aws:`, and no others."""

    def program():
        token = CONFIG.set({"aws:profile": "work", "berth:profile": "other"})
        try:
            recorded.outputs["access"] = DirectAccess.current(ACCOUNT)
        finally:
            CONFIG.reset(token)

    run(program)
    assert recorded.outputs["access"].profile == "work"
