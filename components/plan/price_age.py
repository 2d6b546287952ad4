"""Are the prices of a plan old, and which of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.apis import api_price_date
from components.catalogue.discounts import spot_price_date
from components.catalogue.prices import STALE_AFTER_DAYS, is_stale
from components.catalogue.tables import as_of_date
from components.plan.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from components.plan.model import Plan


def price_notes(plan: Plan, today: date) -> Iterator[Note]:
    """Yield a warning for each table of prices that is old; it is about no field of the spec."""
    seller = "RunPod's" if plan.target == "runpod" else "the AWS"
    tables = [("prices", as_of_date(plan.cost.price_table_date), f"compare with {seller} price list")]
    spot = spot_price_date(plan.hardware.instance_type, plan.region)
    if plan.ecs is not None and plan.ecs.spot_percent and spot is not None:
        tables.append(("spot prices", spot, "`berth catalogue refresh --only spot` asks EC2"))
    if plan.apis is not None and plan.apis.rows:
        tables.append(("prices of APIs", api_price_date(), "compare with their price lists"))
    for what, table, fix in tables:
        if is_stale(table, today):
            yield Note("warning", "", f"{what} are of {table}, more than {STALE_AFTER_DAYS} days old: {fix}")


def stale_prices(plan: Plan) -> tuple[str, ...]:
    """Return what a plan says of old prices: its only warnings about no field."""
    return tuple(note.text for note in plan.notes if not note.field and note.level == "warning")
