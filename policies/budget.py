"""Does somebody hear of it when a stack spends too much?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.kinds import BUDGET
from policies.resources import MODEL_SERVICE
from policies.rule import Rule, StackRule, each
from policies.value import UNKNOWN, CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.resources import Resource
    from policies.rule import Finding, Stack, Subject
    from policies.value import Value

_MOST_EMAILS, _MOST_TOPICS = 10, 1
_KINDS = ("ACTUAL", "FORECASTED")
_TAG = re.compile(r"user:(?P<key>[^$]+)\$(?P<value>.+)")


def _required(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    if not stack.of(MODEL_SERVICE):
        return
    budgets = stack.of(BUDGET)
    if not budgets:
        yield None, "the stack has no budget, so nobody hears of it when it spends too much"
    for budget in budgets:
        try:
            for said in _of_budget(budget, stack.settings["maxMonthlyUsd"]):
                yield budget, said
        except CannotTell as reason:
            yield budget, reason


def _of_budget(budget: Resource, ceiling: float) -> Iterator[str]:
    # The provider takes the amount as a text.
    amount, unit = budget.value["limitAmount"].number(), budget.value["limitUnit"].text()
    if amount is None:
        yield "limitAmount is missing"
    elif amount > ceiling:
        yield f"limitAmount: {amount:,.2f} is above {ceiling:,.2f}"
    if unit is not None and unit != "USD":
        yield f"limitUnit: {unit} is not USD"
    found = {one["notificationType"].text() for one in budget.value["notifications"].each()}
    for kind in _KINDS:
        if kind not in found:
            yield f"notifications has none of type {kind}"


def _recipient(subject: Subject) -> Iterator[Finding]:
    yield from each(subject.props["notifications"].each(), _of_notification)


def _of_notification(notification: Value) -> Iterator[Finding]:
    emails, topics = (_count(notification[f"subscriber{kind}"]) for kind in ("EmailAddresses", "SnsTopicArns"))
    if not emails and not topics:
        yield f"{notification.path} reaches nobody: it has neither an e-mail address nor a topic"
    if emails > _MOST_EMAILS:
        yield f"{notification.path} has {emails} e-mail addresses, and AWS takes {_MOST_EMAILS}"
    if topics > _MOST_TOPICS:
        yield f"{notification.path} has {topics} topics, and AWS takes {_MOST_TOPICS}"


def _count(addresses: Value) -> int:
    found = addresses.each()
    # One that is not known yet is one.
    return sum(one.data is UNKNOWN or one.text() is not None for one in found)


def _filter(subject: Subject) -> Iterator[Finding]:
    tags = [one for one in subject.props["costFilters"].each() if one["name"].text() == "TagKeyValue"]
    expression = subject.props["filterExpression"]
    if not tags and expression.is_missing:
        yield "costFilters has no TagKeyValue, so the budget counts the whole account"
    if not expression.is_missing and subject.props["metrics"].is_missing:
        yield "metrics is missing, which a filterExpression needs"
    for one in tags:
        yield from each(one["values"].each(), lambda value: _tag(subject, value))


def _tag(subject: Subject, value: Value) -> Iterator[Finding]:
    text = value.text() or ""
    found = _TAG.fullmatch(text)
    if found is None:
        yield f"{value.path}: {text} matches no cost: it must read user:KEY$VALUE"
    elif found["key"] == "stack" and found["value"] != subject.resource.stack:
        yield f"{value.path}: {text} is another stack's, and this one is {subject.resource.stack}"


RULES: list[Rule | StackRule] = [
    StackRule(
        name="budget-required",
        about="A stack has a budget that speaks before and after the money is spent.",
        remedy="give the stack a budget with an ACTUAL and a FORECASTED notification",
        severity="high",
        level="advisory",
        types=(MODEL_SERVICE, BUDGET),
        check=_required,
        settings={"maxMonthlyUsd": {"type": "number", "minimum": 0, "description": "Largest limit of a budget."}},
        exemptible=False,
    ),
    Rule(
        name="budget-recipient",
        about="A notification of a budget reaches somebody.",
        remedy="give each notification e-mail addresses or one SNS topic",
        severity="high",
        level="mandatory",
        checks={BUDGET: _recipient},
    ),
    Rule(
        name="budget-filter",
        about="A budget counts what its stack costs, and not nothing.",
        remedy="filter by TagKeyValue with values as user:stack$NAME, and activate the key as a cost-allocation tag",
        severity="high",
        level="mandatory",
        checks={BUDGET: _filter},
    ),
]
