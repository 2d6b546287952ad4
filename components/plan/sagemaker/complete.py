"""How a service is planned on SageMaker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.sagemaker import sagemaker_registry
from components.cost.sagemaker import SagemakerCostInputs, sagemaker_estimate
from components.errors import PlanError
from components.plan.demand import expectation
from components.plan.draft import draft
from components.plan.model import EnginePlan, NetworkPlan, Plan
from components.plan.notes import sorted_notes
from components.plan.sagemaker.environment import (
    accepted_requests,
    check_environment,
    tgi_environment,
    vllm_environment,
)
from components.plan.sagemaker.market import sagemaker_market
from components.plan.sagemaker.notes import sagemaker_notes
from components.plan.sagemaker.numbers import sagemaker_alternative, sagemaker_plan, start_limit
from components.plan.sagemaker.startup import load_timeout, startup_stages
from components.sizing.gates import tgi_dtype, tgi_model_refusal
from components.sizing.throughput import TGI_SHARE

if TYPE_CHECKING:
    from components.cost import CostEstimate
    from components.plan.draft import Draft, Request
    from components.plan.model import Hardware, ModelPlan, SagemakerAlternative, StartupStage
    from components.spec.service import ServiceSpec


def plan_sagemaker(request: Request) -> Plan:
    """Return the plan of a service on SageMaker; `PlanError` when nothing in the region can run it."""
    spec = request.spec
    made = draft(request, sagemaker_market(request.region, request.engine.engine))
    _check_model(made)
    alternatives = tuple(_alternative(made, row) for row in (made.hardware, *made.choice.fallbacks))
    first = alternatives[0]
    stages = startup_stages(request.engine, made.model)
    _check_start(spec, stages, first)
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
        scaling=made.scaling,
        network=_network(spec),
        startup_seconds=sum(stage.seconds for stage in stages),
        startup_limit_seconds=start_limit(spec, first),
        startup=stages,
        tags=request.tags,
        power=spec.power,
        cost=_cost(made),
        sagemaker=sagemaker_plan(spec, request.stack, alternatives),
    )
    return replace(plan, notes=sorted_notes(sagemaker_notes(plan, made)))


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
        what, needed = "weights and engine", seconds["weights"] + seconds["engine"]
        fix = "source: s3, whose copy has a time of its own, or a smaller checkpoint"
        limit = first.startup_health_check_timeout_seconds
    if needed > limit:
        raise PlanError(f"{spec.name}: {what} take {needed} s, SageMaker waits for {limit} s; use {fix}")


def _model_on(made: Draft, hardware: Hardware) -> ModelPlan:
    model = made.model_on(hardware)
    if made.request.engine.engine == "tgi":
        return replace(model, dtype=tgi_dtype(model.dtype, model.quantization))
    return model


def _alternative(made: Draft, hardware: Hardware) -> SagemakerAlternative:
    spec, model, sequences = made.spec, _model_on(made, hardware), made.sequences_on(hardware)
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
            start_seconds=load_timeout(made.checkpoint_gib),
            extra_args=spec.engine.extra_args,
        )
    check_environment(spec.name, environment)
    return sagemaker_alternative(
        spec, made.request.engine, hardware, checkpoint_gib=made.checkpoint_gib, environment=environment
    )


def _network(spec: ServiceSpec) -> NetworkPlan | None:
    """Return where the instances reach a VPC; without a given one they have the network of SageMaker alone."""
    vpc = spec.network.vpc
    if vpc == "create":
        return None
    return NetworkPlan(
        vpc_id=vpc.id,
        public_subnet_ids=(),
        private_subnet_ids=vpc.private_subnet_ids,
        exposure="internal",
        certificate_arn=None,
        domain=None,
        allowed_cidrs=(),
    )


def _cost(made: Draft) -> CostEstimate:
    spec = made.spec
    expected = expectation(spec, made.scaling, made.wanted)
    assumptions = expected.assumptions
    if made.request.engine.engine == "tgi" and assumptions:
        slower = f"TGI is taken to reach {TGI_SHARE:g} of the computed speed, as measured in 2023, or all of it at best"
        assumptions = (*assumptions, slower)
    return sagemaker_estimate(
        SagemakerCostInputs(
            region=made.request.region,
            instance_type=made.hardware.instance_type,
            usd_per_hour=made.hardware.usd_per_hour,
            fallbacks=tuple((row.instance_type, row.usd_per_hour) for row in made.choice.fallbacks),
            min_replicas=made.scaling.min_replicas,
            max_replicas=made.scaling.max_replicas,
            expected_replicas=expected.replicas,
            in_vpc=spec.network.vpc != "create",
            from_hub=spec.model.source == "hub",
            log_retention_days=spec.sagemaker.log_retention_days,
            million_tokens_per_month=expected.million_tokens_per_month,
            assumptions=assumptions,
        )
    )
