"""Group `gateway`: who may call, and for how long one request may run."""

from __future__ import annotations

from pydantic import field_validator

from components.spec.group import Group
from components.spec.secret import SecretReference  # noqa: TC001 (pydantic reads it)
from components.spec.values import Duration, refusal

_LONGEST_REQUEST_SECONDS = 3600


class GatewaySpec(Group):
    """The server in front of the engine."""

    keys_secret: SecretReference | None = None
    """Secret with the clients' keys, a JSON object of name to sha256 of the key. Omitted: everyone who reaches the
    service may use it; refused when it is public."""
    max_request: Duration = Duration(600)
    """Longest time one request may take. Omitted: 10m."""

    @field_validator("max_request")
    @classmethod
    def _within_what_a_load_balancer_waits(cls, value: Duration) -> Duration:
        if not 1 <= value.seconds <= _LONGEST_REQUEST_SECONDS:
            raise refusal("is not between 1s and 1h", "set it to 1h or less: the load balancer waits 4000 s at most")
        return value
