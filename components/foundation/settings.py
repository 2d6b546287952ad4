"""What does a user say about an account: which repository deploys to it, and which stacks there are?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMESPACE = "berth-account"
Forge = Literal["github", "gitlab"]
ISSUERS: Mapping[str, str] = {
    "github": "https://token.actions.githubusercontent.com",
    "gitlab": "https://gitlab.com",
}
KNOWN = (
    *("repository", "forge", "subject", "issuer", "providerArn", "branch", "stacks", "previewed"),
    *("reviewInstanceTypes", "runpodKeySecretArn"),
)
"""Beside those of `components.account_costs`."""
SMALL_INSTANCES = ("g4dn.xlarge", "g5.xlarge", "g6.xlarge")
"""One GPU each, below 1.10 USD per hour in us-east-1 (price list of EC2, 2026-11)."""
MOST_STACKS = 5
_STACK = re.compile(r"[a-z][a-z0-9-]{0,38}")
_REPOSITORY = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:(?:\d{12})?:.+")


@dataclass(frozen=True, slots=True)
class FoundationSettings:
    """The settings of a stack of this program."""

    repository: str
    """As `owner/name`."""
    forge: Forge = "github"
    subject: str = ""
    """What each subject of a token of this repository begins with. Empty: made of the repository's name."""
    issuer: str = ""
    """Who signs the tokens. Empty: github.com's or gitlab.com's."""
    provider_arn: str = ""
    """An identity provider that the account has already: it takes one for each issuer. Empty: it is made."""
    branch: str = "main"
    """What is deployed from."""
    stacks: tuple[str, ...] = ("dev", "staging", "prod")
    previewed: tuple[str, ...] = ("dev", "staging", "prod")
    """Stacks whose state and configuration a pull request's code may read, to show what would change."""
    review_instance_types: tuple[str, ...] = SMALL_INSTANCES
    """What a stack `pr-<number>` may run on."""
    runpod_key_secret_arn: str = ""
    """Secret with RunPod's API key, which deployments to RunPod read. Empty: none."""

    @property
    def issuer_url(self) -> str:
        return self.issuer or ISSUERS[self.forge]

    @property
    def issuer_host(self) -> str:
        """As conditions and ARNs name it."""
        return self.issuer_url.removeprefix("https://")

    @property
    def subject_prefix(self) -> str:
        if self.subject:
            return self.subject
        return f"repo:{self.repository}" if self.forge == "github" else f"project_path:{self.repository}"

    @classmethod
    def parse(cls, raw: Mapping[str, Any], *, stack: str) -> FoundationSettings:
        """Check what a stack says; raises StackError with every problem."""
        place = f"account/Pulumi.{stack}.yaml: {NAMESPACE}"
        problems = [Problem(f"{place}:{key}", value, said, fix) for key, value, said, fix in _problems(raw)]
        if problems:
            raise StackError(problems)
        names = [str(one) for one in raw.get("stacks") or ("dev", "staging", "prod")]
        return cls(
            repository=raw["repository"],
            forge=cast("Forge", raw.get("forge", "github")),
            subject=raw.get("subject", ""),
            issuer=raw.get("issuer", ""),
            provider_arn=raw.get("providerArn", ""),
            branch=raw.get("branch", "main"),
            stacks=tuple(names),
            previewed=tuple(raw.get("previewed", names)),
            review_instance_types=tuple(raw.get("reviewInstanceTypes") or SMALL_INSTANCES),
            runpod_key_secret_arn=raw.get("runpodKeySecretArn", ""),
        )


def _problems(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, value, what is wrong, and the fix."""
    repository = raw.get("repository")
    if not isinstance(repository, str) or not _REPOSITORY.fullmatch(repository):
        yield "repository", str(repository or ""), "is not a repository", "write owner/name"
    forge = raw.get("forge", "github")
    if forge not in ISSUERS:
        yield "forge", str(forge), "is not a forge", f"use one of: {', '.join(sorted(ISSUERS))}"
    subject = str(raw.get("subject", ""))
    if "*" in subject or "?" in subject:
        yield "subject", subject, "lets other repositories in", "write it without * and ?, as the forge shows it"
    issuer = str(raw.get("issuer", ""))
    if issuer and not re.fullmatch(r"https://[\w.-]+(?:/[\w./-]+)?", issuer):
        yield "issuer", issuer, "is not an issuer", "write its address, as https://gitlab.example.com"
    for key in ("providerArn", "runpodKeySecretArn"):
        if raw.get(key) and not _ARN.fullmatch(str(raw[key])):
            yield key, str(raw[key]), "is not an ARN", "copy it from AWS"
    branch = str(raw.get("branch", "main"))
    if not re.fullmatch(r"[\w./-]+", branch):
        yield "branch", branch, "is not one branch", "name the branch that is deployed from"
    yield from _stack_problems(raw)


def _stack_problems(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    names: dict[str, list[Any]] = {}
    for key in ("stacks", "previewed", "reviewInstanceTypes"):
        if raw.get(key) is not None and not isinstance(raw[key], list):
            yield key, str(raw[key]), "is not a list", "write it as [dev, prod]"
        else:
            names[key] = raw.get(key) or []
    for name in names.get("stacks", ()):
        if not isinstance(name, str) or not _STACK.fullmatch(name) or name == "local" or name.startswith("pr-"):
            yield (
                "stacks",
                str(name),
                "cannot be a stack of its own",
                "use lower-case letters, digits and -, not pr-...",
            )
    if len(names.get("stacks", ())) > MOST_STACKS:
        said = f"are more than {MOST_STACKS}, whose names a policy of IAM can hold"
        yield "stacks", str(len(names["stacks"])), said, "use a second account"
    unknown = [str(one) for one in names.get("previewed", ()) if names.get("stacks") and one not in names["stacks"]]
    if unknown:
        yield "previewed", ", ".join(unknown), "is not one of stacks", "add it there, or remove it here"
