"""Group `slo`: what a service has to keep; a plan that cannot keep it is not made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.spec.group import Group


class SloSpec(Group):
    """What the service has to keep; the plan fails when even the best estimate misses it, and warns when some do."""

    ttft_ms_p95: Annotated[int, Field(ge=10, le=3_600_000)] | None = None
    """Milliseconds until the first token of an answer, in 95% of the requests of the busiest hour. Omitted: any."""
    cold_start_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """Seconds from the decision to start a replica until it answers. Omitted: any."""
