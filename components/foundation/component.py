"""What does an account have before its first stack: states, keys, images, and who may deploy?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.foundation.boundary import boundary
from components.foundation.images import make_repositories
from components.foundation.names import ACCOUNT_KEY, BOUNDARY, REVIEW_STACK_KEY, backend_url, secrets_provider
from components.foundation.roles import Roles
from components.foundation.state import bucket_arn, make_bucket, make_key
from components.foundation.trust import AUDIENCE
from components.statements import document
from components.tags import MANAGED_BY

if TYPE_CHECKING:
    from components.account import Account
    from components.foundation.settings import FoundationSettings


class Foundation(pulumi.ComponentResource):
    """What CI needs of one account, for one repository."""

    def __init__(
        self,
        name: str,
        *,
        settings: FoundationSettings,
        account: Account,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:index:Foundation", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        tags = {"managed-by": MANAGED_BY, "environment": "account"}
        bucket = make_bucket(account, tags, self)
        key_stacks = (*settings.stacks, REVIEW_STACK_KEY, ACCOUNT_KEY)
        keys = {stack: make_key(stack, tags, self) for stack in key_stacks}
        repositories = make_repositories(tags, self)
        boundary_policy = aws.iam.Policy(
            "boundary",
            name=BOUNDARY,
            description="Berth: the most that a role of a stack may do",
            policy=document(boundary(bucket_arn(account))),
            tags={**tags, "Name": BOUNDARY},
            opts=inside,
        )
        roles = Roles(
            account=account,
            settings=settings,
            provider_arn=self._provider_arn(settings, tags),
            boundary_arn=f"arn:{account.partition}:iam::{account.id}:policy/{BOUNDARY}",
            keys=keys,
            tags=tags,
            parent=self,
        ).make()
        self.told = {
            "backend_url": bucket.bucket.apply(lambda _: backend_url(account.id, account.region)),
            "secrets_providers": {stack: secrets_provider(stack, account.region) for stack in key_stacks},
            "permissions_boundary": boundary_policy.arn,
            "roles": {job: role.arn for job, role in roles.items()},
            "repositories": [one.repository_url for one in repositories],
        }
        """What workflows and stack files are told."""
        self.register_outputs(self.told)

    def _provider_arn(self, settings: FoundationSettings, tags: dict[str, str]) -> pulumi.Output[str]:
        if settings.provider_arn:
            return pulumi.Output.from_input(settings.provider_arn)
        return aws.iam.OpenIdConnectProvider(
            settings.forge,
            url=settings.issuer_url,
            client_id_lists=[AUDIENCE],
            tags={**tags, "Name": settings.issuer_host},
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
