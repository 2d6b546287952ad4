"""Group `runpod`: what only the RunPod target has."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, field_validator, model_validator

from components.spec.group import Group
from components.spec.secret import LOOKS_LIKE_A_VALUE, SecretReference
from components.spec.values import Duration, Gigabytes, refusal, switch

_LEAST_VOLUME_GB = 10
_MOST_VOLUME_GB = 4096
_LONGEST_IDLE_SECONDS = 3600
_LONGEST_SECRET_NAME = 64


def _is_a_data_center(value: str) -> str:
    parts = value.split("-")
    if len(parts) != 3 or not parts[2].isdigit() or not (parts[0] + parts[1]).isalpha() or value != value.upper():  # noqa: PLR2004
        raise refusal("is not a data center of RunPod", "write its id in capitals, as EU-RO-1 or US-KS-2")
    return value


DataCenter = Annotated[str, AfterValidator(_is_a_data_center)]


class VolumeSpec(Group):
    """A network volume that keeps the weights between starts, and pins the workers to its data center."""

    size: Gigabytes
    """10GB to 4096GB, and room for the weights; it can grow, never shrink. Must be given."""
    data_center: DataCenter
    """Data center of the volume, as EU-RO-1; another one makes a new, empty volume. Must be given."""
    type: Literal["standard", "high_performance"] = "standard"
    """Storage tier; another one makes a new, empty volume. Omitted: standard."""

    @field_validator("size")
    @classmethod
    def _is_what_runpod_has(cls, value: Gigabytes) -> Gigabytes:
        if not _LEAST_VOLUME_GB <= value.gb <= _MOST_VOLUME_GB:
            raise refusal(
                f"is not between {_LEAST_VOLUME_GB}GB and {_MOST_VOLUME_GB}GB", "use a size within what RunPod offers"
            )
        return value


class RunpodSpec(Group):
    """What only the RunPod target has."""

    mode: Literal["queue", "load_balancer"] = "queue"
    """How requests reach a worker. queue: RunPod keeps them until a worker takes them, which worker-vllm runs.
    load_balancer: straight to a worker, whose gateway keeps limits, templates and keys; streams are as fast as on ECS,
    nothing waits longer than 2m, and the other mode makes a new endpoint with another address. Omitted: queue."""
    token_secret: str | None = None
    """Name of the secret in your RunPod account that holds the Hugging Face token; RunPod fills it in when a worker
    starts. Omitted: no token, refused for a gated model."""
    api_key_secret: SecretReference | None = None
    """Secret of AWS Secrets Manager with a RunPod key, as plain text; make a restricted key for this endpoint. Omitted:
    none, refused with `gateway.front`, which calls the endpoint with it."""
    client_keys_secret: str | None = None
    """Name of the secret in your RunPod account that holds the clients' keys, a JSON object of name to sha256 of the
    RunPod key that this client sends; read by the gateways of mode load_balancer. Omitted: every RunPod key that may
    call the endpoint may use it; refused with a limit of group gateway."""
    idle_timeout: Duration | None = None
    """How long a worker waits for the next request before it stops, 1s to 1h; in mode queue only with scaling.metric
    queue_wait. Omitted: 10s."""
    sleep: Literal["hard", "soft"] = "hard"
    """How the service sleeps outside its hours. hard: no worker can start, requests wait in the queue or are refused.
    soft: none is kept running, and a request starts one, which is paid for, at any hour; a spent budget is hard all the
    same. Omitted: hard."""
    flashboot: Annotated[Literal["off", "on", "priority"], BeforeValidator(switch)] = "on"
    """Whether RunPod keeps the state of stopped workers for faster starts. Omitted: on."""
    registry: str | None = None
    """Id of the credential in your RunPod account with which workers pull a private image. Omitted: the image is
    public."""
    data_centers: tuple[DataCenter, ...] = ()
    """Where workers may run. Omitted: the volume's data center, or everywhere."""
    disk: Gigabytes | None = None
    """Container disk of a worker. Omitted: what image and weights need."""
    volume: VolumeSpec | None = None
    """Omitted: none, each cold start downloads the weights."""

    @field_validator("token_secret", "client_keys_secret")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if LOOKS_LIKE_A_VALUE.match(value):
            raise refusal(
                "looks like the secret itself, not like its name",
                "store it as a secret of your RunPod account, write that secret's name here, and revoke the value that "
                "stood in the file",
            )
        if not value.isascii() or not value.replace("_", "").isalnum() or len(value) > _LONGEST_SECRET_NAME:
            raise refusal(
                "is not the name of a RunPod secret",
                "use letters, digits and underscores, as huggingface_token: it is RunPod's secret, not one of AWS",
            )
        return value

    @field_validator("registry")
    @classmethod
    def _is_an_id(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
            raise refusal(
                "is not the id of a credential",
                "copy the id that RunPod shows for it: user and password of the registry stand there, never here",
            )
        return value

    @field_validator("idle_timeout")
    @classmethod
    def _is_what_a_worker_waits(cls, value: Duration | None) -> Duration | None:
        if value is not None and not 1 <= value.seconds <= _LONGEST_IDLE_SECONDS:
            raise refusal("is not between 1s and 1h", "use 1h or less, as 30s")
        return value

    @field_validator("disk")
    @classmethod
    def _is_a_disk(cls, value: Gigabytes | None) -> Gigabytes | None:
        if value is not None and value.gb < 1:
            raise refusal("is less than 1GB", "leave it out: image and weights decide")
        return value

    @field_validator("data_centers")
    @classmethod
    def _are_distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise refusal("names a data center twice", "name each once")
        return value

    @model_validator(mode="after")
    def _workers_run_where_the_volume_is(self) -> Self:
        if self.volume is not None and self.data_centers not in ((), (self.volume.data_center,)):
            raise refusal(
                f"has data_centers {', '.join(self.data_centers)} and a volume in {self.volume.data_center}, where all "
                "workers run then",
                "leave data_centers out, or move the volume",
            )
        return self
