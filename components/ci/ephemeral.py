"""Which stacks live for one pull request, until when, and which of them may be removed?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from components.ci.exit_codes import CiError
from components.spec.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from components.ci.project import Project
    from components.ci.pulumi import Pulumi

NAME = re.compile(r"pr-(?P<number>[1-9]\d{0,9})")
TTL_TAG, PR_TAG, OWNER_TAG, PROTECTED_TAG = "ttl", "pr", "owner", "protected"
LONGEST_SECONDS = 7 * 24 * 3600
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_OF_ONE_STACK = ("encryptionsalt", "encryptedkey")


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to become of one ephemeral stack."""

    stack: str
    remove: bool
    reason: str
    is_problem: bool = False


def number_of(stack: str) -> int:
    """Return the number of the pull request of a stack; CiError for any other stack."""
    found = NAME.fullmatch(stack)
    if found is None:
        raise CiError(f"--stack: {stack} is not an ephemeral stack; those are named pr-<number>, as pr-12")
    return int(found["number"])


def make(project: Project, pulumi: Pulumi, stack: str, template: str, tags: Mapping[str, str]) -> None:
    """Write the file of an ephemeral stack from that of another, and create the stack with its tags.

    The tags come before any resource: whatever happens then, the sweeper finds the stack.
    """
    number_of(stack)
    source = read_document(project.file(project.checked(template)))
    document = {name: value for name, value in source.items() if name not in _OF_ONE_STACK}
    config = document.get("config") or {}
    if secret := [name for name, value in config.items() if isinstance(value, dict) and "secure" in value]:
        raise CiError(f"--from: {template} has encrypted values ({', '.join(secret)}), which no other stack can read")
    config["berth:tags"] = {**(config.get("berth:tags") or {}), **tags}
    document["config"] = config
    file = project.file(stack)
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    if stack not in pulumi.stacks():
        pulumi.create(stack, source.get("secretsprovider"))
    for name, value in tags.items():
        pulumi.set_tag(stack, name, value)


def tags_of(stack: str, ttl_seconds: int, owner: str, now: datetime) -> dict[str, str]:
    """Return the tags of an ephemeral stack; CiError for a life that is too long."""
    if not 0 < ttl_seconds <= LONGEST_SECONDS:
        raise CiError(f"--ttl: {ttl_seconds} seconds are too long or none; an ephemeral stack lives up to 7d")
    ends = now.astimezone(UTC) + timedelta(seconds=ttl_seconds)
    return {PR_TAG: str(number_of(stack)), TTL_TAG: ends.strftime(_FORMAT), OWNER_TAG: owner}


def removal(
    stack: str,
    tags: Mapping[str, str],
    resources: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    closed: bool,
    asked_for: bool,
) -> Removal:
    """Decide about one ephemeral stack; what is protected is never removed, and one without an end is a problem."""
    protected = [str(one["urn"]).rpartition("::")[2] for one in resources if one.get("protect")]
    if PROTECTED_TAG in tags:
        return Removal(stack, remove=False, reason=f"has the tag {PROTECTED_TAG}", is_problem=asked_for)
    if protected:
        return Removal(stack, remove=False, reason=f"holds what is protected: {', '.join(protected)}", is_problem=True)
    if asked_for:
        return Removal(stack, remove=True, reason="asked for")
    if closed:
        return Removal(stack, remove=True, reason="its pull request is closed")
    return _by_ttl(stack, tags.get(TTL_TAG), now)


def _by_ttl(stack: str, ttl: str | None, now: datetime) -> Removal:
    try:
        ends = datetime.strptime(ttl or "", _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        said = f"has a ttl that is no instant: {ttl}" if ttl else "has no tag ttl"
        return Removal(stack, remove=False, reason=f"{said}; remove it with --stack {stack}", is_problem=True)
    is_over = ends <= now
    return Removal(stack, remove=is_over, reason=f"{'ended' if is_over else 'ends'} at {ttl}")


def removals(pulumi: Pulumi, now: datetime, only: str | None, is_closed: Callable[[int], bool] | None) -> list[Removal]:
    """Decide about every ephemeral stack of the backend, or about one."""
    names = [one for one in pulumi.stacks() if NAME.fullmatch(one)]
    if only is not None:
        number_of(only)
        if only not in names:
            return [Removal(only, remove=False, reason="is not there: nothing to remove")]
        names = [only]
    return [
        removal(
            name,
            pulumi.tags(name),
            pulumi.exported(name),
            now,
            closed=is_closed is not None and is_closed(number_of(name)),
            asked_for=only is not None,
        )
        for name in sorted(names)
    ]
