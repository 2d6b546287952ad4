"""What a target rents out: the places a replica can run, and why an accelerator has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.catalogue.models import ModelShape, Quantization
    from components.plan.model import Rejection
    from components.spec.values import Accelerator


@dataclass(frozen=True, slots=True)
class Offer:
    """One instance type, or one GPU pool in one count; `vcpus` and `memory_gib` are None where nobody says."""

    instance_type: str
    gpu: str
    gpu_count: int
    vcpus: int | None
    memory_gib: float | None
    usd_per_hour: float | None
    disk_gb: float | None = None
    """Disk of its own, where weights and image are kept on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Everything that one target offers in one place, and the rules that only this target has.

    There is one of each, so it is compared and hashed by identity: what is sized on it can be kept.
    """

    place: str
    """As messages name it: a region, or the platform."""
    offers: tuple[Offer, ...]
    absence: Callable[[Accelerator], str]
    """Why no offer carries an accelerator."""
    host_refusal: Callable[[float, Offer], str | None]
    """Why an offer has too little host memory or disk for a checkpoint (GiB); None when it has enough."""
    gpu_refusal: Callable[[str], str | None]
    """Why the target's engine cannot use a GPU at all; None when it can."""
    passed_over: Callable[[Accelerator], tuple[Rejection, ...]]
    """Offers that carry an accelerator and are no choice on this target, with the reason."""
    elsewhere: str = ""
    """Where else something may fit, as a message says it: another region."""
    weights_refusal: Callable[[ModelShape, Quantization], str | None] = lambda _shape, _quantization: None
    """Why the target's engine cannot serve a model in this quantization; None when it can."""
    whole_prompts: bool = False
    """Whether the target's engine computes a whole prompt at once, which takes memory of the cache."""

    def price(self, instance_type: str) -> float | None:
        """Return the lowest price of an instance type, None where it is unknown."""
        prices = [row.usd_per_hour for row in self.offers if row.instance_type == instance_type]
        known = [price for price in prices if price is not None]
        return min(known) if known else None
