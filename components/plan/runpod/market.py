"""What RunPod rents out: each GPU type of its serverless pools, in each number that a worker may have."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from components.catalogue.runpod import pool_of, pool_types, usd_per_gpu_hour
from components.plan.market import Market, Offer

if TYPE_CHECKING:
    from components.spec.values import Accelerator

PLACE = "RunPod's pools"
_COUNTS = (1, 2, 4, 8)


@cache
def runpod_market(accelerators: Literal["auto"] | tuple[Accelerator, ...]) -> Market:
    """Return the offers of RunPod; a number of GPUs that the spec names is offered as it is, not rounded up."""
    named = () if accelerators == "auto" else tuple(row.count for row in accelerators if row.count <= _COUNTS[-1])
    return Market(
        place=PLACE,
        offers=tuple(
            Offer(row.pool, row.gpu, count, None, None, _usd(row.pool, count))
            for row in pool_types()
            for count in sorted({*_COUNTS, *named})
            if row.gpu is not None
        ),
        absence=_absence,
        host_refusal=lambda _checkpoint_gib, _offer: None,
        gpu_refusal=lambda _: None,
        passed_over=lambda _: (),
    )


def _usd(pool: str, count: int) -> float | None:
    usd = usd_per_gpu_hour(pool)
    return None if usd is None else round(usd * count, 6)


def _absence(accelerator: Accelerator) -> str:
    if pool_of(accelerator.gpu) is None:
        return f"no GPU pool of RunPod has {accelerator.gpu}"
    return f"a worker on RunPod has {_COUNTS[-1]} GPUs at most"
