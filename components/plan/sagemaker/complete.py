"""How a service is planned on SageMaker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.sagemaker import sagemaker_registry
from components.errors import PlanError
from components.plan.draft import draft
from components.plan.finish import finished
from components.plan.front.complete import behind_a_front, front_plan
from components.plan.kept import budget_plan, keeper_plan
from components.plan.model import EnginePlan, Plan
from components.plan.sagemaker.environment import (
    accepted_requests,
    check_environment,
    tgi_environment,
    vllm_environment,
)
from components.plan.sagemaker.host import sagemaker_host
from components.plan.sagemaker.market import sagemaker_market
from components.plan.sagemaker.notes import sagemaker_notes
from components.plan.sagemaker.numbers import sagemaker_alternative, sagemaker_plan, start_limit
from components.plan.sagemaker.priced import sagemaker_priced
from components.plan.sagemaker.startup import load_timeout, slow_seconds, startup_stages
from components.plan.schedule import schedule_plan
from components.plan.slo_fixes import Starting
from components.plan.stages import total
from components.sizing.gates import tgi_dtype, tgi_model_refusal
from components.spec.values import Duration

if TYPE_CHECKING:
    from components.plan.draft import Draft, Request
    from components.plan.model import Hardware, ModelPlan, NetworkPlan, StartupStage
    from components.plan.sagemaker.values import SagemakerAlternative
    from components.spec.service import ServiceSpec


def plan_sagemaker(request: Request) -> Plan:
    """Return the plan of a service on SageMaker; `PlanError` when nothing in the region can run it."""
    spec = request.spec
    made = draft(request, sagemaker_market(request.region, request.engine))
    _check_model(made)
    alternatives = tuple(_alternative(made, row) for row in (made.hardware, *made.choice.fallbacks))
    first = alternatives[0]
    stages = startup_stages(request.engine, made.model, made.hardware.gpu_count)
    _check_start(spec, stages, first)
    front = front_plan(made, log_retention_days=spec.sagemaker.log_retention_days)
    priced = sagemaker_priced(made, front, start_seconds=sum(stage.seconds for stage in stages))
    plan = Plan(
        service=spec.name,
        stack=request.stack,
        environment=spec.environment,
        target=request.target,
        region=request.region,
        model=_model_on(made, made.hardware),
        engine=EnginePlan(
            kind="tgi" if request.engine.engine == "tgi" else "vllm",
            version=request.engine.version,
            image=spec.engine.image or f"{sagemaker_registry(request.region)}/{request.engine.image}",
            arguments=(),
            environment=first.environment,
        ),
        hardware=made.hardware,
        hardware_reason=made.choice.reason,
        fallbacks=made.choice.fallbacks,
        rejected=made.choice.rejected,
        host=sagemaker_host(made),
        scaling=made.scaling,
        network=_network(spec),
        front=front,
        startup_seconds=sum(stage.seconds for stage in stages),
        startup_limit_seconds=start_limit(spec, first),
        startup=stages,
        tags=request.tags,
        power=spec.power,
        schedule=schedule_plan(spec),
        keeper=keeper_plan(
            made,
            start_seconds=sum(stage.seconds for stage in stages),
            usd_per_hour={row.hardware.instance_type: row.hardware.usd_per_hour for row in alternatives},
            asleep=priced.asleep,
        ),
        budget=budget_plan(spec),
        week=priced.week,
        cost=priced.cost,
        apis=priced.apis,
        sagemaker=sagemaker_plan(spec, request.stack, alternatives),
    )
    return finished(plan, made, _starting(made, stages), sagemaker_notes(plan, made))


def _starting(made: Draft, stages: tuple[StartupStage, ...]) -> Starting:
    image, gpus = made.request.engine, made.hardware.gpu_count
    from_s3 = replace(made.model, source="s3")
    settings = (("model.source: s3", total(startup_stages(image, from_s3, gpus))),)
    return Starting(
        total(stages),
        lambda gib: total(startup_stages(image, replace(made.model, checkpoint_gib=gib), gpus)),
        settings if made.model.source == "hub" else (),
    )


def _check_model(made: Draft) -> None:
    request, spec = made.request, made.spec
    why = tgi_model_refusal(made.shape, made.loaded) if request.engine.engine == "tgi" else None
    if why is not None:
        raise PlanError(f"{spec.name}: {spec.model.id}: {why}; set engine: {{kind: vllm}}")


def _check_start(spec: ServiceSpec, stages: tuple[StartupStage, ...], first: SagemakerAlternative) -> None:
    seconds = {stage.name: stage.seconds for stage in stages}
    if spec.model.source == "s3":
        what, needed, fix = "the weights", seconds["weights"], "a smaller checkpoint"
        limit = first.model_data_download_timeout_seconds
    else:
        what, needed = "weights and engine", seconds["weights"] + seconds["load"] + seconds["warm-up"]
        fix = "source: s3, whose copy has a time of its own, or a smaller checkpoint"
        limit = first.startup_health_check_timeout_seconds
    if needed > limit:
        slow = f"{what} take {Duration(needed)}, SageMaker waits for {Duration(limit)}"
        raise PlanError(f"{spec.name}: {slow}; use {fix}")


def _model_on(made: Draft, hardware: Hardware) -> ModelPlan:
    model = made.model_on(hardware)
    if made.request.engine.engine == "tgi":
        return replace(model, dtype=tgi_dtype(model.dtype, model.quantization))
    return model


def _alternative(made: Draft, hardware: Hardware) -> SagemakerAlternative:
    spec, model, sequences = made.spec, _model_on(made, hardware), made.sequences_on(hardware)
    slow = slow_seconds(made.request.engine, model, hardware.gpu_count)
    start_seconds = load_timeout(made.checkpoint_gib, slow)
    if made.request.engine.engine == "tgi":
        environment = tgi_environment(
            model,
            hardware,
            converts_to=made.converts_to,
            max_concurrent_requests=accepted_requests(sequences, made.scaling),
            extra_args=spec.engine.extra_args,
        )
    else:
        environment = vllm_environment(
            model,
            hardware,
            converts_to=made.converts_to,
            max_num_seqs=sequences,
            start_seconds=start_seconds,
            extra_args=spec.engine.extra_args,
        )
    check_environment(spec.name, environment)
    return sagemaker_alternative(
        spec,
        made.request.engine,
        hardware,
        checkpoint_gib=made.checkpoint_gib,
        start_seconds=start_seconds,
        environment=environment,
    )


def _network(spec: ServiceSpec) -> NetworkPlan | None:
    """Return where the instances reach a VPC; without a given one they have the network of SageMaker alone."""
    if spec.network.vpc == "create":
        return None
    return behind_a_front(spec)
