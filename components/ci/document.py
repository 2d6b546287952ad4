"""What does a program read about a change? JSON, with money under the names that cost tools agree on.

Amounts are texts, and null where a price is unknown: a number would be rounded, and a zero would be taken for free.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.ci.money import Amounts, CostChange
    from components.ci.report import Report, ServiceReport, StackReport

VERSION = "1"


def document(report: Report) -> dict[str, Any]:
    """Return the report as JSON."""
    return {
        "version": VERSION,
        "currency": "USD",
        "timeGenerated": report.made_at,
        "commit": report.commit,
        "priceTableDate": report.price_table_date,
        "exitCode": report.code,
        "changes": report.changes_something,
        "projects": [_project(one) for one in report.stacks],
        "summary": {
            "stacks": len(report.stacks),
            "services": sum(len(one.services) for one in report.stacks),
            "changedServices": sum(one.kind != "none" for stack in report.stacks for one in stack.services),
            "blockingPolicies": sum(one.blocks for stack in report.stacks for one in stack.policies),
            "noPrice": sum(bool(one.unknowns) for stack in report.stacks for one in stack.services),
        },
    }


def _project(stack: StackReport) -> dict[str, Any]:
    return {
        "name": stack.stack,
        "environment": stack.environment,
        "deployed": stack.deployed,
        "comparedWith": stack.compared_with,
        "digest": stack.digest,
        "exitCode": stack.code,
        "exitCodes": list(stack.codes),
        "cost": _cost(stack.cost),
        "costRise": stack.rise,
        "costApprovedBy": stack.approved_by,
        "programErrors": list(stack.program_errors),
        "providerErrors": list(stack.provider_errors),
        "policies": [asdict(one) for one in stack.policies],
        "reasons": list(stack.reasons),
        "shared": [{"op": op, "name": name} for op, name in stack.shared],
        "seconds": stack.seconds,
        "resources": [_service(one) for one in stack.services],
    }


def _service(one: ServiceReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "resourceType": "berth:index:ModelService",
        "target": one.target,
        "file": one.file,
        "change": one.kind,
        "counts": dict(one.counts),
        "steps": [{"op": op, "name": name} for op, name in one.resources],
        "fields": [asdict(field) for field in one.fields],
        "hardware": {"past": one.hardware[0], "planned": one.hardware[1]},
        "cost": _cost(one.cost),
        "usdPerMillionTokens": {
            "past": _usd(one.usd_per_million_tokens[0]),
            "planned": _usd(one.usd_per_million_tokens[1]),
        },
        "sleeping": one.sleeping,
        "coldStartSeconds": asdict(one.start) if one.start else None,
        "notes": list(one.notes),
        "sizing": list(one.sizing),
        "priceNotFound": list(one.unknowns),
    }


def _cost(cost: CostChange | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {
        "pastTotalMonthlyCost": _usd(cost.before.expected) if cost.before else None,
        "totalMonthlyCost": _usd(cost.after.expected),
        "diffTotalMonthlyCost": _usd(cost.difference),
        "past": _amounts(cost.before),
        "repriced": _amounts(cost.repriced),
        "planned": _amounts(cost.after),
        "bySpecs": _usd(cost.by_change),
        "byPrices": _usd(cost.by_prices),
        "pastPriceTableDate": cost.priced_before,
        "priceTableDate": cost.priced_after,
    }


def _amounts(amounts: Amounts | None) -> dict[str, str | None] | None:
    return None if amounts is None else {name: _usd(usd) for name, usd in asdict(amounts).items()}


def _usd(amount: float | None) -> str | None:
    return None if amount is None else f"{amount:.4f}".rstrip("0").rstrip(".")
