"""How a service is planned on ECS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components.catalogue.instances import instances, is_offered, regions_offering, usd_per_hour
from components.cost import EcsCostInputs, ecs_estimate
from components.errors import PlanError
from components.plan.demand import expectation
from components.plan.draft import draft
from components.plan.ecs.engine import vllm_engine
from components.plan.ecs.notes import ecs_notes
from components.plan.ecs.numbers import drain_seconds, ecs_plan, is_too_slow
from components.plan.ecs.startup import MOST_SECONDS, startup_budget, startup_stages
from components.plan.market import Market, Offer
from components.plan.model import GatewayPlan, NetworkPlan, Plan, Rejection
from components.plan.notes import sorted_notes
from components.sizing.host import host_refusal

if TYPE_CHECKING:
    from components.cost import CostEstimate
    from components.plan.draft import Draft, Request
    from components.plan.model import EcsPlan
    from components.spec.service import ServiceSpec
    from components.spec.values import Accelerator


def plan_ecs(request: Request) -> Plan:
    """Return the plan of a service on ECS; `PlanError` when nothing in the region can run it."""
    made = draft(request, ecs_market(request.region))
    spec, images = request.spec, request.images
    # check_target has refused a stack without them.
    gateway_image, weight_cache_image = images.gateway or "", images.weight_cache or ""
    stages = startup_stages(request.engine, made.checkpoint_gib)
    startup_seconds = sum(stage.seconds for stage in stages)
    if is_too_slow(startup_seconds):
        raise PlanError(
            f"{spec.name}: a start takes {startup_seconds} s, ECS waits for {MOST_SECONDS} s; use a smaller checkpoint"
        )
    drain = drain_seconds(spec.gateway.max_request.seconds)
    ecs = ecs_plan(
        spec,
        made.hardware,
        startup_seconds=startup_seconds,
        checkpoint_gib=made.checkpoint_gib,
        weight_cache_image=weight_cache_image,
    )
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
            start_seconds=startup_budget(startup_seconds),
            extra_args=spec.engine.extra_args,
        ),
        hardware=made.hardware,
        hardware_reason=made.choice.reason,
        fallbacks=made.choice.fallbacks,
        rejected=made.choice.rejected,
        scaling=made.scaling,
        network=_network(spec),
        gateway=GatewayPlan(gateway_image, spec.gateway.keys_secret, spec.gateway.max_request.seconds, drain),
        startup_seconds=startup_seconds,
        startup_limit_seconds=startup_budget(startup_seconds),
        startup=stages,
        tags=request.tags,
        power=spec.power,
        cost=_cost(made, ecs),
        ecs=ecs,
    )
    return replace(plan, notes=sorted_notes(ecs_notes(plan, made, ecs)))


def ecs_market(region: str) -> Market:
    """Return the GPU instances that a region offers, whole GPUs only."""
    offered = [row for row in instances().values() if is_offered(row.instance_type, region)]

    def shares(accelerator: Accelerator) -> tuple[Rejection, ...]:
        """Of the instances with a share of this GPU the largest: ECS registers none of their GPUs."""
        parts = [row for row in offered if row.gpu == accelerator.gpu and row.gpu_count < 1 and accelerator.count == 1]
        if not parts:
            return ()
        largest = max(parts, key=lambda row: row.gpu_count)
        reason = f"has {largest.gpu_count:g} of a GPU, which the ECS image does not register"
        return (Rejection(str(accelerator), largest.instance_type, reason),)

    return Market(
        place=region,
        offers=tuple(
            Offer(
                row.instance_type,
                row.gpu,
                int(row.gpu_count),
                row.vcpus,
                row.memory_gib,
                usd_per_hour(row.instance_type, region),
            )
            for row in offered
            if row.gpu_count >= 1
        ),
        absence=lambda accelerator: _absence(accelerator, region),
        host_refusal=host_refusal,
        gpu_refusal=lambda _: None,
        passed_over=shares,
    )


def _absence(accelerator: Accelerator, region: str) -> str:
    carriers = [
        row for row in instances().values() if row.gpu == accelerator.gpu and row.gpu_count >= accelerator.count
    ]
    if not carriers:
        return f"no EC2 instance type has {accelerator.count} {accelerator.gpu}"
    regions = sorted({where for row in carriers for where in regions_offering(row.instance_type)})
    return f"not offered in {region}; offered in {', '.join(regions)}" if regions else f"not offered in {region}"


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


def _cost(made: Draft, ecs: EcsPlan) -> CostEstimate:
    spec, hardware = made.spec, made.hardware
    expected = expectation(spec, made.scaling, made.wanted)
    return ecs_estimate(
        EcsCostInputs(
            region=made.request.region,
            instance_type=hardware.instance_type,
            usd_per_hour=hardware.usd_per_hour,
            min_replicas=made.scaling.min_replicas,
            max_replicas=made.scaling.max_replicas,
            expected_replicas=expected.replicas,
            root_volume_gib=ecs.root_volume_gib,
            root_volume_throughput_mib_s=ecs.root_volume_throughput_mib_s,
            checkpoint_gib=made.checkpoint_gib,
            image_gb=made.request.engine.compressed_gb,
            public=spec.network.exposure == "public",
            makes_network=spec.network.vpc == "create",
            from_hub=spec.model.source == "hub",
            log_retention_days=ecs.log_retention_days,
            million_tokens_per_month=expected.million_tokens_per_month,
            assumptions=expected.assumptions,
        )
    )
