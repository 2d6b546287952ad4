"""Which physical name does a resource get when its program gives none?"""

from __future__ import annotations

import hashlib
import itertools
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.provider.contract import Failure

if TYPE_CHECKING:
    from pulumi.runtime.proto import provider_pb2 as pb

    from sandbox.provider.values import Props

RANDOM_DIGITS = 7
_COUNTER = itertools.count(1)
_COUNTING = threading.Lock()


def automatic_name(request: pb.CheckRequest, olds: Props, limit: int) -> str | Failure:
    """Return the name from the bridge's rule `<logical name>-<7 hex>`; an automatic name that exists is kept."""
    if "name" in olds.get("__defaults", []) and isinstance(olds.get("name"), str):
        return olds["name"]
    options = request.autonaming if request.HasField("autonaming") else None
    if options is not None and options.mode == options.DISABLE:
        return Failure("name", "required, since automatic naming is disabled for this stack")
    if options is not None and options.mode == options.ENFORCE:
        name = options.proposed_name
    else:
        logical_name = request.urn.rsplit("::", 1)[-1]
        name = (
            f"{logical_name}-{_hex(request)}" if options is None or not options.proposed_name else options.proposed_name
        )
    if len(name) > limit:
        return Failure(
            "name",
            f"automatic name {name!r} has {len(name)} characters, the limit is {limit}; shorten the resource's name",
        )
    return name


def prefixed_name(prefix: str) -> str:
    """Return `prefix` with 26 digits that no other name has: the time and a counter."""
    with _COUNTING:
        return f"{prefix}{datetime.now(tz=UTC):%Y%m%d%H%M%S}{next(_COUNTER):012x}"


def _hex(request: pb.CheckRequest) -> str:
    seed = request.randomSeed or request.urn.encode()
    return hashlib.sha256(seed).hexdigest()[:RANDOM_DIGITS]
