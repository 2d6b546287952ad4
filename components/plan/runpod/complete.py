"""How a service is planned on RunPod."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.runpod import usd_per_gpu_hour
from components.cost.runpod import PoolUse, RunpodCostInputs, runpod_estimate
from components.errors import SpecError
from components.plan.demand import demand, scaling_plan
from components.plan.draft import draft
from components.plan.model import EnginePlan, Plan
from components.plan.notes import sorted_notes
from components.plan.runpod.environment import worker_environment
from components.plan.runpod.load import expected_use
from components.plan.runpod.market import runpod_market
from components.plan.runpod.notes import runpod_notes
from components.plan.runpod.numbers import disk_problems, runpod_plan
from components.plan.runpod.pools import serving
from components.plan.runpod.startup import BILLED_STAGES, startup_limit, startup_stages

if TYPE_CHECKING:
    from components.cost import CostEstimate
    from components.plan.draft import Draft, Request
    from components.plan.model import RunpodPlan, StartupStage
    from components.plan.runpod.pools import Serving


def plan_runpod(request: Request) -> Plan:
    """Return the plan of a service on RunPod; `PlanError` when nothing there can run it."""
    spec = request.spec
    market = runpod_market(spec.accelerators)
    chosen = draft(request, market)
    problems = list(disk_problems(spec, request.engine, chosen.checkpoint_gib))
    if problems:
        raise SpecError(problems)
    served = serving(chosen, market)
    made = _together(chosen, served)
    runpod = runpod_plan(
        spec, served, made.scaling, stack=request.stack, image=request.engine, checkpoint_gib=made.checkpoint_gib
    )
    stages = startup_stages(request.engine, made.checkpoint_gib, volume=spec.runpod.volume is not None)
    limit = startup_limit(made.checkpoint_gib)
    plan = Plan(
        service=spec.name,
        stack=request.stack,
        environment=spec.environment,
        target=request.target,
        region=request.region,
        model=made.model,
        engine=EnginePlan(
            kind="vllm",
            version=request.engine.version,
            image=spec.engine.image or request.engine.image,
            arguments=(),
            environment=worker_environment(
                made.model,
                served.hardware,
                converts_to=made.converts_to,
                max_num_seqs=made.sequences,
                start_seconds=limit,
                max_request_seconds=spec.gateway.max_request.seconds,
                token_secret=spec.runpod.token_secret,
                extra_args=spec.engine.extra_args,
            ),
        ),
        hardware=made.hardware,
        hardware_reason=made.choice.reason,
        fallbacks=made.choice.fallbacks,
        rejected=made.choice.rejected,
        scaling=made.scaling,
        startup_seconds=sum(stage.seconds for stage in stages),
        startup_limit_seconds=limit,
        startup=stages,
        tags=request.tags,
        power=spec.power,
        cost=_cost(made, served, runpod, stages),
        runpod=runpod,
    )
    return replace(plan, notes=sorted_notes(runpod_notes(plan, made, runpod, served)))


def _together(chosen: Draft, served: Serving) -> Draft:
    """Return the draft as all GPUs that may serve can keep it: one context, one number of requests at once."""
    spec, first = chosen.spec, served.hardware[0]
    sequences = min(chosen.sequences_on(row) for row in served.hardware)
    scaling = scaling_plan(spec.scaling, sequences, power=spec.power)
    return replace(
        chosen,
        choice=replace(chosen.choice, hardware=first, fallbacks=served.hardware[1:], rejected=served.rejected),
        model=chosen.model_on(first),
        sequences=sequences,
        scaling=scaling,
        wanted=demand(spec, chosen.shape, chosen.loaded, first, scaling),
    )


def _cost(made: Draft, served: Serving, runpod: RunpodPlan, stages: tuple[StartupStage, ...]) -> CostEstimate:
    start = sum(stage.seconds for stage in stages if stage.name in BILLED_STAGES)
    expected = expected_use(made, served.hardware, idle_seconds=runpod.idle_timeout_seconds or 0, start_seconds=start)
    return runpod_estimate(
        RunpodCostInputs(
            pools=tuple(PoolUse(pool, usd_per_gpu_hour(pool), hours) for pool, hours in expected.worker_hours.items()),
            gpu_count=runpod.gpu_count,
            workers_min=runpod.workers_min,
            workers_max=runpod.workers_max,
            disk_gb=runpod.disk_gb,
            volume_gb=runpod.volume.size_gb if runpod.volume else None,
            volume_is_standard=runpod.volume is None or runpod.volume.type == "STANDARD",
            million_tokens_per_month=expected.million_tokens_per_month,
            assumptions=expected.assumptions,
        )
    )
