"""Which GPUs may serve: an endpoint has one environment and one number of GPUs for all its pools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.runpod import types_of
from components.plan.candidates import size_accelerator
from components.plan.model import Rejection
from components.spec.values import Accelerator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.candidates import Workload
    from components.plan.draft import Draft
    from components.plan.market import Market
    from components.plan.model import Hardware


@dataclass(frozen=True, slots=True)
class Serving:
    """The GPUs of an endpoint, all sized with the context that fits the smallest of them."""

    hardware: tuple[Hardware, ...]
    """In order of preference; `instance_type` is the pool."""
    rejected: tuple[Rejection, ...]
    smallest: Hardware
    """The GPU with the shortest context, or the smallest cache where all have the same, sized on its own."""
    longest_context_tokens: int
    """What the GPU with the longest context could have served on its own."""

    @property
    def pools(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.instance_type for row in self.hardware))

    @property
    def allowed_types(self) -> tuple[str, ...]:
        """GPU types of the pools on which workers may start."""
        return tuple(row.gpu_type for pool in self.pools for row in types_of(pool) if row.gpu in self._gpus)

    @property
    def excluded_types(self) -> tuple[str, ...]:
        """GPU types of the pools on which no worker may start."""
        return tuple(row.gpu_type for pool in self.pools for row in types_of(pool) if row.gpu not in self._gpus)

    def gpus_of(self, pool: str) -> tuple[str, ...]:
        return tuple(row.gpu for row in self.hardware if row.instance_type == pool)

    @property
    def _gpus(self) -> set[str]:
        return {row.gpu for row in self.hardware}


def serving(made: Draft, market: Market) -> Serving:
    """Return what may serve of the chosen accelerators; in `auto` every GPU of the chosen pools that fits."""
    workload = made.workload
    kept, rejected = [made.hardware], list(made.choice.rejected)
    for row in made.choice.fallbacks:
        reason = _misfit(row, made.hardware)
        if reason is None:
            kept.append(row)
        else:
            rejected.append(Rejection(row.accelerator, row.instance_type, reason))
    if made.spec.accelerators == "auto":
        kept += _beside(kept, workload, market)
    smallest = min(kept, key=lambda row: (row.fit.max_context_tokens, row.fit.cache_tokens))
    context = smallest.fit.max_context_tokens
    same = replace(workload, max_context_tokens=context)
    return Serving(
        hardware=tuple(_sized(row, same, market) for row in _by_pool(kept)),
        rejected=tuple(rejected),
        smallest=smallest,
        longest_context_tokens=max(row.fit.max_context_tokens for row in kept),
    )


def _misfit(row: Hardware, chosen: Hardware) -> str | None:
    """Return why an accelerator that fits by itself cannot join the chosen one."""
    if row.gpu_count != chosen.gpu_count:
        return (
            f"all workers of an endpoint have the same number of GPUs, {chosen.gpu_count} as in {chosen.accelerator}; "
            "it would need an endpoint of its own"
        )
    if row.fit.verdict != "fits" and chosen.fit.verdict == "fits":
        return f"marginal: {row.fit.reason}"
    return None


def _beside(kept: list[Hardware], workload: Workload, market: Market) -> Iterator[Hardware]:
    """Yield the other GPUs of the same pools that fit, in the same number."""
    chosen, known = kept[0], {row.gpu for row in kept}
    for pool in dict.fromkeys(row.instance_type for row in kept):
        for gpu in (row.gpu for row in types_of(pool)):
            if gpu is None or gpu in known:
                continue
            found = size_accelerator(Accelerator(gpu, chosen.gpu_count), workload, market).hardware
            if found is not None and _misfit(found, chosen) is None:
                yield found


def _by_pool(kept: list[Hardware]) -> list[Hardware]:
    """Return the hardware with the GPUs of a pool together, pools in the order of their first GPU."""
    pools = list(dict.fromkeys(row.instance_type for row in kept))
    return sorted(kept, key=lambda row: pools.index(row.instance_type))


def _sized(row: Hardware, workload: Workload, market: Market) -> Hardware:
    return size_accelerator(Accelerator(row.gpu, row.gpu_count), workload, market).hardware or row
