"""How a service is planned on RunPod."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.errors import SpecError
from components.plan.demand import demand, scaling_plan
from components.plan.draft import draft
from components.plan.finish import finished
from components.plan.front.complete import drain_seconds, front_plan, sidecar_plan
from components.plan.kept import budget_plan, keeper_plan
from components.plan.model import EnginePlan, Plan
from components.plan.runpod.arguments import worker_arguments, worker_variables
from components.plan.runpod.cold import cold_share
from components.plan.runpod.environment import worker_environment
from components.plan.runpod.host import runpod_host
from components.plan.runpod.market import runpod_market
from components.plan.runpod.mode import is_load_balanced, longest_request_seconds, worker_image
from components.plan.runpod.notes import runpod_notes
from components.plan.runpod.numbers import disk_problems, runpod_plan
from components.plan.runpod.pools import serving
from components.plan.runpod.priced import runpod_priced
from components.plan.runpod.startup import first_stages, startup_limit, startup_stages
from components.plan.schedule import schedule_plan
from components.plan.slo_fixes import Starting
from components.plan.stages import total
from components.spec.retention import A_MONTH, retention_days

if TYPE_CHECKING:
    from components.plan.draft import Draft, Request
    from components.plan.gateway import GatewayPlan
    from components.plan.model import StartupStage
    from components.plan.runpod.pools import Serving
    from components.plan.runpod.values import RunpodPlan


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
    volume = spec.runpod.volume is not None
    stages = _stages(made, runpod, made.checkpoint_gib)
    limit = startup_limit(made.checkpoint_gib)
    front = front_plan(made, log_retention_days=retention_days(A_MONTH), upstream_key_secret=spec.runpod.api_key_secret)
    priced = runpod_priced(made, served, runpod, front, stages)
    plan = Plan(
        service=spec.name,
        stack=request.stack,
        environment=spec.environment,
        target=request.target,
        region=request.region,
        model=made.model,
        engine=(_balanced_engine if is_load_balanced(spec) else _queue_engine)(made, served, limit),
        hardware=made.hardware,
        hardware_reason=made.choice.reason,
        fallbacks=made.choice.fallbacks,
        rejected=made.choice.rejected,
        host=runpod_host(made, runpod),
        scaling=made.scaling,
        gateway=_gateway(made) if is_load_balanced(spec) else None,
        front=front,
        startup_seconds=sum(stage.seconds for stage in stages),
        startup_limit_seconds=limit,
        startup=stages,
        first_startup=first_stages(request.engine, made.checkpoint_gib, volume=volume),
        tags=request.tags,
        power=spec.power,
        schedule=schedule_plan(spec),
        keeper=keeper_plan(
            made,
            start_seconds=sum(stage.seconds for stage in stages),
            usd_per_hour={row.instance_type: row.usd_per_hour for row in served.hardware},
            asleep=priced.asleep,
        ),
        budget=budget_plan(spec),
        week=priced.week,
        cost=priced.cost,
        apis=priced.apis,
        runpod=runpod,
    )
    startup = total(stages)
    with_volume = total(_stages(made, runpod, made.checkpoint_gib, volume=True))
    starting = Starting(
        startup,
        lambda gib: total(_stages(made, runpod, gib)),
        () if volume else (("runpod.volume", with_volume),),
        cold_share(made, runpod, startup.expected),
    )
    return finished(plan, made, starting, runpod_notes(plan, made, runpod, served))


def _queue_engine(made: Draft, served: Serving, start_seconds: int) -> EnginePlan:
    """Return worker-vllm, which is told everything by its environment."""
    spec, row = made.spec, made.request.engine
    environment = worker_environment(
        made.model,
        served.hardware,
        converts_to=made.converts_to,
        max_num_seqs=made.sequences,
        start_seconds=start_seconds,
        max_request_seconds=longest_request_seconds(spec),
        token_secret=spec.runpod.token_secret,
        extra_args=spec.engine.extra_args,
    )
    return EnginePlan("vllm", row.version, spec.engine.image or row.image, (), environment)


def _balanced_engine(made: Draft, served: Serving, start_seconds: int) -> EnginePlan:
    """Return vLLM in a worker of our own, behind the gateway of the same image."""
    spec = made.spec
    arguments = worker_arguments(
        made.model,
        served.hardware,
        converts_to=made.converts_to,
        max_num_seqs=made.sequences,
        extra_args=spec.engine.extra_args,
    )
    variables = worker_variables(served.hardware, start_seconds=start_seconds, token_secret=spec.runpod.token_secret)
    image = worker_image(spec, made.request.images)
    return EnginePlan("vllm", made.request.engine.version, image, arguments, variables)


def _gateway(made: Draft) -> GatewayPlan:
    """Return the gateway in the worker's image; its keys are in a secret of the RunPod account, unless a front asks."""
    spec, longest = made.spec, longest_request_seconds(made.spec)
    return replace(
        sidecar_plan(made, drain=drain_seconds(longest)),
        image=worker_image(spec, made.request.images),
        keys_secret=None if spec.gateway.front else spec.runpod.client_keys_secret,
        max_request_seconds=longest,
    )


def _stages(
    made: Draft, runpod: RunpodPlan, checkpoint_gib: float, *, volume: bool | None = None
) -> tuple[StartupStage, ...]:
    return startup_stages(
        made.request.engine,
        checkpoint_gib,
        runpod.gpu_count,
        volume=runpod.volume is not None if volume is None else volume,
        flashboot=runpod.flashboot != "OFF",
    )


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
