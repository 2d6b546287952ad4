"""What is said about an account is checked as a whole, before anything is made."""

from __future__ import annotations

import pulumi
import pytest

from components.errors import StackError
from components.foundation.program import deploy
from components.foundation.settings import FoundationSettings


def said(**raw):
    """Return what is wrong with settings."""
    with pytest.raises(StackError) as error:
        FoundationSettings.parse(raw, stack="acme")
    return [line.removeprefix("account/Pulumi.acme.yaml: berth-account:") for line in str(error.value).splitlines()]


def test_all_that_is_wrong_is_said_at_once():
    """With the fix for each."""
    assert said(
        repository="models",
        forge="bitbucket",
        subject="repo:acme/*",
        issuer="http://gitlab.example.com",
        providerArn="github",
        branch="main or so",
        stacks=["dev", "pr-1", "local"],
        previewed=["prod"],
        reviewInstanceTypes="g6.xlarge",
    ) == [
        "repository: models is not a repository; write owner/name",
        "forge: bitbucket is not a forge; use one of: github, gitlab",
        "subject: repo:acme/* lets other repositories in; write it without * and ?, as the forge shows it",
        "issuer: http://gitlab.example.com is not an issuer; write its address, as https://gitlab.example.com",
        "providerArn: github is not an ARN; copy it from AWS",
        "branch: main or so is not one branch; name the branch that is deployed from",
        "reviewInstanceTypes: g6.xlarge is not a list; write it as [dev, prod]",
        "stacks: pr-1 cannot be a stack of its own; use lower-case letters, digits and -, not pr-...",
        "stacks: local cannot be a stack of its own; use lower-case letters, digits and -, not pr-...",
        "previewed: prod is not one of stacks; add it there, or remove it here",
    ]


def test_six_stacks_are_too_many_for_a_policy():
    """IAM holds 6144 characters."""
    assert said(repository="acme/models", stacks=[f"s{number}" for number in range(6)]) == [
        "stacks: 6 are more than 5, whose names a policy of IAM can hold; use a second account"
    ]


def test_what_is_left_out_has_a_default():
    """Three stacks, all of them previewed, on github.com."""
    settings = FoundationSettings.parse({"repository": "acme/models"}, stack="acme")
    assert settings == FoundationSettings(repository="acme/models")
    assert settings.issuer_host == "token.actions.githubusercontent.com"
    own = FoundationSettings.parse({"repository": "a/b", "stacks": ["dev", "prod"], "previewed": ["dev"]}, stack="acme")
    assert (own.stacks, own.previewed) == (("dev", "prod"), ("dev",))


def kinds(run, **config):
    """Return what the program makes under these settings."""
    pulumi.runtime.set_all_config(
        {f"berth-account:{key}": value for key, value in config.items()} | {"aws:region": "us-east-1"}
    )
    try:
        made = run(deploy, "acme")
    finally:
        pulumi.runtime.set_all_config({})
    return {one.type for one in made.resources if one.type.startswith("berth:")}


def test_a_payer_account_has_the_bill_alone(run):
    """Without a repository nobody deploys to it."""
    assert kinds(run, costs="true") == {"berth:index:AccountCosts"}


@pytest.mark.parametrize("costs", [{}, {"costs": "false"}])
def test_an_account_has_no_bill_before_it_is_asked_for(run, costs):
    """AWS takes cost-allocation tags from the payer alone, and no tag that has not been in a bill."""
    assert kinds(run, repository="acme/models", **costs) == {"berth:index:Foundation"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"repository": "acme/models", "emails": "[]"},
            "emails: is read with costs alone; set berth-account:costs true, a day after the first deployment",
        ),
        ({}, "repository: is missing; give owner/name, or costs true where the bill is paid"),
    ],
)
def test_what_would_do_nothing_is_refused(run, given, said):
    """With what was probably meant."""
    with pytest.raises(pulumi.RunError) as error:
        kinds(run, **given)
    assert str(error.value) == f"account/Pulumi.acme.yaml: berth-account:{said}"


def test_a_misspelt_setting_is_no_silent_default(run):
    """With what was probably meant."""
    with pytest.raises(pulumi.RunError) as error:
        kinds(run, repositry="acme/models")
    assert str(error.value) == (
        "account/Pulumi.acme.yaml: berth-account:repositry: is not a setting; did you mean repository?"
    )
