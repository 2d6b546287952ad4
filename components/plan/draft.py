"""What is decided for a service before its target matters: model, hardware, replicas, expected load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.gpus import gpus
from components.catalogue.images import engine_image
from components.catalogue.models import find_model, quantization_of_id
from components.errors import PlanError
from components.plan.candidates import Workload
from components.plan.choice import choose
from components.plan.demand import demand, replica_concurrency, scaling_plan
from components.plan.local.engine import local_engine
from components.plan.model import ModelPlan
from components.plan.runpod.mode import engines_of
from components.sizing.gates import gate
from components.sizing.weights import weights_gib

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from components.catalogue.images import EngineImage
    from components.catalogue.models import ModelShape, Quantization
    from components.plan.choice import Choice
    from components.plan.demand import Demand
    from components.plan.market import Market
    from components.plan.model import Hardware, ScalingPlan, Target
    from components.spec.model import ModelSpec
    from components.spec.service import ServiceSpec


@dataclass(frozen=True, slots=True)
class StackImages:
    """The images that a stack is configured with; None where it names none. `engine` is that of ECS alone."""

    gateway: str | None
    weight_cache: str | None
    engine: str | None = None
    runpod_worker: str | None = None


UNBUILT = StackImages("gateway:unbuilt", "weight-cache:unbuilt", runpod_worker="runpod-worker:unbuilt")
"""What a plan is made with where nothing is deployed from it: no digest is asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked for."""

    spec: ServiceSpec
    target: Target
    stack: str
    region: str
    images: StackImages
    today: date
    tags: Mapping[str, str]
    engine: EngineImage
    """The catalogue's row of the engine and version that this target runs."""
    brief: bool = False
    """Leaves out what takes long and no decision or price needs: cheaper hardware, and break-evens with APIs."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The decisions that all targets share; a target completes them."""

    request: Request
    shape: ModelShape
    stored: Quantization
    """How the checkpoint is stored."""
    loaded: Quantization
    """How the weights lie on the GPU."""
    checkpoint_gib: float
    workload: Workload
    market: Market
    choice: Choice
    model: ModelPlan
    sequences: int
    """Requests that one replica works on at once: as many as its cache holds."""
    scaling: ScalingPlan
    wanted: Demand | None

    @property
    def spec(self) -> ServiceSpec:
        return self.request.spec

    @property
    def hardware(self) -> Hardware:
        return self.choice.hardware

    @property
    def converts_to(self) -> Quantization | None:
        """What the engine turns the weights into while it loads them; None when they stay as they are."""
        return self.loaded if self.loaded != self.stored else None

    def model_on(self, hardware: Hardware) -> ModelPlan:
        """Return the model as one alternative serves it."""
        return _model(self.spec.model, self.shape, self.loaded, self.checkpoint_gib, hardware)

    def sequences_on(self, hardware: Hardware) -> int:
        """Return how many requests one alternative works on at once."""
        return replica_concurrency(hardware.fit, self.spec.load)


def engine_of(spec: ServiceSpec, target: Target) -> EngineImage:
    """Return the catalogue's image of the engine that a spec runs on a target."""
    if target == "local":
        return local_engine(spec)
    return engine_image(engines_of(spec, target), spec.engine.kind, spec.engine.version)


def draft(request: Request, market: Market) -> Draft:
    """Choose the hardware of a service on a market; `PlanError` when nothing there can run it."""
    spec = request.spec
    shape, stored = shape_and_storage(spec.model)
    loaded: Quantization = "fp8" if spec.model.quantization == "fp8" else stored
    checkpoint = weights_gib(shape, stored)
    tokens = spec.load.tokens_per_request if spec.load else 0
    workload = Workload(shape, loaded, spec.model.dtype, checkpoint, spec.model.max_context_tokens, tokens, stored)
    choice = choose(spec.accelerators, workload, market, f"{spec.name}: {spec.model.id}")
    sequences = replica_concurrency(choice.hardware.fit, spec.load)
    scaling = scaling_plan(spec.scaling, sequences, power=spec.power)
    return Draft(
        request=request,
        shape=shape,
        stored=stored,
        loaded=loaded,
        checkpoint_gib=checkpoint,
        workload=workload,
        market=market,
        choice=choice,
        model=_model(spec.model, shape, loaded, checkpoint, choice.hardware),
        sequences=sequences,
        scaling=scaling,
        wanted=demand(spec, shape, loaded, choice.hardware, scaling, engine=request.engine.engine),
    )


def _model(
    model: ModelSpec, shape: ModelShape, loaded: Quantization, checkpoint_gib: float, hardware: Hardware
) -> ModelPlan:
    return ModelPlan(
        id=model.id,
        revision=model.revision,
        source=model.source,
        s3_uri=model.s3_uri,
        token_secret=model.token_secret,
        served_name=model.id,
        quantization=loaded,
        dtype=gate(gpus()[hardware.gpu], shape, loaded, model.dtype).dtype,
        checkpoint_gib=checkpoint_gib,
        max_context_tokens=hardware.fit.max_context_tokens,
    )


def shape_and_storage(model: ModelSpec) -> tuple[ModelShape, Quantization]:
    """Return a model's shape, and how its checkpoint is stored; `PlanError` for a model that nobody described."""
    if model.config is not None:
        return model.config.described.shape, model.config.described.quantization
    known = find_model(model.id)
    stored = known.quantization if known else quantization_of_id(model.id)[1]
    if model.quantization not in ("auto", "fp8") and (model.source == "s3" or model.shape is not None):
        stored = model.quantization
    if model.shape is not None:
        return model.shape.to_shape(), stored
    if known is None:
        raise PlanError(f"{model.id}: the catalogue does not know this model; give model.config or model.shape")
    return known.shape, stored
