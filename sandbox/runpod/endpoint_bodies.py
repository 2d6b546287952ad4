"""What may be written when a serverless endpoint is created or changed? The schemas are those of 2026-08-18."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sandbox.runpod.bodies import Body, CudaVersion, GpuTypes, Name

FlashBoot = Literal["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]
EndpointType = Literal["QUEUE", "LOAD_BALANCER"]
Pools = Annotated[list[str], Field(min_length=1)]
# The schema names no default for the disk; this is the console's.
DEFAULT_DISK_GB = 20
DEFAULT_TIMEOUT_MS = 300_000


class QueueDelay(Body):
    type: Literal["QUEUE_DELAY"]
    queue_delay: float = Field(ge=0.5)


class RequestCount(Body):
    type: Literal["REQUEST_COUNT"]
    request_count: int = Field(ge=1)


Scaling = Annotated[QueueDelay | RequestCount, Field(discriminator="type")]


class Workers(Body):
    min: int = Field(default=0, ge=0)
    max: int = Field(default=3, ge=0)
    idle_timeout: int = Field(default=10, ge=1, le=3600)


class Cpu(Body):
    id: Name
    vcpu_count: int = Field(ge=2)


class Gpu(Body):
    """As it is kept: without a floor, the CUDA minimum is empty."""

    pools: Pools
    excluded_types: GpuTypes = Field(default_factory=list)
    count: int = Field(1, ge=1)
    allowed_cuda_versions: list[CudaVersion] = Field(default_factory=list)
    min_cuda_version: str = Field("", pattern=r"^$|^\d+\.\d+$")


class CreateGpu(Gpu):
    min_cuda_version: CudaVersion = ""


class UpdateGpu(Gpu):
    pools: Pools = Field(default_factory=list)

    @model_validator(mode="after")
    def _exclusions_come_with_their_pools(self) -> Self:
        if "excluded_types" in self.model_fields_set and "pools" not in self.model_fields_set:
            raise ValueError("property 'pools' is required, if 'excludedTypes' property exists")
        return self


class _Common(Body):
    """What both bodies share. An update never reads a default: what is not given is left as it is."""

    args: str = ""
    cpu: Annotated[list[Cpu], Field(min_length=1)] = Field(default_factory=list)
    data_center_ids: list[str] = Field(default_factory=list)
    disk: int = Field(DEFAULT_DISK_GB, ge=1)
    env: dict[str, str] = Field(default_factory=dict)
    flashboot: FlashBoot = "OFF"
    image: str = ""
    network_volumes: list[str] = Field(default_factory=list)
    ports: list[str] = Field(default_factory=list)
    registry: str | None = None
    timeout: int = DEFAULT_TIMEOUT_MS
    workers: Workers = Field(default_factory=Workers)


class CreateEndpoint(_Common):
    name: Name
    type: EndpointType
    scaling: Scaling
    gpu: CreateGpu = CreateGpu.model_construct()
    template_id: Name = ""

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        if not self.image and "template_id" not in self.model_fields_set:
            raise ValueError("missing required property 'image'")
        if self.type == "LOAD_BALANCER" and self.scaling.type != "REQUEST_COUNT":
            raise ValueError("property 'scaling' must be REQUEST_COUNT for a LOAD_BALANCER")
        return self


class UpdateEndpoint(_Common):
    name: Name = ""
    scaling: Scaling = QueueDelay.model_construct()
    gpu: UpdateGpu = UpdateGpu.model_construct()
    template_id: str = ""


class Settings(Body):
    """All that is kept of an endpoint."""

    args: str
    data_center_ids: list[str]
    disk: int
    env: dict[str, str]
    flashboot: FlashBoot
    gpu: Gpu
    image: str
    name: str
    network_volumes: list[str]
    ports: list[str]
    registry: str | None
    scaling: Scaling
    timeout: int
    type: EndpointType
    workers: Workers

    @property
    def shows_idle_timeout(self) -> bool:
        """Queues that scale on requests have none: it is refused, and absent from answers."""
        return not (self.type == "QUEUE" and self.scaling.type == "REQUEST_COUNT")


def created(body: CreateEndpoint) -> Settings:
    """The settings of a new endpoint, defaults filled in."""
    document = body.model_dump(by_alias=True, exclude={"cpu", "template_id"})
    return Settings.model_validate(_tidy(document))


def changed(settings: Settings, body: UpdateEndpoint) -> Settings:
    """The settings after a PATCH: given fields replace theirs, `gpu` and `workers` field by field."""
    given = body.given()
    given.pop("templateId", None)
    kept = settings.model_dump(by_alias=True)
    gpu = given.pop("gpu", {})
    if "pools" in gpu:
        gpu = {"excludedTypes": [], **gpu}  # pools and exclusions are one selection: new pools clear them
    merged = kept | given | {"gpu": kept["gpu"] | gpu, "workers": kept["workers"] | given.get("workers", {})}
    return Settings.model_validate(_tidy(merged))


def _tidy(document: dict[str, Any]) -> dict[str, Any]:
    gpu = document["gpu"]
    return document | {"gpu": gpu | {"excludedTypes": [name.strip() for name in gpu["excludedTypes"]]}}
