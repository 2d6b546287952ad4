"""What is a service to the keeper that a stack installs: what is known before it is made, and what after that?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.keeper.runtime.config import KeeperConfig
    from components.plan.keeper import BudgetPlan
    from components.secret import Secret
    from components.tags import Tags


@dataclass(frozen=True, slots=True)
class Kept:
    """One service, planned; `config` has neither details nor notices yet."""

    config: KeeperConfig
    tags: Tags
    budget: BudgetPlan | None = None
    webhook: Secret | None = None
    """Holds the address that notices of this service are sent to."""
    runpod_key: Secret | None = None
    """Holds the key with which its workers are moved; on RunPod alone."""
    client_keys: Secret | None = None
    """Holds the keys of its clients, where a function answers for it while it sleeps."""
    answered_asleep: bool = False
    """Whether a function answers for it: behind its own load balancer, without a front."""
    wakes_by_url: bool = False
    """Whether a front may ask the keeper to wake it."""

    @property
    def service(self) -> str:
        """Its name."""
        return self.config.service


@dataclass(frozen=True, slots=True)
class Made:
    """The same service, made: what its target offers."""

    details: Mapping[str, pulumi.Input[Any]]
    """What the keeper's own part for this target reads."""
    resource: pulumi.Resource | None = None
    """The keeper's documents and rights go before it does, so that a destroy is not undone; None: another stack's."""
    listener_arn: pulumi.Input[str] | None = None
    """Of its load balancer, where it has one of its own."""
