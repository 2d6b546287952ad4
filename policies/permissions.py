"""Does a policy of IAM allow more than somebody wrote down?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.rule import NotApplicable, Rule, each
from policies.value import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import Finding, Subject
    from policies.value import Value

_PASS_ROLE = "iam:passrole"  # noqa: S105 - an action


def _policy(subject: Subject) -> Iterator[Finding]:
    policy = subject.props["policy"]
    if policy.data is UNKNOWN and subject.resource.name.endswith(tuple(subject.settings["namesOfLate"])):
        yield NotApplicable("AWS chooses an ARN in it, so it is checked when it is about to be made")
    else:
        yield from _document(policy)


def _role(subject: Subject) -> Iterator[Finding]:
    inline = [one["policy"] for one in subject.props["inlinePolicies"].each()]
    yield from each(inline, _document)


def _document(text: Value) -> Iterator[Finding]:
    statements = text.document()["Statement"]
    alone = isinstance(statements.data, dict)
    yield from each([statements] if alone else statements.each(), _statement)


def _statement(statement: Value) -> Iterator[Finding]:
    if statement["Effect"].text() != "Allow":
        return
    place = statement["Sid"].text() or statement.path
    if not statement["NotAction"].is_missing:
        yield f"{place}: NotAction allows what nobody has listed"
    if not statement["NotResource"].is_missing:
        yield f"{place}: NotResource allows what nobody has listed"
    resources = statement["Resource"].texts()
    for action in statement["Action"].texts():
        if "*" in resources and (action == "*" or action.endswith(":*")):
            yield f"{place}: {action} is allowed on every resource"
        elif action.lower() == _PASS_ROLE and any(one == "*" or one.endswith(":role/*") for one in resources):
            yield f"{place}: {action} is allowed on every role"


RULES = [
    Rule(
        name="iam-wildcard",
        about="A role may do what was written down, with what was written down.",
        remedy="list the actions, and the resources that they are for",
        severity="critical",
        level="mandatory",
        checks={
            "aws:iam/rolePolicy:RolePolicy": _policy,
            "aws:iam/policy:Policy": _policy,
            "aws:iam/role:Role": _role,
        },
        settings={
            "namesOfLate": {
                "type": "array",
                "items": {"type": "string"},
                "default": ["-task", "-keeper", "keeper-function"],
                "description": "How logical names of policies end that no preview can know, as AWS chooses an ARN in "
                "them: the file system's of a task on ECS, the target group's that its keeper looks at, the key's "
                "of the keeper's notices.",
            }
        },
    )
]
