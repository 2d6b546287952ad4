"""Group `scaling`: how many replicas, and which metric moves their number."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.spec.group import Group
from components.spec.values import Duration, refusal

_LONGEST_COOLDOWN_SECONDS = 86_400


class ScalingSpec(Group):
    """How many replicas, and which metric moves their number."""

    min_replicas: Annotated[int, Field(ge=0)] = 1
    """Replicas at the least load. Omitted: 1."""
    max_replicas: Annotated[int, Field(ge=1, le=100)] | None = None
    """Replicas at the greatest load. Omitted: min_replicas, the number never changes."""
    metric: Literal["concurrency", "requests_per_minute", "queue_wait"] = "concurrency"
    """What is tracked: requests in flight per replica, requests per minute per replica, or the seconds that a request
    waits in RunPod's queue. Omitted: concurrency."""
    target: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """Value of the metric that scaling aims at. Omitted: with concurrency 0.7 of what fits the cache at the expected
    load, 16 at most; with queue_wait 4 seconds; with requests_per_minute it must be given."""
    scale_out_cooldown: Duration = Duration(600)
    """Wait after adding a replica. Omitted: 10m, so that a loading replica is not counted as missing."""
    scale_in_cooldown: Duration = Duration(600)
    """Wait after removing a replica. Omitted: 10m."""

    @field_validator("scale_out_cooldown", "scale_in_cooldown")
    @classmethod
    def _is_a_pause(cls, value: Duration) -> Duration:
        if value.seconds > _LONGEST_COOLDOWN_SECONDS:
            raise refusal("is more than 1d", "use 1d or less, as 10m")
        return value

    @property
    def max_count(self) -> int:
        """The largest number of replicas, with the default in place."""
        return self.max_replicas if self.max_replicas is not None else max(1, self.min_replicas)

    @model_validator(mode="after")
    def _bounds_are_possible(self) -> Self:
        if self.max_replicas is not None and self.max_replicas < self.min_replicas:
            raise refusal(
                f"has max_replicas {self.max_replicas} below min_replicas {self.min_replicas}",
                f"raise max_replicas to {self.min_replicas} or more, or lower min_replicas",
            )
        if self.metric == "requests_per_minute" and self.target is None:
            raise refusal(
                "has metric requests_per_minute and no target", "set target to the requests a replica can serve"
            )
        return self
