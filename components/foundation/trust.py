"""Which job of which repository may take a role? AWS checks a token that the forge signs for that job alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.foundation.settings import FoundationSettings
    from components.statements import Statement

AUDIENCE = "sts.amazonaws.com"


def preview_subjects(settings: FoundationSettings) -> tuple[str, ...]:
    """Return whose tokens are for pull requests; a fork gets none."""
    if settings.forge == "github":
        return (f"{settings.subject_prefix}:pull_request",)
    return (f"{settings.subject_prefix}:ref_type:branch:ref:*",)


def environment_subjects(settings: FoundationSettings, *environments: str) -> tuple[str, ...]:
    """Return whose tokens are for environments, which have reviewers; GitLab's tokens name the branch alone."""
    if settings.forge == "github":
        return tuple(f"{settings.subject_prefix}:environment:{one}" for one in environments)
    return branch_subjects(settings)


def branch_subjects(settings: FoundationSettings) -> tuple[str, ...]:
    """Return whose tokens are for the branch that is deployed from."""
    if settings.forge == "github":
        return (f"{settings.subject_prefix}:ref:refs/heads/{settings.branch}",)
    return (f"{settings.subject_prefix}:ref_type:branch:ref:{settings.branch}",)


def image_subjects(settings: FoundationSettings) -> tuple[str, ...]:
    """Return whose tokens are for a release of images."""
    if settings.forge == "github":
        return environment_subjects(settings, "images")
    return (f"{settings.subject_prefix}:ref_type:tag:ref:images-v*",)


def review_subjects(settings: FoundationSettings) -> tuple[str, ...]:
    """Return whose tokens are for stacks of pull requests: on GitHub a reviewer lets each job in."""
    if settings.forge == "github":
        return environment_subjects(settings, "pr-stack", "cleanup")
    return preview_subjects(settings)


def federated(settings: FoundationSettings, provider_arn: str, subjects: tuple[str, ...]) -> list[Statement]:
    """Let jobs with these subjects take a role."""
    host = settings.issuer_host
    audience = {f"{host}:aud": AUDIENCE}
    wanted = {f"{host}:sub": list(subjects)}
    wild = any("*" in one for one in subjects)
    condition = {"StringEquals": audience, "StringLike": wanted} if wild else {"StringEquals": {**audience, **wanted}}
    return [
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
    ]
