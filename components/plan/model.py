"""What a plan holds: every decision that a deployment needs, as frozen values; `<target>/values.py` has what one adds.

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
    from components.plan.ecs.values import EcsPlan
    from components.plan.gateway import FrontPlan, GatewayPlan
    from components.plan.keeper import BudgetPlan, KeeperPlan
    from components.plan.local.values import LocalPlan
    from components.plan.runpod.values import RunpodPlan
    from components.plan.sagemaker.values import SagemakerPlan
    from components.plan.verdict import HostFit, Remedy, SloCheck
    from components.plan.week import Week
    from components.sizing.fit import MemoryFit
    from components.sizing.latency import Performance

Target = Literal["ecs", "sagemaker", "runpod", "local"]
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
    keeper: KeeperPlan | None = None
    """None: nothing starts, stops or meters the service at run time."""
    budget: BudgetPlan | None = None
    """None: the service may cost what it costs."""
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
    def is_kept(self) -> bool:
        """Whether the keeper moves the replicas, so that a deployment leaves their number alone.

        Of a service whose power is off, all want nothing to run: it is parked by the deployment itself.
        """
        return self.keeper is not None and self.keeper.owns_capacity and self.power == "on"

    @property
    def needs_network(self) -> bool:
        """True when the stack has to make the VPC that this service, or the front before it, runs in."""
        networks = (self.network, self.front and self.front.network)
        return any(network is not None and network.vpc_id is None for network in networks)
