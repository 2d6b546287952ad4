"""In which AWS account and region is a stack deployed, and how does what is not of the `aws` provider get there?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "aws:"
_INSTEAD: Mapping[str, str] = {
    "accessKey": "set AWS_ACCESS_KEY_ID in the environment, or log in and set aws:profile",
    "secretKey": "set AWS_SECRET_ACCESS_KEY in the environment, or log in and set aws:profile",
    "token": "set AWS_SESSION_TOKEN in the environment, or log in and set aws:profile",
    "assumeRoleWithWebIdentity": "set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the environment",
    "customCaBundle": "set AWS_CA_BUNDLE in the environment",
    "endpoints": "set AWS_ENDPOINT_URL in the environment",
    "httpProxy": "set HTTP_PROXY in the environment",
    "httpsProxy": "set HTTPS_PROXY in the environment",
    "noProxy": "set NO_PROXY in the environment",
    "insecure": "set AWS_CA_BUNDLE in the environment to the certificate of your proxy",
    "sharedConfigFiles": "set AWS_CONFIG_FILE in the environment",
    "sharedCredentialsFiles": "set AWS_SHARED_CREDENTIALS_FILE in the environment",
    "useDualstackEndpoint": "set AWS_USE_DUALSTACK_ENDPOINT=true in the environment",
    "useFipsEndpoint": "set AWS_USE_FIPS_ENDPOINT=true in the environment",
}
"""Settings of the provider that decide who calls which AWS, and where both it and the SDK look for the same."""
_ROLE_IN_PROFILE = "put the role into a profile of ~/.aws/config, and set aws:profile to that"


@dataclass(frozen=True, slots=True)
class Account:
    """The AWS account and region; ARNs are computed from them, so that policies are known at preview."""

    partition: str
    id: str
    region: str

    @classmethod
    def current(cls, region: str, *, parent: pulumi.Resource | None) -> Account:
        """Ask AWS whose credentials these are."""
        caller = aws.get_caller_identity(opts=pulumi.InvokeOptions(parent=parent))
        return cls(partition=caller.arn.split(":")[1], id=caller.account_id, region=region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region.

        >>> Account("aws", "123456789012", "us-east-1").arn("ecs", "cluster/chat")
        'arn:aws:ecs:us-east-1:123456789012:cluster/chat'
        """
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


@dataclass(frozen=True, slots=True)
class DirectAccess:
    """How a resource of ours reaches the account that the `aws` provider is configured for, without that provider."""

    account: Account
    assume_role_arn: str | None
    profile: str | None
    default_tags: Mapping[str, str]

    @classmethod
    def current(cls, account: Account) -> DirectAccess:
        """Read the stack's `aws:` settings; raises StackError with every one that only the provider can honour."""
        settings = {key.removeprefix(_PREFIX): value for key, value in CONFIG.get().items() if key.startswith(_PREFIX)}
        return cls.of(account, settings, stack=pulumi.get_stack())

    @classmethod
    def of(cls, account: Account, settings: Mapping[str, str], *, stack: str) -> DirectAccess:
        """Read settings as Pulumi stores them: JSON where they are more than a text."""
        known = {key: _parsed(value) for key, value in settings.items()}
        roles = _roles(known)
        problems = [
            Problem(f"stacks/Pulumi.{stack}.yaml: aws:{key}", value, message, fix)
            for key, value, message, fix in (*_unusable(known, roles), *_wrong_account(known, account))
        ]
        if problems:
            raise StackError(problems)
        return cls(
            account=account,
            assume_role_arn=roles[0].get("roleArn") if roles else None,
            profile=known.get("profile"),
            default_tags={key: str(value) for key, value in (known.get("defaultTags") or {}).get("tags", {}).items()},
        )

    def inputs(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """Return the inputs that every such resource has; its own tags win over the stack's default ones."""
        return {
            "region": self.account.region,
            "accountId": self.account.id,
            "assumeRoleArn": self.assume_role_arn,
            "profile": self.profile,
            "tags": {**self.default_tags, **tags},
        }


def _parsed(value: str) -> Any:
    try:
        return json.loads(value) if value.startswith(("{", "[")) else value
    except ValueError:
        return value


def _roles(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = known.get("assumeRoles") or known.get("assumeRole") or []
    return cast("list[dict[str, Any]]", found if isinstance(found, list) else [found])


def _unusable(known: Mapping[str, Any], roles: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what our resources could not honour; values are not repeated, since some of them are secrets."""
    for key, instead in _INSTEAD.items():
        if known.get(key) not in (None, "", "false"):
            yield key, "", "reaches the aws provider alone, and not the resources that Berth makes itself", instead
    if len(roles) > 1:
        yield "assumeRoles", str(len(roles)), "roles in a row reach the aws provider alone", _ROLE_IN_PROFILE
    for role in roles:
        extra = sorted(key for key, value in role.items() if value and key not in ("roleArn", "sessionName"))
        if extra:
            yield "assumeRoles", ", ".join(extra), "reaches the aws provider alone", _ROLE_IN_PROFILE


def _wrong_account(known: Mapping[str, Any], account: Account) -> Iterator[tuple[str, str, str, str]]:
    select = "select the right profile or role"
    allowed = [str(one) for one in known.get("allowedAccountIds") or []]
    if allowed and account.id not in allowed:
        yield (
            "allowedAccountIds",
            account.id,
            f"is the account of these credentials, allowed: {', '.join(allowed)}",
            select,
        )
    if account.id in [str(one) for one in known.get("forbiddenAccountIds") or []]:
        yield "forbiddenAccountIds", account.id, "is the account of these credentials, and forbidden", select
