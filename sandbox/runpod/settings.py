"""What can be set about the local RunPod itself, while it runs?"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """How fast the scripted workers are, what the account may have, and what is sold out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    worker_quota: int = Field(default=5, ge=0)
    """Sum of `workers.max` over all endpoints; 5 is what an account has with an empty balance."""
    cold_start_seconds: float = Field(default=0.5, ge=0)
    token_seconds: float = Field(default=0.002, ge=0)
    """Per part of an answer: a streamed token, or a whole document."""
    enforce_rate_limits: bool = False
    """Whether the 61st management call of a minute is answered 429. The headers count in any case."""
    out_of_stock: tuple[str, ...] = ()
    """Pools where no worker is placed: they wait, THROTTLED."""
    fail_jobs: int = Field(default=0, ge=0)
    """So many of the next jobs fail in their worker."""
    openai_wait_seconds: float = Field(default=300.0, gt=0)
    """How long a request on an OpenAI route waits for its answer; not documented."""
    balancer_wait_seconds: float = Field(default=120.0, gt=0)
    """How long a load balancer looks for a worker before it answers 400."""
    balancer_limit_seconds: float = Field(default=330.0, gt=0)
    """When it ends a request that a worker has, with 524."""
