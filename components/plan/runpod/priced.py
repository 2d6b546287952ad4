"""What a draft costs on RunPod, and what APIs would charge for the same tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import usd_per_gpu_hour
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate
from components.plan.expectation import is_started_by_hand, traffic
from components.plan.front.priced import with_gateways
from components.plan.kept import parked, with_its_keeper
from components.plan.priced import AtLoad, priced, smooth
from components.plan.runpod.load import expected_use, speeds_of
from components.plan.runpod.startup import BILLED_STAGES, download_seconds

if TYPE_CHECKING:
    from components.cost.lines import Three
    from components.plan.draft import Draft
    from components.plan.gateway import FrontPlan
    from components.plan.model import StartupStage
    from components.plan.priced import Priced
    from components.plan.runpod.load import ExpectedUse
    from components.plan.runpod.pools import Serving
    from components.plan.runpod.values import RunpodPlan


def runpod_priced(
    made: Draft, served: Serving, runpod: RunpodPlan, front: FrontPlan | None, stages: tuple[StartupStage, ...]
) -> Priced:
    """Return cost and comparison of a service on RunPod."""
    spec = made.spec
    start = sum(stage.seconds for stage in stages if stage.name in BILLED_STAGES)
    idle = runpod.idle_timeout_seconds or 0
    speeds = speeds_of(made, served.hardware)
    fastest = made.wanted.per_replica.high if made.wanted else 0.0
    most = traffic(spec, runpod.workers_max * fastest * HOURS_PER_MONTH)

    filling = download_seconds(made.checkpoint_gib) / 3600 if runpod.volume and runpod.workers_max else None

    def price(of: Draft, scale: float) -> AtLoad:
        use = expected_use(of, served.hardware, speeds, idle_seconds=idle, start_seconds=start, scale=scale)
        estimate = runpod_estimate(
            RunpodCostInputs(
                pools=tuple(PoolUse(pool, usd_per_gpu_hour(pool), hours) for pool, hours in use.worker_hours.items()),
                gpu_count=runpod.gpu_count,
                least_hours=use.least_hours,
                workers_max=runpod.workers_max,
                disk_gb=runpod.disk_gb,
                volume_gb=runpod.volume.size_gb if runpod.volume else None,
                volume_is_standard=runpod.volume is None or runpod.volume.type == "STANDARD",
                traffic=use.traffic,
                awake_hours=use.awake_hours,
                unused_hours=use.unused_hours,
                starts_by_hand=is_started_by_hand(spec),
                download_hours=filling,
                assumptions=use.assumptions,
            )
        )
        total = with_gateways(
            estimate, of, front, replicas=_workers(use, runpod), traffic=use.traffic, most_traffic=most
        )
        return AtLoad(use.week, use.traffic, with_its_keeper(total, of, use.traffic))

    per_hour = made.wanted.per_replica.expected if made.wanted else 0.0
    return priced(
        made,
        lambda scale: price(made, scale),
        smooth(runpod.workers_max, per_hour),
        lambda: price(parked(made), 1.0).cost,
    )


def _workers(use: ExpectedUse, runpod: RunpodPlan) -> Three:
    """Return the workers that run as a mean of the month: the fewest, as expected in the first pool, the most."""
    hours = next(iter(use.worker_hours.values()))
    expected = None if hours is None else hours / HOURS_PER_MONTH
    return use.least_hours / HOURS_PER_MONTH, expected, runpod.workers_max
