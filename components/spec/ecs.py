"""Group `ecs`: what only the ECS target has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from components.spec.group import Group
from components.spec.retention import A_MONTH, LogRetention, retention_days
from components.spec.values import Size, refusal

LEAST_ROOT_VOLUME_GIB = 100


class EcsSpec(Group):
    """What only the ECS target has."""

    deployment: Literal["surge", "recreate"] | None = None
    """surge starts the new replica first and needs one GPU more meanwhile; recreate stops the old one first, and the
    service is down for a cold start. Omitted: surge in environment prod, recreate elsewhere."""
    ami_id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")] | None = None
    """Machine image of the instances. Omitted: the newest ECS GPU image, read at each preview."""
    root_volume: Size = Size(LEAST_ROOT_VOLUME_GIB)
    """Disk of an instance. Omitted: 100GiB."""
    log_retention: LogRetention = A_MONTH
    """How long logs are kept. Omitted: 30d."""

    @field_validator("root_volume")
    @classmethod
    def _holds_the_image(cls, value: Size) -> Size:
        if not LEAST_ROOT_VOLUME_GIB <= value.gib <= 16_384:  # noqa: PLR2004
            raise refusal(
                f"is not between {LEAST_ROOT_VOLUME_GIB}GiB and 16TiB",
                "set it to 100GiB or more: the engine's image alone unpacks to about 25 GiB, twice during a deployment",
            )
        return value

    @property
    def log_retention_days(self) -> int:
        return retention_days(self.log_retention)
