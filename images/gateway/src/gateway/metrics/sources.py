"""Where do the figures come from? All that this process knows about itself, for those who write it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.config.settings import GatewayConfig
    from gateway.deadline import Drain
    from gateway.metrics.engine_watch import EngineWatch
    from gateway.metrics.recorder import Recorder
    from gateway.task_protection import TaskProtection
    from gateway.upstreams.member import Member


@dataclass(frozen=True, slots=True)
class Sources:
    """One of each."""

    config: GatewayConfig
    recorder: Recorder
    engines: EngineWatch
    members: Sequence[Member]
    drain: Drain
    protection: TaskProtection | None = None
    """None outside of ECS."""
    held: Callable[[], int] = lambda: 0
    """How many requests wait here for a sleeping service."""
