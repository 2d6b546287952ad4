"""What a plan holds: every decision that a deployment needs, as frozen values.

Displaying, pricing and deploying are readers of a `Plan`; none of them decides anything.
Units are in the names: GiB is 2**30 bytes, GB is 10**9 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.models import Quantization
    from components.cost.estimate import CostEstimate
    from components.sizing.fit import MemoryFit

Target = Literal["ecs", "sagemaker", "runpod"]
ChangeClass = Literal["live", "rolling", "replace"]
NoteLevel = Literal["info", "warning"]


@dataclass(frozen=True, slots=True)
class Note:
    """A thing the user should know about this plan; `field` is the spec path it belongs to."""

    level: NoteLevel
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Hardware:
    """One sized alternative: an instance type and the share of it that one replica uses.

    `gpu_count` is what the replica gets, `instance_gpu_count` what the instance has: a replica has its instance to
    itself, so the difference stays idle and is paid for.
    """

    accelerator: str
    instance_type: str
    gpu: str
    gpu_count: int
    tensor_parallel_size: int
    vcpus: int
    memory_gib: float
    usd_per_hour: float | None
    fit: MemoryFit
    instance_gpu_count: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """An alternative that was looked at and refused, with both sides in `reason`."""

    accelerator: str
    instance_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Which weights are served, and under which name."""

    id: str
    revision: str | None
    source: Literal["hub", "s3"]
    s3_uri: str | None
    token_secret: str | None
    served_name: str
    quantization: Quantization
    dtype: str
    checkpoint_gib: float
    max_context_tokens: int


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """The server process: `arguments` follow the image's entrypoint, `environment` has no secret."""

    kind: Literal["vllm", "tgi"]
    version: str
    image: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ScalingPlan:
    """Replica limits and the metric that moves the count between them."""

    min_replicas: int
    max_replicas: int
    metric: Literal["concurrency", "requests_per_minute"]
    target: float
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """Where the service listens. `vpc_id` is None when the stack makes the VPC."""

    vpc_id: str | None
    public_subnet_ids: tuple[str, ...]
    private_subnet_ids: tuple[str, ...]
    exposure: Literal["internal", "public"]
    certificate_arn: str | None
    domain: str | None
    """Set with a certificate, which holds for no name of the load balancer's own."""
    allowed_cidrs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """The sidecar in front of the engine."""

    image: str
    keys_secret: str | None
    max_request_seconds: int
    drain_seconds: int


@dataclass(frozen=True, slots=True)
class StartupStage:
    """One stage of a start from nothing, in the order in which it happens."""

    name: str
    seconds: int
    basis: str


@dataclass(frozen=True, slots=True)
class EcsPlan:
    """Numbers that only ECS needs, already checked against the limits of its API."""

    ami_id: str | None
    """None: the latest GPU AMI of the SSM parameter, read at preview."""
    root_volume_gib: int
    root_volume_throughput_mib_s: int
    weight_cache_image: str
    engine_memory_mib: int
    engine_memory_reservation_mib: int
    shared_memory_mib: int
    gateway_memory_mib: int
    gateway_memory_reservation_mib: int
    weight_cache_memory_mib: int
    weight_cache_start_timeout_seconds: int
    health_interval_seconds: int
    health_retries: int
    health_start_period_seconds: int
    engine_stop_timeout_seconds: int
    gateway_stop_timeout_seconds: int
    engine_start_timeout_seconds: int
    health_check_grace_seconds: int
    deployment_minimum_percent: int
    deployment_maximum_percent: int
    wait_for_deployment: bool
    """Whether `pulumi up` ends when the new tasks serve, or as soon as ECS has accepted them."""
    deployment_timeout_seconds: int
    instances_max: int
    """Upper bound of the Auto Scaling group: max_replicas, and what a deployment starts beside them."""
    log_retention_days: int
    protect_weight_cache: bool
    load_balancer_idle_seconds: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One service on one target, decided."""

    service: str
    stack: str
    environment: str
    target: Target
    region: str
    model: ModelPlan
    engine: EnginePlan
    hardware: Hardware
    fallbacks: tuple[Hardware, ...]
    rejected: tuple[Rejection, ...]
    scaling: ScalingPlan
    network: NetworkPlan
    gateway: GatewayPlan
    startup_seconds: int
    tags: Mapping[str, str]
    cost: CostEstimate
    ecs: EcsPlan | None = None
    startup: tuple[StartupStage, ...] = ()
    hardware_reason: str = ""
    notes: tuple[Note, ...] = field(default=())
