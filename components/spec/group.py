"""What all groups of the spec have in common: frozen, closed to unknown fields, and found in an annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator


class Group(BaseModel):
    """Base of every group. The docstring under a field says what happens when it is omitted."""

    # Validators are built at first use: most commands validate one spec once. What stands under fields is read by
    # `docstrings`, for the schema alone.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


AnyGroup = TypeVar("AnyGroup", bound=Group)


def omitted(group: type[AnyGroup]) -> AnyGroup:
    """Return a group in which every field is omitted: its defaults, which need no validator to be built for them."""
    return group.model_construct()


def groups_in(annotation: object) -> list[type[BaseModel]]:
    """Return the groups that a field's annotation can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [group for part in get_args(annotation) for group in groups_in(part)]


def paths_of(group: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the path of every field of a group and of the groups below it, in the order of declaration."""
    for name, field in group.model_fields.items():
        below = groups_in(field.annotation)
        # A group that can be left out, or written as a word, is a choice by itself.
        if not below or not isinstance(field.annotation, type):
            yield prefix + name
        for part in below:
            yield from paths_of(part, f"{prefix}{name}.")
