"""Which conditions of the guides does a spec meet? Each is measured, with what the guide leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.apis import hosted_copies
from components.compare.advice import Condition
from components.compare.thresholds import thresholds, value_of
from components.cost.estimate import HOURS_PER_MONTH

if TYPE_CHECKING:
    from components.compare.advice import Bill, Circumstances
    from components.compare.comparison import Comparison
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec

_HOURS_PER_DAY = 24


def conditions(
    spec: ServiceSpec, comparison: Comparison, bill: Bill, plan: Plan | None, circumstances: Circumstances
) -> tuple[Condition, ...]:
    """Return the five conditions of guide A in its order; `plan` is that of the target in the bill."""
    return (
        _spend(bill, circumstances),
        _sensitivity(circumstances),
        _latency(spec, plan),
        _custom(spec),
        _volume(comparison, bill, plan),
    )


def _spend(bill: Bill, circumstances: Circumstances) -> Condition:
    least, paid = value_of("monthly API spend"), circumstances.api_usd_per_month
    if paid is not None:
        has, spends = f"{paid:,.0f} USD, as given", paid
    elif bill.apis:
        spends = bill.apis[0].usd_per_month
        dearer = [f"{api.usd_per_month:,.0f} for {api.name}" for api in bill.apis[1:]]
        has = f"{spends:,.0f} USD for {bill.apis[0].name}" + (f" ({', '.join(dearer)})" if dearer else "")
    else:
        has, spends = "no API has a price for it", 0.0
    remark = ""
    met_elsewhere = [api.name for api in bill.apis if api.usd_per_month > least]
    if paid is None and spends <= least and met_elsewhere:
        remark = f"it is met only for who pays {' or '.join(met_elsewhere)} today: say so with --api-usd-per-month"
    asks = f"more than {least:,.0f} USD a month"
    return _condition("monthly API spend", asks, has, met=spends > least, remark=remark)


def _sensitivity(circumstances: Circumstances) -> Condition:
    has = "declared with --regulated" if circumstances.regulated else "not declared (--regulated)"
    remark = ""
    if circumstances.regulated:
        remark = (
            "an API inside your own cloud account keeps the data there too; RunPod is outside of every VPC of yours"
        )
    return _condition("data sensitivity", "regulated data", has, met=circumstances.regulated, remark=remark)


def _latency(spec: ServiceSpec, plan: Plan | None) -> Condition:
    most = value_of("latency")
    goal = spec.slo.ttft_ms_p95 if spec.slo else None
    has = "no goal given (slo.ttft_ms_p95)" if goal is None else f"{goal:,.0f} ms asked for"
    speed = plan.performance if plan else None
    remark = ""
    if speed is not None and plan is not None:
        alone = speed.ttft_alone_seconds.expected * 1000
        compared = "no less than" if alone >= most else "within"
        remark = (
            f"the prompt alone takes about {alone:,.0f} ms on {plan.hardware.gpu_count} x {plan.hardware.gpu}, "
            f"{compared} the {most:,.0f}: own hardware has a first token too"
        )
    asks, met = f"under {most:,.0f} ms to the first token", goal is not None and goal < most
    return _condition("latency", asks, has, met=met, remark=remark)


def _custom(spec: ServiceSpec) -> Condition:
    copies, from_bucket = hosted_copies(spec.model.id), spec.model.source == "s3"
    providers = list(dict.fromkeys(price.provider for price in copies))
    if from_bucket:
        has = "weights from your bucket"
    elif copies:
        count = f"{len(copies)} hosted cop{'y' if len(copies) == 1 else 'ies'}"
        has = f"{count} ({', '.join(providers[:3])}{' ...' if providers[3:] else ''})"
    else:
        has = "no hosted copy in the catalogue"
    remark = ""
    if from_bucket and copies:
        remark = f"where the bucket holds the published weights, {providers[0]} serves the same: then it is not met"
    elif not copies:
        remark = "the catalogue does not list every provider"
    met = from_bucket or not copies
    return _condition("custom model", "weights that only you have", has, met=met, remark=remark)


def _volume(comparison: Comparison, bill: Bill, plan: Plan | None) -> Condition:
    least = value_of("volume")
    traffic, answered = comparison.traffics[1], 1 - comparison.missed_share
    per_day = traffic.million_tokens_per_month * answered * 1e6 / HOURS_PER_MONTH * _HOURS_PER_DAY
    remark = ""
    if bill.rival is not None and bill.own_usd_per_month is not None and answered:
        per_request = (traffic.input_tokens + traffic.output_tokens) * answered
        at_least = bill.rival.line.usd_per_month(least / _HOURS_PER_DAY / per_request)
        remark = f"{least / 1e6:g}M tokens a day are {at_least:,.0f} USD a month for {bill.rival.name}"
        remark += f", own GPUs start at {plan.cost.floor:,.0f}" if plan and plan.cost.floor else ""
    asks, has = f"more than {least / 1e6:g}M tokens a day", f"{per_day / 1e6:,.1f}M tokens a day"
    return _condition("volume", asks, has, met=per_day > least, remark=remark)


def _condition(name: str, asks: str, has: str, *, met: bool, remark: str) -> Condition:
    return Condition(name, asks, has, met, thresholds()[name].why, remark)
