"""Which settings does a provider instance have, and which instance is calling?

All instances of a stack reach one attached server, each over its own connection: the peer tells them apart.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider.aws import Aws
from sandbox.provider.contract import Failure
from sandbox.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.provider.values import Props

DEFAULT_REGION = "us-east-1"
_MEANINGFUL = {"region", "defaultTags"}
_ACCEPTED = {
    "accessKey",
    "secretKey",
    "token",
    "profile",
    "allowedAccountIds",
    "endpoints",
    "maxRetries",
    "retryMode",
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
    "version",
}


class Configurations:
    """The configuration of each connected provider instance."""

    def __init__(self, endpoint: str) -> None:
        self._latest = Aws(endpoint, DEFAULT_REGION)
        self._by_peer: dict[str, Aws] = {}

    def problems(self, config: Props) -> Iterator[Failure]:
        """Yield settings that the sandbox does not know, or that have no right form."""
        for name in config:
            if name not in _MEANINGFUL | _ACCEPTED and not name.startswith("__"):
                known = ", ".join(sorted(_MEANINGFUL | _ACCEPTED))
                yield Failure(name, f"the sandbox's aws provider has no such setting; it knows {known}")
        tags = _parsed(config.get("defaultTags"))
        if tags not in (None, UNKNOWN) and not isinstance(tags, dict):
            yield Failure("defaultTags", 'must be an object like {"tags": {"owner": "ml-platform"}}')

    def diff(self, old: Props, new: Props) -> pb.DiffResponse:
        """Say that another region replaces everything made with this provider, and other settings do not."""
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        moved = ["region"] if "region" in changed and old.get("region") is not None else []
        state = pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE
        return pb.DiffResponse(changes=state, diffs=changed, replaces=moved)

    def add(self, peer: str, config: Props) -> None:
        """Take the settings of the instance that calls from `peer`."""
        region = config.get("region")
        tags = _parsed(config.get("defaultTags")) or {}
        tags = _parsed(tags.get("tags")) if isinstance(tags, dict) else {}
        known = (
            {key: str(value) for key, value in tags.items() if value is not UNKNOWN} if isinstance(tags, dict) else {}
        )
        aws = Aws(self._latest.endpoint, region if isinstance(region, str) else DEFAULT_REGION, known)
        self._by_peer[peer] = self._latest = aws

    def of(self, peer: str) -> Aws:
        """Return the settings of the caller; a reconnected one gets the latest."""
        return self._by_peer.get(peer, self._latest)


def _parsed(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
