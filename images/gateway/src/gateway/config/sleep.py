"""Does the service behind this gateway sleep at times, who says so, and how is it woken?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.section import Count, PositiveSeconds, Seconds, Section, Text, allowed
from gateway.config.web_address import WEB_ADDRESS, WebAddress


class StateDocumentConfig(Section):
    """A JSON document `{"state": "awake" | "waking" | "asleep", "next_wake": date-time | null}`."""

    parameter: Annotated[str, Field(pattern=r"^/[\w./-]+$")] | None = Field(
        default=None, json_schema_extra=allowed("the name of an SSM parameter such as /berth/prod/chat/state")
    )
    """Name of an SSM parameter. Omitted: it is elsewhere."""
    url: WebAddress | None = Field(default=None, json_schema_extra=allowed(WEB_ADDRESS))
    """An address that answers with it. Omitted: it is elsewhere."""
    file: Text | None = Field(default=None, json_schema_extra=allowed("the path of a file"))
    """Path of a file. Omitted: it is elsewhere."""

    @model_validator(mode="after")
    def _one_of_them(self) -> StateDocumentConfig:
        if sum(place is not None for place in (self.parameter, self.url, self.file)) != 1:
            raise PydanticCustomError("choice", 'name one of "parameter", "url" and "file"')
        return self


class SleepConfig(Section):
    """For a gateway that outlives what it stands before."""

    upstreams: tuple[Text, ...] = Field(default=(), json_schema_extra=allowed("a list of upstreams' names"))
    """Names of the upstreams that sleep with the service; others of a route serve meanwhile. Omitted: all sleep."""
    state: Literal["awake", "asleep"] = Field(default="awake", json_schema_extra=allowed("awake or asleep"))
    """What holds as long as no document says otherwise. Omitted: awake."""
    next_wake: AwareDatetime | None = Field(
        default=None, json_schema_extra=allowed("a date-time with its zone such as 2026-11-23T08:00:00+01:00")
    )
    """When it wakes, beside `state: asleep`. Omitted: nobody knows."""
    document: StateDocumentConfig | None = None
    """Where the keeper says how the service is. Omitted: `state` holds for ever."""
    poll_seconds: PositiveSeconds = 10.0
    """How often the document is read; every 2 s while requests wait. Omitted: 10."""
    wake_url: WebAddress | None = Field(default=None, json_schema_extra=allowed(WEB_ADDRESS))
    """The keeper's hook, asked once for each burst of requests whose keys may wake; signed where it is a Lambda's.
    Omitted: requests wake nothing."""
    wake_seconds: PositiveSeconds = 300.0
    """How long waking takes where the hook does not say. Omitted: 300."""
    hold_seconds: Seconds = 0.0
    """How long a request of a key that may wake waits for the service, or any request while it is waking. Omitted: it
    is answered at once."""
    max_held: Count = 100
    """How many requests may wait at the same time. Omitted: 100."""
