"""What all groups of the spec have in common: frozen, closed to unknown fields, and found in an annotation."""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Base of every group. The docstring under a field says what happens when it is omitted."""

    # Validators are built at first use: most commands validate one spec once.
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, defer_build=True
    )


def groups_in(annotation: object) -> list[type[BaseModel]]:
    """Return the groups that a field's annotation can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [group for part in get_args(annotation) for group in groups_in(part)]
