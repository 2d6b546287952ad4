"""How is a request's body checked? Strictly, and all its mistakes are reported at once, as the API does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.runpod.answers import ProblemError

if TYPE_CHECKING:
    from collections.abc import Hashable


class Body(BaseModel):
    """Fields in the API's spelling (`idleTimeout`); unknown ones, and numbers as text or 3.0 for 3, are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    def given(self) -> dict[str, Any]:
        """What the caller wrote, without defaults."""
        return self.model_dump(by_alias=True, exclude_unset=True)


VARIANTS = frozenset({"QUEUE_DELAY", "REQUEST_COUNT"})
"""What chose a member of a union is part of pydantic's location of a mistake, but of no JSON path."""
_NOT_AN_OBJECT = frozenset({"model_type", "model_attributes_type", "dict_type"})

Checked = TypeVar("Checked", bound=Body)


def unique(values: list[Hashable]) -> list[Hashable]:
    if len(set(values)) != len(values):
        raise ValueError("items must be unique")
    return values


Name = Annotated[str, Field(min_length=1)]
CudaVersion = Annotated[str, Field(pattern=r"^\d+\.\d+$")]
GpuTypes = Annotated[list[Annotated[str, Field(pattern=r"^\s*[^-\s]")]], AfterValidator(unique)]


def checked(model: type[Checked], document: Any) -> Checked:
    """The document as `model`.

    Raises:
        ProblemError: 422 with one line per mistake.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise ProblemError(
            422, "Request validation failed.", [_line(dict(mistake)) for mistake in error.errors()]
        ) from None


def _line(mistake: dict[str, Any]) -> str:
    """One mistake in the words of a JSON Schema validator.

    >>> _line({"type": "missing", "loc": ("scaling",)})
    "$: missing required property 'scaling'"
    """
    *parents, last = mistake["loc"] or ("",)
    if mistake["type"] == "missing":
        return f"{_path(parents)}: missing required property {last!r}"
    if mistake["type"] == "extra_forbidden":
        return f"{_path(parents)}: additional properties {last!r} not allowed"
    if mistake["type"] in _NOT_AN_OBJECT:
        return f"{_path(mistake['loc'])}: input should be an object"
    text = mistake["msg"].removeprefix("Value error, ")
    return f"{_path(mistake['loc'])}: {text[0].lower()}{text[1:]}"


def _path(location: Any) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location if step not in VARIANTS]
    return "$" + "".join(steps)
