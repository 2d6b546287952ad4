"""What would keep a goal that a plan misses: more replicas, smaller weights, another GPU, a setting of the target?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.plan.candidates import accelerators_of, size_accelerator
from components.plan.changes import Change, carriers, changes
from components.plan.speed import first_token_p95_ms, speed, with_cold_starts
from components.sizing.queue import TAIL
from components.spec.values import Accelerator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.plan.candidates import Workload
    from components.plan.draft import Draft
    from components.plan.model import Hardware
    from components.sizing.range import Range

_MOST_TIMES = 4
"""More replicas than this many times those that run are no advice."""


@dataclass(frozen=True, slots=True)
class Starting:
    """How long a start from nothing takes as planned, with another checkpoint, and with other settings of a target."""

    planned: Range
    with_checkpoint: Callable[[float], Range]
    """By the size of the checkpoint in GiB."""
    settings: tuple[tuple[str, Range], ...] = ()
    """What to write in the spec, and the start that follows."""
    cold_share: float = 0.0
    """Share of the requests that wait for a start."""


def faster(made: Draft, starting: Starting, goal_ms: float) -> Iterator[str]:
    """Yield what would bring the first token within a goal, as it is expected then."""

    def keeps(hardware: Hardware, workload: Workload, *, replicas: int | None = None, warm: bool = False) -> bool:
        found = speed(made, hardware, workload, replicas=replicas)
        if starting.cold_share and not warm:
            found = with_cold_starts(found, starting.cold_share, starting.planned)
        return first_token_p95_ms(found).expected <= goal_ms

    if starting.cold_share > TAIL and keeps(made.hardware, made.workload, warm=True):
        yield "scaling.min_replicas: 1, so that no request waits for a start"
        return
    if made.spec.load is not None:
        now = speed(made, made.hardware, made.workload).replicas
        counts = range(now + 1, _MOST_TIMES * now + 1)
        enough = next((count for count in counts if keeps(made.hardware, made.workload, replicas=count)), None)
        if enough is not None:
            yield f"scaling.min_replicas: {enough}"
    for change in changes(made.workload, made.market):
        same = None if change.names_context else _same(made, change)
        if same is not None and keeps(same, change.workload):
            yield change.text
            break
    other = next((row for row in _others(made) if keeps(row, made.workload)), None)
    if other is not None:
        price = "" if other.usd_per_hour is None else f" ({other.usd_per_hour:.2f} USD per hour)"
        if made.spec.accelerators == "auto":
            yield f"accelerators: [{other.accelerator}]{price}"
        else:
            yield f"{other.accelerator}{price} first in accelerators"


def sooner(made: Draft, starting: Starting, goal_seconds: float) -> Iterator[str]:
    """Yield what would bring a start within a goal, as it is expected then."""
    yield from (text for text, startup in starting.settings if startup.expected <= goal_seconds)
    for change in changes(made.workload, made.market):
        checkpoint_gib = change.workload.checkpoint_gib
        if checkpoint_gib < made.checkpoint_gib and starting.with_checkpoint(checkpoint_gib).expected <= goal_seconds:
            yield change.text
            break


def _same(made: Draft, change: Change) -> Hardware | None:
    """Return the chosen hardware with a changed workload."""
    here = Accelerator(made.hardware.gpu, made.hardware.gpu_count)
    return size_accelerator(here, change.workload, made.market).hardware


def _others(made: Draft) -> list[Hardware]:
    """Return what else carries the model: the rest of the spec's list first, then the market, the cheap first."""
    listed = [row for row in made.choice.fallbacks if row.fit.verdict == "fits"]
    named = {row.accelerator for row in (made.hardware, *listed)}
    everything = [row for row in accelerators_of(made.market) if str(row) not in named]
    return [*listed, *carriers(Change("", made.workload), everything, made.market)]
