"""What of one kept service is drift?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.keeper.document import digest
from components.keeper.drift.band import TAIL, band
from components.keeper.drift.ecs import ecs_drift
from components.keeper.drift.runpod import lost, runpod_drift
from components.keeper.drift.sagemaker import foreign, sagemaker_drift
from components.keeper.runtime.platforms import Platforms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from components.keeper.drift.band import Band
    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Capacity
    from components.keeper.runtime.services import Documents


def drift(
    config: KeeperConfig,
    documents: Documents,
    deployed_sha256: str | None,
    now: datetime,
    clients: Callable[[str, str | None], Any],
    calls: Calls,
) -> Iterator[str]:
    """Yield each thing outside of what is allowed; raises KeeperError where a platform or a document does not say.

    `deployed_sha256` is of the document that the stack wrote, None where it wrote none.
    """
    text = documents.read("config")
    if deployed_sha256 is not None and text is not None and digest(text) != deployed_sha256:
        yield "the keeper is told something else than what was deployed; run `pulumi up --refresh`"
    if not config.owns_capacity:
        return
    if not_ours := _not_ours(config, clients):
        yield not_ours
        return
    capacity = Platforms(clients, lambda: now, calls).target(config).capacity()
    allowed = band(config, documents, capacity, now)
    for one in _of_platform(config, allowed, capacity, clients, calls):
        yield f"{one}; it is to be {allowed.wanted}, as {allowed.why}"
    if allowed.is_settled and not allowed.soft and capacity.replicas:
        running = ", ".join(f"{count} {name}" for name, count in sorted(capacity.running.items()) if count)
        minutes = round(TAIL.total_seconds() / 60)
        yield f"{running} still billed, more than {minutes} min after it was put to sleep, as {allowed.why}"


def _not_ours(config: KeeperConfig, clients: Callable[[str, str | None], Any]) -> str | None:
    """Return why there is nothing to look at any further."""
    if config.target == "sagemaker":
        return foreign(config, clients)
    return lost(config) if config.target == "runpod" else None


def _of_platform(
    config: KeeperConfig, allowed: Band, capacity: Capacity, clients: Callable[[str, str | None], Any], calls: Calls
) -> Iterator[str]:
    if config.target == "ecs":
        return ecs_drift(config, allowed, capacity, clients, calls)
    if config.target == "sagemaker":
        return sagemaker_drift(config, allowed, clients)
    return runpod_drift(config, allowed, capacity)
