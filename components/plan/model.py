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
    """One sized alternative: an instance type (on RunPod a GPU pool) and the share of it that one replica uses.

    `gpu_count` is what the replica gets, `instance_gpu_count` what the instance has: a replica has its instance to
    itself, so the difference stays idle and is paid for.
    """

    accelerator: str
    instance_type: str
    gpu: str
    gpu_count: int
    tensor_parallel_size: int
    vcpus: int | None
    memory_gib: float | None
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
    """The server process on the chosen hardware; no secret is in it.

    `arguments` follow the image's entrypoint. Where the image is configured by environment alone, there are none.
    """

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
    metric: Literal["concurrency", "requests_per_minute", "queue_wait"]
    target: float
    """Per replica: requests in flight, requests per minute, or seconds in the queue."""
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
class SagemakerAlternative:
    """One accelerator that an endpoint can run on: an EndpointConfiguration (and Model) of its own.

    The first alternative is the plan's hardware; the next is used when AWS has no capacity for the one before.
    """

    hardware: Hardware
    environment: Mapping[str, str]
    """Of the container; at most 100 keys, each key and value at most 1024 bytes."""
    inference_ami_version: str | None
    startup_health_check_timeout_seconds: int
    model_data_download_timeout_seconds: int


@dataclass(frozen=True, slots=True)
class SagemakerPlan:
    """Numbers and names that only SageMaker needs, already checked against the limits of its API."""

    endpoint_name: str
    """Fixed: it is what clients address. Models and configurations get automatic names."""
    variant_name: str
    alternatives: tuple[SagemakerAlternative, ...]
    model_data_uri: str | None
    """S3 prefix that SageMaker copies to /opt/ml/model; None when the container downloads from the Hub."""
    network_isolation: bool
    initial_instance_count: int
    update_policy: Literal["blue_green", "rolling"]
    termination_wait_seconds: int
    update_timeout_seconds: int
    ready_timeout_seconds: int
    """How long `pulumi up` waits for a new or updated endpoint."""
    log_retention_days: int


@dataclass(frozen=True, slots=True)
class RunpodVolume:
    """A network volume that keeps the weights between starts; it pins the workers to its data center."""

    name: str
    size_gb: int
    data_center: str
    type: Literal["STANDARD", "HIGH_PERFORMANCE"]
    protect: bool


@dataclass(frozen=True, slots=True)
class RunpodPlan:
    """What only RunPod needs: a serverless endpoint in queue mode."""

    endpoint_name: str
    pools: tuple[str, ...]
    """In the order of `accelerators`."""
    excluded_types: tuple[str, ...]
    """GPU types of those pools that the spec does not name, or that the model does not fit."""
    gpu_count: int
    min_cuda_version: str
    disk_gb: int
    workers_min: int
    workers_max: int
    idle_timeout_seconds: int | None
    """None with REQUEST_COUNT, where RunPod refuses it."""
    scaler: Literal["QUEUE_DELAY", "REQUEST_COUNT"]
    scaler_value: float
    """Seconds in the queue, or requests per worker (a whole number)."""
    execution_timeout_ms: int
    flashboot: Literal["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]
    data_centers: tuple[str, ...]
    volume: RunpodVolume | None
    token_secret: str | None
    """Name of a secret of the RunPod account; its value is filled in by RunPod."""
    allowed_types: tuple[str, ...] = ()
    """GPU types that the plan was made for; RunPod's own list of a pool may have others by now."""


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
    startup_seconds: int
    startup_limit_seconds: int
    """How long a start may take before it counts as failed."""
    tags: Mapping[str, str]
    cost: CostEstimate
    power: Literal["on", "off"] = "on"
    """off: the service is parked; everything is kept that costs nothing, and no GPU runs."""
    network: NetworkPlan | None = None
    """None where the target brings its own."""
    gateway: GatewayPlan | None = None
    """None where the target has no gateway in front of the engine."""
    ecs: EcsPlan | None = None
    sagemaker: SagemakerPlan | None = None
    runpod: RunpodPlan | None = None
    startup: tuple[StartupStage, ...] = ()
    hardware_reason: str = ""
    notes: tuple[Note, ...] = field(default=())

    @property
    def needs_network(self) -> bool:
        """True when the stack has to make the VPC that this service runs in."""
        return self.network is not None and self.network.vpc_id is None
