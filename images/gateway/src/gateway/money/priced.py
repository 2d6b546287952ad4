"""Can what a key spends be counted at all? Only where every upstream has a price: unknown is never free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.key_document import KeysError

if TYPE_CHECKING:
    from gateway.config.settings import GatewayConfig
    from gateway.keys import ClientKeys


def check_priced(keys: ClientKeys | None, config: GatewayConfig) -> None:
    """Let keys pass whose budgets this gateway can keep; None stands for everybody under the defaults.

    Raises:
        KeysError: when one has a budget, and an upstream has no price.
    """
    unpriced = [upstream.name for upstream in config.upstreams if upstream.price is None]
    if keys is None:
        owner = "usd_per_month is set"
    else:
        limited = [key.name for key in keys.all() if key.terms.usd_per_month is not None]
        if not limited:
            return
        owner = f"the key {limited[0]!r} has usd_per_month"
    if unpriced:
        raise KeysError(
            f"{owner}, but nobody knows what {', '.join(unpriced)} costs; set BERTH_USD_PER_HOUR, or a price for each"
            " upstream"
        )
