"""One entry of `gateway.templates`: a prompt with a name."""

from __future__ import annotations

from typing import Self, cast

from pydantic import Field, field_validator, model_validator

from components.spec.engine import ArgumentValue
from components.spec.group import Group
from components.spec.values import refusal

_OF_THE_CLIENT = ("input", "instructions", "messages", "model", "prompt", "stream")


class TemplateSpec(Group):
    """What is added to a request that names this template."""

    system: str | None = None
    """Text that is put before the messages, as the system's. Omitted: none."""
    parameters: dict[str, ArgumentValue] = Field(default_factory=dict[str, ArgumentValue])
    """Fields of the request that the client leaves out, as `temperature: 0.2`. Omitted: none."""

    @field_validator("parameters", mode="before")
    @classmethod
    def _are_plain_and_leave_the_request_alone(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        given = cast("dict[object, object]", value)
        for name, parameter in given.items():
            if name in _OF_THE_CLIENT:
                raise refusal(f"has {name}, which every client sends itself", f"remove {name}")
            if not isinstance(parameter, str | int | float | bool):
                raise refusal(f"has {name}: {parameter!r}", "give a text, a number, true or false")
        return given

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if not self.system and not self.parameters:
            raise refusal("adds nothing", "give it a system text or parameters, or remove it")
        return self

    @property
    def length(self) -> int:
        """Characters that it takes in the gateway's configuration."""
        return len(self.system or "") + len(str(self.parameters))
