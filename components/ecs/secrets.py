"""Which secrets does a service on ECS read, and do they exist?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.gateway.secrets import NO_SECRETS, GatewaySecrets, find_gateway_secrets
from components.secret import SecretSearch

if TYPE_CHECKING:
    import pulumi

    from components.plan.model import Plan
    from components.secret import Secret


@dataclass(frozen=True, slots=True)
class ServiceSecrets:
    """The secrets of one service; `token` is None where the spec names none."""

    token: Secret | None
    gateway: GatewaySecrets = NO_SECRETS

    def injected(self) -> list[Secret]:
        """Return the ones that the ECS agent hands to the containers."""
        return [*([self.token] if self.token else []), *self.gateway.injected()]


def look_up_secrets(plan: Plan, *, parent: pulumi.Resource | None) -> ServiceSecrets:
    """Find the secrets that a plan names; raises StackError with every one that is missing."""
    search = SecretSearch(plan, parent)
    secrets = ServiceSecrets(
        token=search.find("model.token_secret", plan.model.token_secret, "your Hugging Face token"),
        gateway=NO_SECRETS if plan.gateway is None else find_gateway_secrets(search, plan.gateway),
    )
    search.end()
    return secrets
