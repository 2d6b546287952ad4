"""The canonical form of a comparison: plain data that JSON can hold, under keys that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.plan.canonical import plan_dict

if TYPE_CHECKING:
    from components.compare.comparison import AtLoad, Column, Comparison
    from components.compare.traffic import Traffic

_DIGITS = 4


def comparison_dict(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as dicts and lists; a target that refuses the spec has `refusal` and no `plan`."""
    recommendation = comparison.recommendation
    return {
        "service": comparison.service,
        "model": comparison.model_id,
        "environment": comparison.environment,
        "region": comparison.region,
        "load_is_assumed": comparison.load_is_assumed,
        "loads": [traffic_dict(traffic) for traffic in comparison.traffics],
        "recommendation": {
            "target": recommendation.target,
            "text": recommendation.text,
            "changes": list(recommendation.changes),
        },
        "targets": {column.target: _column(column) for column in comparison.columns},
    }


def traffic_dict(traffic: Traffic) -> dict[str, Any]:
    """Return a load as plain data."""
    return {
        "name": traffic.name,
        "requests_per_hour": round(traffic.requests_per_hour, _DIGITS),
        "input_tokens": traffic.input_tokens,
        "output_tokens": traffic.output_tokens,
        "million_tokens_per_month": round(traffic.million_tokens_per_month, _DIGITS),
    }


def _column(column: Column) -> dict[str, Any]:
    sleep = column.sleep
    return {
        "differs": list(column.differs),
        "refusal": list(column.refusal),
        "plan": None if column.plan is None else plan_dict(column.plan),
        "at_loads": [_at(at) for at in column.at_loads],
        "asleep": None
        if sleep is None
        else {"happens": sleep.happens, "callers": sleep.callers, "usd_per_month": sleep.usd_per_month},
        "limits": [{"name": row.name, "text": row.text, "source": row.source} for row in column.limits],
        "leaves_out": [{"field": note.field, "level": note.level, "text": note.text} for note in column.unhonoured],
    }


def _at(at: AtLoad) -> dict[str, Any]:
    return {
        "requests_per_hour": round(at.traffic.requests_per_hour, _DIGITS),
        "usd_per_month": at.usd_per_month,
        "usd_per_million_tokens": at.usd_per_million_tokens,
        "mean_replicas": None if at.mean_replicas is None else round(at.mean_replicas, _DIGITS),
        "served_share": None if at.served_share is None else round(at.served_share, _DIGITS),
        "instance_type": at.instance_type,
        "refusal": at.refusal or None,
    }
