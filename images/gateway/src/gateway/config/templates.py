"""What does a named prompt template add to a request?"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.section import Section, Text, allowed

# These decide what a request is, not how it is answered.
NOT_PARAMETERS = frozenset({"model", "messages", "prompt", "input", "instructions", "stream"})
TemplateName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]


class TemplateConfig(Section):
    """What a request for `<model>@<template>` gets on its way."""

    system_prefix: Text | None = Field(default=None, json_schema_extra=allowed("a text"))
    """Put before the client's system message, or in its place. Omitted: nothing is."""
    system_suffix: Text | None = Field(default=None, json_schema_extra=allowed("a text"))
    """Put behind it. Omitted: nothing is."""
    defaults: dict[str, Any] = Field(
        default_factory=dict[str, Any], json_schema_extra=allowed("parameters of a request with their values")
    )
    """Parameters for requests that do not set them. Omitted: none."""
    fixed: dict[str, Any] = Field(
        default_factory=dict[str, Any], json_schema_extra=allowed("parameters of a request with their values")
    )
    """Parameters that a client may not set to anything else: such a request is refused. Omitted: none."""
    models: tuple[Text, ...] = Field(
        default=(), json_schema_extra=allowed("a list of model names as clients send them")
    )
    """The models that can be asked for with this template. Omitted: every model."""

    @model_validator(mode="after")
    def _parameters_alone(self) -> TemplateConfig:
        wrong = sorted(NOT_PARAMETERS & {*self.defaults, *self.fixed})
        if wrong:
            raise PydanticCustomError("choice", "{name} is no parameter; leave it out", {"name": wrong[0]})
        both = sorted({*self.defaults} & {*self.fixed})
        if both:
            raise PydanticCustomError("choice", "{name} is in defaults and in fixed; keep one", {"name": both[0]})
        return self
