"""The canonical form of a plan: plain data that JSON can hold, the same for the same plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from components.cost.estimate import CostEstimate

if TYPE_CHECKING:
    from components.plan.model import Plan

_DIGITS = 4


def plan_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as nested dicts and lists with sorted keys; the cost in the form that stacks export."""
    return cast("dict[str, Any]", _plain(plan))


def _plain(value: object) -> object:
    if isinstance(value, CostEstimate):
        return _plain(value.to_outputs())
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in sorted(field.name for field in fields(value))}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in sorted(cast("Mapping[str, object]", value).items())}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    return round(value, _DIGITS) if isinstance(value, float) else value
