"""What is not as it should be of a kept endpoint on RunPod: the limits of its workers, and how many there are?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.errors import BerthError
from components.keeper.runtime.errors import KeeperError
from components.runpod.client import connect, path_of
from components.runpod.errors import NOT_FOUND, RunpodError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.keeper.drift.band import Band
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.facts import Capacity
    from components.runpod.client import RunpodClient


def lost(config: KeeperConfig, client: Callable[[], RunpodClient] = connect) -> str | None:
    """Return what to say of an endpoint that RunPod does not know; None of one that it knows."""
    try:
        client().get(path_of("serverless", config.details["endpoint_id"]))
    except RunpodError as error:
        if error.status == NOT_FOUND:
            return f"endpoint {config.details['endpoint_id']} is not there any more; run `pulumi refresh`"
        raise KeeperError(str(error)) from None
    except BerthError as error:
        raise KeeperError(str(error)) from None
    return None


def runpod_drift(
    config: KeeperConfig, band: Band, capacity: Capacity, client: Callable[[], RunpodClient] = connect
) -> Iterator[str]:
    """Yield each difference; raises KeeperError where RunPod does not say."""
    try:
        limits: dict[str, Any] = client().get(path_of("serverless", config.details["endpoint_id"]))["workers"]
    except BerthError as error:
        raise KeeperError(str(error)) from None
    least, most, found = config.min_replicas, config.max_replicas, (limits["min"], limits["max"])
    asleep = (0, most if band.soft else 0)
    allowed = [pair for pair, may in (((least, most), band.awake), (asleep, band.asleep)) if may]
    if found not in allowed:
        yield f"workers are {found[0]} to {found[1]}, and not {' or '.join(f'{a} to {b}' for a, b in allowed)}"
    if capacity.replicas > most:
        yield f"{capacity.replicas} workers run, and not {most} or less"
