"""Group `load`: the traffic that is expected; it drives sizing and cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.spec.group import Group


class LoadSpec(Group):
    """The traffic that is expected."""

    requests_per_hour: Annotated[float, Field(gt=0, le=100_000_000)]
    """Mean over all hours of a month. Must be given."""
    input_tokens: Annotated[int, Field(gt=0, le=10_000_000)]
    """Mean tokens of a prompt. Must be given."""
    output_tokens: Annotated[int, Field(gt=0, le=10_000_000)]
    """Mean tokens of an answer. Must be given."""
    peak_concurrency: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    """Requests in flight in the busiest minute. Omitted: no check that the replicas can hold the peak."""

    @property
    def tokens_per_request(self) -> int:
        """Mean length of a request, prompt and answer together."""
        return self.input_tokens + self.output_tokens
