"""Which secrets does a gateway read, and which variables hold them in its container?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.secret import CLIENT_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.gateway import GatewayPlan
    from components.secret import Secret, SecretSearch


@dataclass(frozen=True, slots=True)
class GatewaySecrets:
    """The secrets of one gateway: `client_keys` it reads itself, in turns; ECS puts the others into variables."""

    client_keys: Secret | None
    variables: Mapping[str, Secret] = field(default_factory=dict[str, "Secret"])

    def injected(self) -> list[Secret]:
        """Return the ones that ECS reads, in the order of their variables."""
        return [self.variables[name] for name in sorted(self.variables)]


NO_SECRETS = GatewaySecrets(None)


def fallback_key(index: int) -> str:
    """Return the variable that holds the key of a fallback.

    >>> fallback_key(0)
    'BERTH_FALLBACK_1_KEY'
    """
    return f"BERTH_FALLBACK_{index + 1}_KEY"


def find_gateway_secrets(search: SecretSearch, gateway: GatewayPlan) -> GatewaySecrets:
    """Find what a gateway's plan names."""
    found = {
        fallback_key(index): search.find(f"gateway.fallback[{index}].key_secret", one.key_secret, "the key")
        for index, one in enumerate(gateway.fallback)
    }
    return GatewaySecrets(
        client_keys=search.find("gateway.keys_secret", gateway.keys_secret, CLIENT_KEYS),
        variables={name: secret for name, secret in found.items() if secret is not None},
    )
