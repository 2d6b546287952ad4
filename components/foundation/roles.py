"""Which roles do the jobs of a CI system take, one for each kind of job?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.foundation import trust
from components.foundation.compute_rights import compute_rights
from components.foundation.identity_rights import identity_rights
from components.foundation.images import push_images
from components.foundation.names import REVIEW_STACK_KEY, role_name
from components.foundation.network_rights import network_rights
from components.foundation.owned import Owned, allow, of
from components.foundation.read_rights import read_named, read_settings
from components.foundation.state import read_state, use_keys, write_state
from components.foundation.storage_rights import storage_rights
from components.foundation.watch_rights import watch_rights
from components.statements import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.account import Account
    from components.foundation.settings import FoundationSettings
    from components.statements import Statement

REVIEWED = "pr-*"
"""The stacks of pull requests."""
_HOUR = 3600
_LONGEST_DEPLOYMENT_SECONDS = 4 * _HOUR
"""A large model takes its time; credentials end no deployment half-way."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Makes the roles of one repository in one account."""

    account: Account
    settings: FoundationSettings
    provider_arn: pulumi.Output[str]
    boundary_arn: str
    keys: Mapping[str, aws.kms.Key]
    tags: Mapping[str, str]
    parent: pulumi.Resource

    def make(self) -> dict[str, aws.iam.Role]:
        """Make one role for each kind of job and return them by the job's name."""
        settings = self.settings
        previewed = [*settings.previewed, REVIEW_STACK_KEY, REVIEWED]
        made = {
            "preview": self._role(
                "preview",
                trust.preview_subjects(settings),
                self.reading(previewed),
                keys=[*settings.previewed, REVIEW_STACK_KEY],
            ),
            "nightly": self._role("nightly", trust.branch_subjects(settings), self._nightly(), keys=settings.stacks),
            "pr-stack": self._role(
                "pr-stack",
                trust.review_subjects(settings),
                self.deploying(REVIEWED, settings.review_instance_types),
                keys=[REVIEW_STACK_KEY],
                seconds=_LONGEST_DEPLOYMENT_SECONDS,
            ),
            "images": self._role(
                "images", trust.image_subjects(settings), {"push": push_images(self.account)}, seconds=2 * _HOUR
            ),
        }
        for stack in settings.stacks:
            made[f"deploy-{stack}"] = self._role(
                f"deploy-{stack}",
                trust.environment_subjects(settings, stack),
                self.deploying(stack),
                keys=[stack],
                seconds=_LONGEST_DEPLOYMENT_SECONDS,
            )
        return made

    def _nightly(self) -> dict[str, list[Statement]]:
        bill = of("ce", "GetCostAndUsage GetTags ListCostAllocationTags")
        return {**self.reading(self.settings.stacks), "bill": [allow("ReadBill", bill)]}

    def reading(self, stacks: Sequence[str]) -> dict[str, list[Statement]]:
        """Return the rights of who looks at some stacks, a policy each."""
        return {
            "settings": read_settings(),
            "names": read_named(self.account, stacks),
            "state": read_state(self.account, stacks),
        }

    def deploying(self, stack: str, instance_types: Sequence[str] = ()) -> dict[str, list[Statement]]:
        """Return the rights of who deploys a stack, a policy each."""
        owned = Owned(self.account, stack)
        secret = self.settings.runpod_key_secret_arn
        key = [allow("RunpodKey", of("secretsmanager", "GetSecretValue"), [secret])] if secret else []
        return {
            **self.reading([stack]),
            "network": network_rights(owned),
            "storage": storage_rights(owned),
            "compute": compute_rights(owned, instance_types),
            "watch": [*watch_rights(owned), *key],
            "identity": identity_rights(owned, self.boundary_arn),
            "changes": write_state(self.account, [stack]),
        }

    def _role(
        self,
        job: str,
        subjects: tuple[str, ...],
        rights: Mapping[str, Sequence[Statement]],
        *,
        keys: Sequence[str] = (),
        seconds: int = _HOUR,
    ) -> aws.iam.Role:
        name = role_name(job)
        inside = pulumi.ResourceOptions(parent=self.parent)
        role = aws.iam.Role(
            job,
            name=name,
            description=f"Berth: jobs of {self.settings.repository}, kind {job}",
            assume_role_policy=self.provider_arn.apply(
                lambda arn: document(trust.federated(self.settings, arn, subjects))
            ),
            max_session_duration=seconds,
            tags={**self.tags, "Name": name},
            opts=inside,
        )
        for part, statements in rights.items():
            policy = aws.iam.Policy(
                f"{job}-{part}",
                name=f"{name}-{part}",
                policy=document(statements),
                tags={**self.tags, "Name": f"{name}-{part}"},
                opts=inside,
            )
            aws.iam.RolePolicyAttachment(f"{job}-{part}", role=role.name, policy_arn=policy.arn, opts=inside)
        if keys:
            used = use_keys([self.keys[stack].arn for stack in keys])
            aws.iam.RolePolicy(
                f"{job}-keys", role=role.name, policy=used.apply(lambda one: document([one])), opts=inside
            )
        return role
