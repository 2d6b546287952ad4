"""Group `idle`: how long a service may be awake without a request before it is stopped."""

from __future__ import annotations

from pydantic import field_validator

from components.spec.group import Group
from components.spec.values import Duration, refusal

LEAST_IDLE_SECONDS = 900
_LONGEST_IDLE_SECONDS = 7 * 86_400


class IdleSpec(Group):
    """When a service that nobody uses is stopped; scaling.scale_in_cooldown moves replicas, this ends the last."""

    after: Duration
    """Without a request in flight for so long, the service sleeps until a request that may wake it, `berth awake` or
    the next window. 15m to 7d, on SageMaker 20m or more, and longer than a start. Must be given."""

    @field_validator("after")
    @classmethod
    def _is_longer_than_metrics_are_late(cls, value: Duration) -> Duration:
        if not LEAST_IDLE_SECONDS <= value.seconds <= _LONGEST_IDLE_SECONDS:
            raise refusal(
                "is not between 15m and 7d",
                "use 15m or more, as 30m: metrics are minutes late, and each stop costs a whole start",
            )
        return value
