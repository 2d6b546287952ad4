"""What can go wrong while a service is kept?

KeeperError
├── DocumentError   a document of the keeper is not what it should be
├── MissingError    the platform knows nothing of that name
├── NoCapacityError the platform has nothing to start the service on now
└── BusyError       the platform is in the middle of something; the next run tries again
"""

from __future__ import annotations

from components.errors import BerthError


class KeeperError(BerthError):
    """A service could not be kept as it should be."""


class DocumentError(KeeperError):
    """A document of the keeper is not what it should be."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind` names the parameter: config, state, awake_until or wake."""
        super().__init__(f"{kind}: {reason}")
        self.kind = kind


class MissingError(KeeperError):
    """The platform knows nothing of that name."""


class NoCapacityError(KeeperError):
    """The platform has nothing to start the service on now."""


class BusyError(KeeperError):
    """The platform is in the middle of something; the next run tries again."""
