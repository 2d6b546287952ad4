"""What may be written when a network volume is created or changed? The schemas are those of 2026-08-18."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sandbox.runpod.bodies import Body, Name

Gigabytes = Annotated[int, Field(ge=10, le=4096)]
VolumeType = Literal["STANDARD", "HIGH_PERFORMANCE"]


class CreateVolume(Body):
    name: Name
    size: Gigabytes
    data_center: Name
    type: VolumeType = "STANDARD"


class UpdateVolume(Body):
    """Size and name; everything else of a volume stays as it was made."""

    name: Name = ""
    size: Gigabytes = 10

    @model_validator(mode="after")
    def _something_is_given(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("minProperties: got 0, want 1")
        return self
