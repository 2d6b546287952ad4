"""What a draft costs on RunPod, and what APIs would charge for the same tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import usd_per_gpu_hour
from components.cost.estimate import HOURS_PER_MONTH
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate
from components.plan.expectation import is_started_by_hand, traffic
from components.plan.front.priced import with_gateways
from components.plan.priced import AtLoad, priced, smooth
from components.plan.runpod.load import expected_use, speeds_of
from components.plan.runpod.startup import BILLED_STAGES

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

    def at(scale: float) -> AtLoad:
        use = expected_use(made, served.hardware, speeds, idle_seconds=idle, start_seconds=start, scale=scale)
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
                region=made.request.region,
                awake_hours=use.week.awake_hours_per_month if spec.schedule else None,
                starts_by_hand=is_started_by_hand(spec),
                assumptions=use.assumptions,
            )
        )
        total = with_gateways(
            estimate, made, front, replicas=_workers(use, runpod), traffic=use.traffic, most_traffic=most
        )
        return AtLoad(use.week, use.traffic, total)

    per_hour = made.wanted.per_replica.expected if made.wanted else 0.0
    return priced(made, at, smooth(runpod.workers_max, per_hour))


def _workers(use: ExpectedUse, runpod: RunpodPlan) -> Three:
    """Return the workers that run as a mean of the month: the fewest, as expected in the pool with most, the most."""
    hours = [each for each in use.worker_hours.values() if each is not None]
    expected = max(hours) / HOURS_PER_MONTH if hours else None
    return use.least_hours / HOURS_PER_MONTH, expected, runpod.workers_max
