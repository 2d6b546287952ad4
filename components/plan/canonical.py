"""The canonical form of a plan: plain data that JSON can hold, the same for the same plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from components.cost.estimate import CostEstimate
from components.plan.week import Week

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Plan

_DIGITS = 4


def plan_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as nested dicts and lists with sorted keys; the cost in the form that stacks export.

    An estimate without bound is None.
    """
    return cast("dict[str, Any]", plain(plan))


def plain(value: object) -> object:
    """Return a part of a plan in the same form."""
    if isinstance(value, CostEstimate):
        return plain(value.to_outputs())
    if isinstance(value, Week):
        return {"runs": list(_runs(value)), "zone": value.zone}
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in sorted(field.name for field in fields(value))}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in sorted(cast("Mapping[str, object]", value).items())}
    if isinstance(value, tuple | list):
        return [plain(item) for item in cast("tuple[object, ...]", value)]
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float | None:
    return round(value, _DIGITS) if math.isfinite(value) else None


def _runs(week: Week) -> Iterator[dict[str, object]]:
    """Yield hours that follow each other and are alike as one, in the order of the week."""
    nothing = (None,) * len(week.awake)
    hours = zip(week.awake, week.requests or nothing, week.replicas or nothing, strict=True)
    for (awake, requests, replicas), run in groupby(hours):
        yield {
            "awake": plain(awake),
            "hours": len(list(run)),
            "replicas": plain(replicas),
            "requests_per_hour": plain(requests),
        }
