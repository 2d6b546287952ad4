"""Who may take which role: one repository, and of it the kind of job that the role is for."""

from __future__ import annotations

from typing import Any

import pytest

from components.foundation import trust
from components.foundation.settings import FoundationSettings

GITHUB = FoundationSettings(repository="acme/models")
GITLAB = FoundationSettings(repository="acme/ml/models", forge="gitlab")
IMMUTABLE = FoundationSettings(repository="acme/models", subject="repo:acme@123/models@456")


@pytest.mark.parametrize(
    ("settings", "subjects"),
    [
        (GITHUB, "repo:acme/models"),
        (IMMUTABLE, "repo:acme@123/models@456"),
    ],
)
def test_on_github_pull_requests_environments_and_main_are_told_apart(
    settings: FoundationSettings, subjects: str
) -> None:
    """Repositories made since July 2026 have their ids in the subject, which the setting says."""
    assert trust.preview_subjects(settings) == (f"{subjects}:pull_request",)
    assert trust.environment_subjects(settings, "prod") == (f"{subjects}:environment:prod",)
    assert trust.branch_subjects(settings) == (f"{subjects}:ref:refs/heads/main",)
    assert trust.image_subjects(settings) == (f"{subjects}:environment:images",)
    assert trust.review_subjects(settings) == (f"{subjects}:environment:pr-stack", f"{subjects}:environment:cleanup")


def test_on_gitlab_the_branch_is_all_that_a_token_tells() -> None:
    """Deployments come from the one that is protected."""
    project = "project_path:acme/ml/models"
    assert trust.preview_subjects(GITLAB) == (f"{project}:ref_type:branch:ref:*",)
    assert trust.environment_subjects(GITLAB, "prod") == (f"{project}:ref_type:branch:ref:main",)
    assert trust.branch_subjects(GITLAB) == (f"{project}:ref_type:branch:ref:main",)
    assert trust.image_subjects(GITLAB) == (f"{project}:ref_type:tag:ref:images-v*",)


def test_audience_and_subject_are_both_compared() -> None:
    """A statement without the subject would let every repository of the forge in."""
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    (statement,) = trust.federated(GITHUB, arn, trust.environment_subjects(GITHUB, "prod"))
    host = "token.actions.githubusercontent.com"
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": ["repo:acme/models:environment:prod"]}
        },
    }


def test_a_pattern_is_compared_as_one_and_the_audience_is_not() -> None:
    """GitLab's merge requests come from any branch of the one project."""
    arn = "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
    (statement,) = trust.federated(GITLAB, arn, trust.preview_subjects(GITLAB))
    condition: dict[str, Any] = statement["Condition"]
    assert condition == {
        "StringEquals": {"gitlab.com:aud": "sts.amazonaws.com"},
        "StringLike": {"gitlab.com:sub": ["project_path:acme/ml/models:ref_type:branch:ref:*"]},
    }
