"""What all groups of the spec have in common: frozen, and closed to unknown fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Base of every group. The docstring under a field says what happens when it is omitted."""

    # Validators are built at first use: most commands validate one spec once.
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)
