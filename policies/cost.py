"""What may a service cost, and a stack? Ceilings are checked on the component, while nothing of the service exists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from components.cost.estimate import CostEstimate, CostLine
from components.cost.together import together
from policies.resources import MODEL_SERVICE
from policies.rule import NotApplicable, Rule, StackRule, on_service
from policies.value import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.resources import Resource
    from policies.rule import Finding, Schema, Stack, Subject
    from policies.value import Value

_USD: Schema = {"type": "number", "minimum": 0}
_METERED = (
    "aws:ec2/instance:Instance",
    "aws:autoscaling/group:Group",
    "aws:sagemaker/endpoint:Endpoint",
    "pulumi-python:dynamic/sagemaker:Endpoint",
    "pulumi-python:dynamic/runpod:Endpoint",
)
"""What runs GPUs and bills them by time."""


def _ceiling(subject: Subject, figure: str, setting: str, meaning: str) -> Iterator[Finding]:
    amount = subject.props["costEstimate"][figure].number()
    limit = subject.settings[setting]
    if amount is None:
        why = "; ".join(subject.props["costEstimate"]["unknowns"].texts()) or "the service has no estimate"
        yield f"the cost per month {meaning} is unknown, so no ceiling holds ({why})"
    elif amount > limit:
        yield f"{amount:,.2f} USD per month {meaning} is above the ceiling of {limit:,.2f}"


def _expected(subject: Subject) -> Iterator[Finding]:
    yield from _ceiling(subject, "expected", "maxExpectedUsdPerMonth", "at the expected load")


def _worst(subject: Subject) -> Iterator[Finding]:
    yield from _ceiling(subject, "max", "maxUsdPerMonth", "with all replicas, all month")


def _per_million_tokens(subject: Subject) -> Iterator[Finding]:
    if subject.service["spec"]["load"].is_missing:
        yield NotApplicable("the spec declares no load")
        return
    price = subject.props["costEstimate"]["usdPerMillionTokens"].number()
    limit = subject.settings["maxUsdPerMillionTokens"]
    if price is None:
        yield "the cost per million tokens is unknown"
    elif price > limit:
        yield f"{price:,.2f} USD per million tokens at the expected load is above {limit:,.2f}"


def _unknown(subject: Subject) -> Iterator[Finding]:
    estimate = subject.props["costEstimate"]
    if estimate.is_missing:
        yield "the service has no estimate"
        return
    for unknown in estimate["unknowns"].texts():
        yield f"the estimate does not know {unknown}"
    written = estimate["priceTableDate"].text()
    if written is None:
        yield "the estimate does not say how old its prices are"
        return
    try:
        age = (subject.today - date.fromisoformat(written)).days
    except ValueError:
        raise CannotTell("costEstimate.priceTableDate", "is not a date", unknown=False) from None
    if age > subject.settings["maxPriceAgeDays"]:
        yield f"the prices are of {written}, {age} days old, and may be {subject.settings['maxPriceAgeDays']:g}"


def _stack_total(stack: Stack) -> Iterator[tuple[Resource | None, Finding]]:
    services = stack.of(MODEL_SERVICE)
    below = {one.urn for one in stack.of(*_METERED) if one.is_below(MODEL_SERVICE)}
    for one in stack.of(*_METERED):
        if one.urn not in below:
            yield one, "runs hardware that belongs to no service, so the stack's sum has no price for it"
    estimates: list[CostEstimate] = []
    for service in services:
        try:
            estimates.append(_estimate(service.value["costEstimate"]))
        except CannotTell as reason:
            yield service, reason
            return
    limit = stack.settings["maxExpectedUsdPerMonth"]
    expected = together(estimates).expected
    if expected is None:
        yield None, "the expected cost of the stack is unknown, because that of a service is"
    elif expected > limit:
        count = "the service costs" if len(services) == 1 else f"the {len(services)} services together cost"
        said = f"{count} {expected:,.2f} USD per month"
        yield None, f"{said}, above the stack's ceiling of {limit:,.2f}"


def _estimate(value: Value) -> CostEstimate:
    """Return what a service registered, as far as a sum needs it."""
    lines = tuple(
        CostLine(
            name=line["name"].text() or "",
            floor=None,
            expected=line["expected"].number(),
            max=None,
            basis="",
            shared=line["shared"].flag() or False,
        )
        for line in value["lines"].each()
    )
    total = value["expected"].number()
    if total is None or not lines:
        lines = (CostLine("all", None, total, None, ""),)
    return CostEstimate(None, total, None, None, lines, (), "", ())


RULES: list[Rule | StackRule] = [
    Rule(
        name="cost-ceiling-service",
        about="A service costs no more per month, at its expected load, than its environment allows.",
        remedy="choose a smaller GPU or fewer replicas, declare the load where it is missing, or raise "
        "maxExpectedUsdPerMonth in policies/config",
        severity="high",
        level="mandatory",
        checks=on_service(_expected),
        settings={"maxExpectedUsdPerMonth": {**_USD, "description": "USD per month of one service."}},
    ),
    Rule(
        name="cost-ceiling-worst-case",
        about="All replicas for a whole month, which a loop or an attacker can cause, cost no more than is allowed.",
        remedy="lower scaling.max_replicas, choose a smaller GPU, or raise maxUsdPerMonth in policies/config",
        severity="high",
        level="mandatory",
        checks=on_service(_worst),
        settings={"maxUsdPerMonth": {**_USD, "description": "USD per month of one service."}},
    ),
    Rule(
        name="cost-per-mtok",
        about="A million tokens cost no more than they are worth.",
        remedy="`berth advise` shows cheaper hardware and the APIs that offer the model",
        severity="medium",
        level="advisory",
        checks=on_service(_per_million_tokens),
        settings={"maxUsdPerMillionTokens": {**_USD, "default": 10, "description": "USD, prompt and answer mixed."}},
    ),
    Rule(
        name="cost-unknown",
        about="Every part of an estimate has a price, and none is out of date.",
        remedy="declare the load, choose hardware with a price, or renew the tables with `berth catalogue refresh`",
        severity="medium",
        level="advisory",
        checks=on_service(_unknown),
        settings={
            "maxPriceAgeDays": {"type": "integer", "minimum": 1, "default": 180, "description": "Of the oldest price."}
        },
    ),
    StackRule(
        name="cost-ceiling-stack",
        about="All services of a stack together cost no more than is allowed.",
        remedy="remove a service or make one smaller, or raise maxExpectedUsdPerMonth of the stack in policies/config",
        severity="high",
        level="mandatory",
        types=(MODEL_SERVICE, *_METERED),
        check=_stack_total,
        settings={"maxExpectedUsdPerMonth": {**_USD, "description": "USD per month, shared parts once."}},
        exemptible=False,
    ),
]
