"""Which checks do requests and answers pass? None, unless they are configured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.secret import SecretSource  # noqa: TC001 (pydantic reads it)
from gateway.config.section import Count, PositiveSeconds, Section, allowed
from gateway.config.web_address import WEB_ADDRESS, WebAddress


class CheckConfig(Section):
    """One check: a function in the image, or a service that is asked."""

    function: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = Field(
        default=None, json_schema_extra=allowed("module:function, such as house_rules:check")
    )
    """`module:function` of an async function in the image. Omitted: `url` is asked."""
    url: WebAddress | None = Field(default=None, json_schema_extra=allowed(WEB_ADDRESS))
    """Where to POST what is to be checked. Omitted: `function` is called."""
    key: SecretSource | None = Field(default=None, json_schema_extra=allowed('{"env": NAME} or {"file": PATH}'))
    """Sent to `url` as a bearer token. Omitted: none is sent."""
    timeout_seconds: PositiveSeconds = 2.0
    """How long one check may take. Omitted: 2."""
    on_error: Literal["refuse", "pass"] = Field(default="refuse", json_schema_extra=allowed("refuse or pass"))
    """What happens when a check fails or takes too long: `refuse` answers 503, `pass` lets through what could not be
    checked. Omitted: refuse."""

    @model_validator(mode="after")
    def _one_of_both(self) -> CheckConfig:
        if (self.function is None) == (self.url is None):
            raise PydanticCustomError("choice", 'name either a "function" or a "url"')
        if self.key is not None and self.url is None:
            raise PydanticCustomError("choice", '"key" belongs to "url"; leave it out')
        return self


class OutputCheckConfig(CheckConfig):
    """A check of answers; a stream is checked window by window, and passed on as far as it has been."""

    window_characters: Count = 1000
    """How much text of a stream is held back until it has been checked. Omitted: 1000."""


class ChecksConfig(Section):
    """Checks of what goes in and of what comes out."""

    input: CheckConfig | None = None
    """Asked before a request is sent to an upstream. Omitted: requests are not checked."""
    output: OutputCheckConfig | None = None
    """Asked before an answer is passed on. Omitted: answers are not checked."""
