"""Does a secret that a spec names exist? Only references travel, never values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.errors import Problem, StackError
from components.look_up import look_up

if TYPE_CHECKING:
    from components.plan.model import Plan

CLIENT_KEYS = '{"<key name>": "<sha256 of the key>"}'
_AWS_OWN_KEYS = (None, "", "alias/aws/secretsmanager")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that exists; `has_own_key` says that reading it needs the user's KMS key as well."""

    arn: str
    has_own_key: bool = False


class SecretSearch:
    """Looks for the secrets of one plan, and keeps what is wrong with them for one report."""

    def __init__(self, plan: Plan, parent: pulumi.Resource | None) -> None:
        self._plan = plan
        self._parent = parent
        self._problems: list[Problem] = []

    def find(self, field: str, reference: str | None, content: str) -> Secret | None:
        """Return the secret that a field names, None where it names none or the secret is missing."""
        if reference is None:
            return None
        try:
            return _find(self._plan, f"{self._plan.service}: {field}", reference, content, self._parent)
        except StackError as error:
            self._problems.extend(error.problems)
            return None

    def end(self) -> None:
        """Raise StackError with every secret that is missing."""
        if self._problems:
            raise StackError(self._problems)


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
