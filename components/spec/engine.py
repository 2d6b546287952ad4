"""Group `engine`: which server runs the model, and with which further flags."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field, field_validator

from components.spec.group import Group
from components.spec.values import refusal

ArgumentValue = str | int | float | bool


class EngineSpec(Group):
    """Which server runs the model."""

    kind: Literal["vllm", "tgi"] | None = None
    """The server program. Omitted: the target's default, vllm on ECS and RunPod, tgi on SageMaker."""
    version: str | None = None
    """Version of the server. Omitted: the newest version whose image and flags the catalogue knows."""
    image: Annotated[str, Field(pattern=r"^[\w][\w./:@-]*$")] | None = None
    """Container image with that engine in that version, with its digest in environment prod. Omitted: the catalogue's
    image for the target; on ECS the stack's `berth:images.engine` comes first."""
    extra_args: dict[str, ArgumentValue] = Field(default_factory=dict)
    """Further flags of the server, as `{enable-prefix-caching: true, seed: 7}` or as a list of
    `--flag=value`. Omitted: none."""

    @field_validator("extra_args", mode="before")
    @classmethod
    def _one_form(cls, value: object) -> dict[str, ArgumentValue]:
        pairs: dict[str, ArgumentValue] = {}
        if isinstance(value, dict):
            for flag, given in cast("dict[object, object]", value).items():
                if not isinstance(given, str | int | float | bool):
                    raise refusal(f"has {flag}: {given!r}", "give a text, a number, true or false (JSON as text)")
                pairs[str(flag).removeprefix("--")] = given
            return pairs
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            if not isinstance(item, str) or not item.startswith("--"):
                raise refusal(f"has the entry {item!r}", "write a mapping of flags, or a list of --flag=value")
            if " " in item.partition("=")[0]:
                raise refusal(f"has the entry {item!r}", f"write {item.replace(' ', '=', 1)}")
            flag, equals, text = item[2:].partition("=")
            pairs[flag] = text if equals else True
        return pairs
