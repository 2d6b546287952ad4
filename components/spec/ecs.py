"""Group `ecs`: what only the ECS target has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from components.spec.group import Group
from components.spec.values import Duration, Size, refusal

LEAST_ROOT_VOLUME_GIB = 100
_SECONDS_PER_DAY = 86_400
LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922)
"""What CloudWatch Logs accepts up to eight years; source: PutRetentionPolicy, API reference."""


class EcsSpec(Group):
    """What only the ECS target has."""

    deployment: Literal["surge", "recreate"] | None = None
    """surge starts the new replica first and needs one GPU more meanwhile; recreate stops the old one first, and the
    service is down for a cold start. Omitted: surge in environment prod, recreate elsewhere."""
    ami_id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")] | None = None
    """Machine image of the instances. Omitted: the newest ECS GPU image, read at each preview."""
    root_volume: Size = Size(LEAST_ROOT_VOLUME_GIB)
    """Disk of an instance. Omitted: 100GiB."""
    log_retention: Duration = Duration(30 * _SECONDS_PER_DAY)
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

    @field_validator("log_retention")
    @classmethod
    def _is_a_retention(cls, value: Duration) -> Duration:
        days, rest = divmod(value.seconds, _SECONDS_PER_DAY)
        if rest or days not in LOG_RETENTION_DAYS:
            allowed = ", ".join(f"{day}d" for day in LOG_RETENTION_DAYS)
            raise refusal("is not a retention that CloudWatch Logs has", f"use one of: {allowed}")
        return value

    @property
    def log_retention_days(self) -> int:
        return self.log_retention.seconds // _SECONDS_PER_DAY
