"""How a service is planned on this machine: nothing is chosen and nothing is paid for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.prices import price_table_date
from components.cost.estimate import CostEstimate, CostLine
from components.plan.gateway import GatewayPlan, KeyLimits, Template
from components.plan.local.engine import DEFAULT_FILE
from components.plan.local.notes import local_notes
from components.plan.local.ports import port_of
from components.plan.local.values import LocalPlan
from components.plan.model import EnginePlan, Hardware, ModelPlan, Plan, ScalingPlan
from components.plan.notes import sorted_notes
from components.plan.schedule import schedule_plan
from components.sizing.fit import MemoryFit

if TYPE_CHECKING:
    from components.plan.draft import Request
    from components.spec.service import ServiceSpec

MACHINE = "this machine"
SEQUENCES = 2
"""Requests that llama.cpp works on at once: a second client is served, and a laptop has no memory for many contexts."""
_START_LIMIT_SECONDS = 120
_MOST_DRAIN_SECONDS = 10
"""A developer who stops a service waits for it."""
_GIB = 2**30


def plan_local(request: Request) -> Plan:
    """Return the plan of a service on this machine."""
    spec, local = request.spec, local_plan(request.spec)
    running = 0 if spec.power == "off" else 1
    plan = Plan(
        service=spec.name,
        stack=request.stack,
        environment=spec.environment,
        target=request.target,
        region="local",
        model=_model(spec, local),
        engine=EnginePlan(spec.local.engine, request.engine.version, request.engine.image, (), {}),
        hardware=_hardware(local),
        hardware_reason="the processors of the machine that runs Pulumi",
        fallbacks=(),
        rejected=(),
        scaling=ScalingPlan(running, running, "concurrency", SEQUENCES, 0, 0),
        startup_seconds=0,
        startup_limit_seconds=_START_LIMIT_SECONDS,
        tags=request.tags,
        cost=_cost(),
        power=spec.power,
        schedule=schedule_plan(spec),
        gateway=_gateway(spec),
        local=local,
    )
    return replace(plan, notes=sorted_notes(local_notes(plan, local, spec)))


def local_plan(spec: ServiceSpec) -> LocalPlan:
    """Return what the processes of a service are told."""
    own = spec.local
    serves = own.engine == "llama_cpp"
    port = own.port or port_of(spec.name)
    return LocalPlan(
        engine=own.engine,
        url=own.url,
        url_model=own.url_model,
        url_key_env=own.url_key_env,
        gguf=(own.gguf or DEFAULT_FILE.reference) if serves else None,
        gguf_bytes=DEFAULT_FILE.size_bytes if serves and own.gguf in {None, DEFAULT_FILE.reference} else None,
        port=port,
        engine_port=port + 1 if serves else None,
        threads=own.threads,
        context_tokens=own.context if serves else 0,
        sequences=SEQUENCES,
        keys_file=own.keys_file,
        key_env=own.key_env,
    )


def _model(spec: ServiceSpec, local: LocalPlan) -> ModelPlan:
    revision = local.gguf.partition("@")[2] if local.gguf else ""
    return ModelPlan(
        id=spec.model.id,
        revision=revision or None,
        source="hub",
        s3_uri=None,
        token_secret=None,
        served_name=spec.model.id,
        quantization="none",
        dtype="gguf" if local.gguf else "unknown",
        checkpoint_gib=(local.gguf_bytes or 0) / _GIB,
        max_context_tokens=local.context_tokens,
    )


def _hardware(local: LocalPlan) -> Hardware:
    # A GPU's memory is not divided here; `components.local` looks whether the file fits the machine's own.
    fit = MemoryFit(0, 0, 0, 0, 0, 0, 0, 0, local.context_tokens, SEQUENCES, "fits", "no GPU is used")
    return Hardware("CPU", MACHINE, "none", 0, 1, None, None, 0.0, fit, 0)


def _gateway(spec: ServiceSpec) -> GatewayPlan:
    given = spec.gateway
    return GatewayPlan(
        image="",
        keys_secret=None,
        max_request_seconds=given.max_request.seconds,
        drain_seconds=min(given.max_request.seconds, _MOST_DRAIN_SECONDS),
        limits=KeyLimits(given.requests_per_minute, given.tokens_per_minute, given.concurrency),
        usd_per_hour=0.0,
        templates={name: Template(one.system, dict(one.parameters)) for name, one in sorted(given.templates.items())},
        cors_origins=given.cors_origins,
        log_prompts=given.log_prompts,
    )


def _cost() -> CostEstimate:
    return CostEstimate(
        floor=0.0,
        expected=0.0,
        max=0.0,
        usd_per_million_tokens=None,
        lines=(CostLine(MACHINE, 0.0, 0.0, 0.0, "processes of your own machine"),),
        assumptions=("Electricity is not counted.",),
        price_table_date=price_table_date().isoformat(),
        unknowns=(),
    )
