"""What do all parts of the configuration have in common? Frozen, and closed to what they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from pydantic.config import JsonDict


class Section(BaseModel):
    """Base of every part. A field's docstring says what it means and what happens when it is omitted."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def allowed(text: str) -> JsonDict:
    """What an error message invites to write, for `Field(json_schema_extra=...)`."""
    return {"allowed": text}


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Seconds = Annotated[float, Field(ge=0, json_schema_extra=allowed("seconds, 0 or more"))]
PositiveSeconds = Annotated[float, Field(gt=0, json_schema_extra=allowed("seconds, more than 0"))]
Count = Annotated[int, Field(ge=1, json_schema_extra=allowed("a whole number, 1 or more"))]
Bytes = Annotated[int, Field(ge=1, json_schema_extra=allowed("a whole number of bytes, 1 or more"))]
