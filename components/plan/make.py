"""How a spec becomes a plan: check the target, size the hardware, derive the numbers, price the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.images import engine_image, engine_versions
from components.catalogue.models import find_model, quantization_of_id
from components.cost import estimate
from components.errors import PlanError
from components.plan.candidates import Workload
from components.plan.choice import choose
from components.plan.demand import cost_inputs, demand, replica_concurrency, scaling_plan
from components.plan.ecs import drain_seconds, ecs_plan, is_too_slow
from components.plan.engine import vllm_engine
from components.plan.model import GatewayPlan, ModelPlan, NetworkPlan, Plan
from components.plan.notes import notes
from components.plan.startup import MOST_SECONDS, startup_budget, startup_stages
from components.plan.target import check_target
from components.sizing.gates import gate
from components.sizing.weights import weights_gib

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from components.catalogue.models import ModelShape, Quantization
    from components.plan.model import Target
    from components.spec.model import ModelSpec
    from components.spec.service import ServiceSpec


@dataclass(frozen=True, slots=True)
class StackImages:
    """The images that a stack is configured with; `engine` None means the catalogue's."""

    gateway: str
    weight_cache: str
    engine: str | None = None


UNBUILT = StackImages("gateway:unbuilt", "weight-cache:unbuilt")
"""What a plan is made with where nothing is deployed from it: no digest is asked for."""


def make_plan(
    spec: ServiceSpec,
    *,
    target: Target,
    stack: str,
    region: str,
    images: StackImages,
    today: date,
    tags: Mapping[str, str] | None = None,
) -> Plan:
    """Return every decision of one service; `SpecError` or `PlanError` when it cannot be deployed as declared."""
    version = spec.engine.version or engine_versions(spec.engine.kind)[0]
    catalogue_image = engine_image(spec.engine.kind, version)
    image = images.engine or catalogue_image.image
    deployed = {"engine": image, "gateway": images.gateway, "weight_cache": images.weight_cache}
    check_target(spec, target, region, {} if images == UNBUILT else deployed)

    shape, stored = _shape_and_storage(spec.model)
    loaded: Quantization = "fp8" if spec.model.quantization == "fp8" else stored
    checkpoint = weights_gib(shape, stored)
    tokens = spec.load.tokens_per_request if spec.load else 0
    workload = Workload(shape, loaded, spec.model.dtype, checkpoint, spec.model.max_context_tokens, tokens)
    choice = choose(spec.accelerators, workload, region, f"{spec.name}: {spec.model.id}")
    hardware = choice.hardware

    stages = startup_stages(catalogue_image, checkpoint)
    startup_seconds = sum(stage.seconds for stage in stages)
    if is_too_slow(startup_seconds):
        raise PlanError(
            f"{spec.name}: a start takes {startup_seconds} s, ECS waits for {MOST_SECONDS} s; use a smaller checkpoint"
        )
    model = ModelPlan(
        id=spec.model.id,
        revision=spec.model.revision,
        source=spec.model.source,
        s3_uri=spec.model.s3_uri,
        token_secret=spec.model.token_secret,
        served_name=spec.model.id,
        quantization=loaded,
        dtype=gate(gpus()[hardware.gpu], shape, loaded, spec.model.dtype).dtype,
        checkpoint_gib=checkpoint,
        max_context_tokens=hardware.fit.max_context_tokens,
    )
    sequences = replica_concurrency(hardware.fit, spec.load)
    scaling = scaling_plan(spec.scaling, sequences)
    drain = drain_seconds(spec.gateway.max_request.seconds)
    wanted = demand(spec, shape, loaded, hardware, scaling)
    ecs = ecs_plan(
        spec,
        hardware,
        startup_seconds=startup_seconds,
        checkpoint_gib=checkpoint,
        weight_cache_image=images.weight_cache,
    )
    plan = Plan(
        service=spec.name,
        stack=stack,
        environment=spec.environment,
        target=target,
        region=region,
        model=model,
        engine=vllm_engine(
            model,
            hardware,
            version=version,
            image=image,
            converts_to=loaded if loaded != stored else None,
            max_num_seqs=sequences,
            drain_seconds=drain,
            start_seconds=startup_budget(startup_seconds),
            extra_args=spec.engine.extra_args,
        ),
        hardware=hardware,
        hardware_reason=choice.reason,
        fallbacks=choice.fallbacks,
        rejected=choice.rejected,
        scaling=scaling,
        network=_network(spec),
        gateway=GatewayPlan(images.gateway, spec.gateway.keys_secret, spec.gateway.max_request.seconds, drain),
        startup_seconds=startup_seconds,
        startup=stages,
        tags=dict(sorted({**(tags or {}), **spec.tags}.items())),
        cost=estimate(
            cost_inputs(
                spec,
                hardware,
                ecs,
                wanted=wanted,
                checkpoint_gib=checkpoint,
                image_gb=catalogue_image.compressed_gb,
                region=region,
            )
        ),
        ecs=ecs,
    )
    known = notes(plan, spec, ecs, shape=shape, wanted=wanted, image=catalogue_image, sequences=sequences, today=today)
    return replace(plan, notes=known)


def _shape_and_storage(model: ModelSpec) -> tuple[ModelShape, Quantization]:
    """Return a model's shape, and how its checkpoint is stored."""
    known = find_model(model.id)
    stored = known.quantization if known else quantization_of_id(model.id)[1]
    if model.quantization not in ("auto", "fp8") and (model.source == "s3" or model.shape is not None):
        stored = model.quantization
    if model.shape is not None:
        return model.shape.to_shape(), stored
    if known is None:
        raise PlanError(f"{model.id}: the catalogue does not know this model; give model.shape")
    return known.shape, stored


def _network(spec: ServiceSpec) -> NetworkPlan:
    vpc = spec.network.vpc
    return NetworkPlan(
        vpc_id=None if vpc == "create" else vpc.id,
        public_subnet_ids=() if vpc == "create" else vpc.public_subnet_ids,
        private_subnet_ids=() if vpc == "create" else vpc.private_subnet_ids,
        exposure=spec.network.exposure,
        certificate_arn=spec.network.certificate_arn,
        domain=spec.network.domain,
        allowed_cidrs=spec.network.allowed_cidrs,
    )
