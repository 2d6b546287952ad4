"""What would a deployed service cost by today's price tables?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.errors import BerthError
from components.plan import UNBUILT, make_plan
from components.spec.read import parse_spec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from components.cost.estimate import CostEstimate


def repriced(stack: str, deployed: Mapping[str, Any], folder: Path, today: date) -> CostEstimate | None:
    """Plan again what a service registered; None where this version of Berth does not understand it any more.

    `folder` is that of the stack files, from which the spec's own paths lead.
    """
    decided = deployed.get("plan") or {}
    place = str(folder / "services" / "deployed")
    try:
        whole = parse_spec(deployed["spec"], place)
        # What a service registers has every default in it, and a target refuses some fields only where they are given.
        given = parse_spec(whole.model_dump(mode="json", exclude_defaults=True), place)
        plan = make_plan(
            given,
            target=deployed["target"],
            stack=stack,
            region=decided["region"],
            images=UNBUILT,
            today=today,
            tags=decided.get("tags") or {},
        )
    except (BerthError, KeyError, TypeError):
        return None
    return plan.cost
