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
    from components.cost.apis import ApiComparison
    from components.cost.estimate import CostEstimate
    from components.plan.gateway import FrontPlan, GatewayPlan
    from components.plan.verdict import HostFit, Remedy, SloCheck
    from components.plan.week import Week
    from components.sizing.fit import MemoryFit
    from components.sizing.latency import Performance

Target = Literal["ecs", "sagemaker", "runpod", "local"]
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

    kind: Literal["vllm", "tgi", "llama_cpp", "url"]
    """llama_cpp and url on the local target alone."""
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
class SchedulePlan:
    """When the service is awake. `hours` is the canonical text, `holidays` are local dates and ranges of them."""

    hours: str
    zone: str
    holidays: tuple[str, ...]
    start: Literal["auto", "manual"]
    hours_per_month: float
    """Of a month of 730 hours, holidays not taken off."""


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
class StartupStage:
    """One stage of a start from nothing, in the order in which it happens; `seconds` is what is expected."""

    name: str
    seconds: int
    basis: str
    low_seconds: int
    high_seconds: int


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
    spot_percent: int = 0
    """Share of the instances that is spare capacity."""


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
class LocalPlan:
    """What only the local target needs: a gateway as a process of this machine, and what answers behind it."""

    engine: Literal["llama_cpp", "url"]
    url: str | None
    """Of the server that answers, with engine url; None where the engine is a process of ours."""
    url_model: str | None
    url_key_env: str | None
    """Name of the variable with the key for that server."""
    gguf: str | None
    """A path, or `ORGANISATION/REPOSITORY/FILE@REVISION` on the Hub; None with engine url."""
    gguf_bytes: int | None
    """None where only the file itself can tell."""
    port: int
    """Of the gateway."""
    engine_port: int | None
    threads: int | None
    """None: as many as the machine has."""
    context_tokens: int
    """Of one request; 0 with engine url, whose server decides."""
    sequences: int
    """Requests that the engine works on at once; the others wait."""
    keys_file: str | None
    key_env: str | None


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
    schedule: SchedulePlan | None = None
    """None: always awake."""
    network: NetworkPlan | None = None
    """None where the target brings its own."""
    gateway: GatewayPlan | None = None
    """Beside each engine; None where the target has none there."""
    front: FrontPlan | None = None
    """Before the target; None where the spec asks for none, and clients reach the target itself."""
    ecs: EcsPlan | None = None
    sagemaker: SagemakerPlan | None = None
    runpod: RunpodPlan | None = None
    local: LocalPlan | None = None
    startup: tuple[StartupStage, ...] = ()
    first_startup: tuple[StartupStage, ...] = ()
    """What the very first start does besides."""
    hardware_reason: str = ""
    host: HostFit | None = None
    remedies: tuple[Remedy, ...] = ()
    """Cheaper hardware, the largest saving first."""
    performance: Performance | None = None
    slo: tuple[SloCheck, ...] = ()
    """The goals of the spec; a plan that cannot meet one is not made."""
    week: Week | None = None
    """Requests, awake hours and replicas, hour by hour."""
    apis: ApiComparison | None = None
    """None where no load is expected."""
    notes: tuple[Note, ...] = field(default=())

    @property
    def needs_network(self) -> bool:
        """True when the stack has to make the VPC that this service, or the front before it, runs in."""
        networks = (self.network, self.front and self.front.network)
        return any(network is not None and network.vpc_id is None for network in networks)
