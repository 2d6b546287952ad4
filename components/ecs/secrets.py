"""Which secrets does a service read, and do they exist? Only references travel, never values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.errors import Problem, StackError
from components.look_up import look_up

if TYPE_CHECKING:
    from components.plan.model import Plan

_AWS_OWN_KEYS = (None, "", "alias/aws/secretsmanager")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that exists; `has_own_key` says that reading it needs the user's KMS key as well."""

    arn: str
    has_own_key: bool = False


@dataclass(frozen=True, slots=True)
class ServiceSecrets:
    """The secrets of one service; None where the spec names none."""

    token: Secret | None
    client_keys: Secret | None

    def all(self) -> list[Secret]:
        """Return the ones that the spec names."""
        return [secret for secret in (self.token, self.client_keys) if secret is not None]


def look_up_secrets(plan: Plan, *, parent: pulumi.Resource | None) -> ServiceSecrets:
    """Find the secrets that a plan names; raises StackError with every one that is missing."""
    problems: list[Problem] = []

    def find(field: str, reference: str | None, content: str) -> Secret | None:
        if reference is None:
            return None
        try:
            return _find(plan, f"{plan.service}: {field}", reference, content, parent)
        except StackError as error:
            problems.extend(error.problems)
            return None

    keys = '{"<key name>": "<sha256 of the key>"}'
    secrets = ServiceSecrets(
        token=find("model.token_secret", plan.model.token_secret, "your Hugging Face token"),
        client_keys=find("gateway.keys_secret", None if plan.gateway is None else plan.gateway.keys_secret, keys),
    )
    if problems:
        raise StackError(problems)
    return secrets


def _find(plan: Plan, place: str, reference: str, content: str, parent: pulumi.Resource | None) -> Secret:
    is_arn = reference.startswith("arn:")
    name = reference.rpartition(":secret:")[2] if is_arn else reference
    found = look_up(
        plan,
        place,
        reference,
        lambda: aws.secretsmanager.get_secret(
            arn=reference if is_arn else None,
            name=None if is_arn else reference,
            opts=pulumi.InvokeOptions(parent=parent),
        ),
        # From standard input: what stands on a command line stays in the shell's history.
        fix=f"create it: aws secretsmanager create-secret --region {plan.region} --name {name}"
        f" --secret-string file:///dev/stdin, then paste {content}",
    )
    return Secret(arn=found.arn, has_own_key=found.kms_key_id not in _AWS_OWN_KEYS)
