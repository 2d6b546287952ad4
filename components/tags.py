"""Which tags does a resource carry, and are they legal in AWS?

Tags are explicit on every resource: the provider's default tags do not reach what an Auto Scaling group starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from components.plan.model import Plan

MANAGED_BY = "berth"
COST_TAG = "berth"
"""Of everything that belongs to a service: by this one, AWS Budgets knows what the service costs."""
RESERVED_KEYS = ("Name", "stack", "service", "environment", "managed-by", COST_TAG)
_MAX_TAGS = 50
_MAX_KEY_LENGTH = 128
_MAX_VALUE_LENGTH = 256
_LEGAL = re.compile(r"[\w .:/=+\-@]*")


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that all resources of one service, or of one stack, have in common."""

    stack: str
    common: Mapping[str, str]

    @classmethod
    def of_service(cls, plan: Plan) -> Tags:
        """Return the tags of a planned service; raises StackError when one is not legal."""
        return cls.checked(plan.tags, stack=plan.stack, environment=plan.environment, service=plan.service)

    @classmethod
    def checked(cls, own: Mapping[str, str], *, stack: str, environment: str, service: str | None = None) -> Tags:
        """Join a user's own tags with Berth's; raises StackError with every illegal one."""
        made = {"stack": stack, "environment": environment, "managed-by": MANAGED_BY}
        if service is not None:
            made |= {"service": service, COST_TAG: cost_tag(stack, service)}
        problems = tuple(_problems(own, made))
        if problems:
            raise StackError(problems)
        return cls(stack=stack, common={**own, **made})

    def named(self, name: str) -> dict[str, str]:
        """Return the tags of the resource with this logical name; the console shows its Name."""
        return {**self.common, "Name": f"{self.stack}/{name}"}

    def of_group(self, name: str) -> dict[str, str]:
        """Return the tags of an Auto Scaling group that ECS manages."""
        # ECS adds this one itself; undeclared it would be a difference at each preview.
        return {**self.named(name), "AmazonECSManaged": "true"}


def cost_tag(stack: str, service: str) -> str:
    """Return the value of the tag by which a service's costs are known; a service's name alone is in several stacks.

    >>> cost_tag("prod", "chat")
    'prod/chat'
    """
    return f"{stack}/{service}"


def _problems(own: Mapping[str, str], made: Mapping[str, str]) -> Iterator[Problem]:
    reserved = {key.lower(): key for key in RESERVED_KEYS}
    seen: dict[str, str] = {}
    for key, value in own.items():
        place = f"tags.{key}"
        if key.lower() in reserved and made.get(key) != value:
            yield Problem(place, repr(value), "is a tag that Berth sets itself", "remove it or choose another key")
        if key.lower() in seen:
            yield Problem(
                place, "", f"differs from {seen[key.lower()]} only in case, which IAM refuses", "keep one of them"
            )
        seen[key.lower()] = key
        if not key or len(key) > _MAX_KEY_LENGTH or key.lower().startswith("aws:"):
            yield Problem(
                place, "", f"is not a tag key: 1 to {_MAX_KEY_LENGTH} characters, not aws:...", "rename the tag"
            )
        if len(value) > _MAX_VALUE_LENGTH:
            yield Problem(
                place, "", f"has {len(value)} characters, AWS allows {_MAX_VALUE_LENGTH}", "shorten the value"
            )
        if not (_LEGAL.fullmatch(key) and _LEGAL.fullmatch(value)):
            yield Problem(
                place,
                repr(value),
                "has a character that AWS refuses",
                "use letters, digits, spaces and . : / = + - @ _",
            )
    # ECS and Auto Scaling add two of their own.
    if len(own) + len(RESERVED_KEYS) + 2 > _MAX_TAGS:
        allowed = _MAX_TAGS - len(RESERVED_KEYS) - 2
        yield Problem("tags", str(len(own)), f"tags are too many, {allowed} are left beside Berth's", "remove some")
