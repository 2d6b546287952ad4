"""How a service is planned on ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.discounts import spot_factor
from components.errors import PlanError
from components.plan.draft import draft
from components.plan.ecs.engine import vllm_engine
from components.plan.ecs.host import ecs_host
from components.plan.ecs.market import ecs_market
from components.plan.ecs.notes import ecs_notes
from components.plan.ecs.numbers import ecs_plan, is_too_slow
from components.plan.ecs.priced import ecs_priced
from components.plan.ecs.startup import MOST_SECONDS, first_stages, startup_budget, startup_stages
from components.plan.finish import finished
from components.plan.front.complete import behind_a_front, drain_seconds, front_plan, listening, sidecar_plan
from components.plan.kept import budget_plan, keeper_plan
from components.plan.model import Plan
from components.plan.schedule import schedule_plan
from components.plan.slo_fixes import Starting
from components.plan.stages import total
from components.spec.values import Duration

if TYPE_CHECKING:
    from components.plan.draft import Draft, Request


def plan_ecs(request: Request) -> Plan:
    """Return the plan of a service on ECS; `PlanError` when nothing in the region can run it."""
    made = draft(request, ecs_market(request.region))
    spec, images = request.spec, request.images
    # check_target has refused a stack without them.
    weight_cache_image = images.weight_cache or ""
    stages = startup_stages(request.engine, made.checkpoint_gib, made.hardware.gpu_count)
    startup = total(stages)
    startup_seconds, limit = round(startup.expected), startup_budget(startup)
    if is_too_slow(startup_seconds):
        raise PlanError(
            f"{spec.name}: a start takes {Duration(startup_seconds)}, ECS waits for {Duration(MOST_SECONDS)}; "
            "use a smaller checkpoint"
        )
    drain = drain_seconds(spec.gateway.max_request.seconds)
    ecs = ecs_plan(
        spec,
        made.hardware,
        startup_limit_seconds=limit,
        checkpoint_gib=made.checkpoint_gib,
        weight_cache_image=weight_cache_image,
    )
    front = front_plan(made, log_retention_days=spec.ecs.log_retention_days, has_sidecars=True)
    priced = ecs_priced(made, ecs, front, start_seconds=startup_seconds)
    plan = Plan(
        service=spec.name,
        stack=request.stack,
        environment=spec.environment,
        target=request.target,
        region=request.region,
        model=made.model,
        engine=vllm_engine(
            made.model,
            made.hardware,
            version=request.engine.version,
            image=spec.engine.image or images.engine or request.engine.image,
            converts_to=made.converts_to,
            max_num_seqs=made.sequences,
            drain_seconds=drain,
            start_seconds=limit,
            extra_args=spec.engine.extra_args,
        ),
        hardware=made.hardware,
        hardware_reason=made.choice.reason,
        fallbacks=made.choice.fallbacks,
        rejected=made.choice.rejected,
        host=ecs_host(made, ecs),
        scaling=made.scaling,
        network=behind_a_front(spec) if front else listening(spec),
        gateway=sidecar_plan(made, drain=drain),
        front=front,
        startup_seconds=startup_seconds,
        startup_limit_seconds=limit,
        startup=stages,
        first_startup=first_stages(made.checkpoint_gib),
        tags=request.tags,
        power=spec.power,
        schedule=schedule_plan(spec),
        keeper=keeper_plan(made, start_seconds=startup_seconds, usd_per_hour=_metered(made), asleep=priced.asleep),
        budget=budget_plan(spec),
        week=priced.week,
        cost=priced.cost,
        apis=priced.apis,
        ecs=ecs,
    )
    starting = Starting(startup, lambda gib: total(startup_stages(request.engine, gib, made.hardware.gpu_count)))
    return finished(plan, made, starting, ecs_notes(plan, made, ecs))


def _metered(made: Draft) -> dict[str, float | None]:
    """Return the price of a replica, as the mean over instances on demand and spare ones of AWS.

    The keeper sees types of instances, not how each is paid for; where nobody publishes the spare price, all count in
    full.
    """
    hardware, spot = made.hardware, made.spec.pricing.spot_percent
    usd, factor = hardware.usd_per_hour, spot_factor(hardware.instance_type, made.request.region) if spot else None
    if usd is not None and factor is not None:
        usd = round(usd * (1 - spot / 100 * (1 - factor)), 6)
    return {hardware.instance_type: usd}
