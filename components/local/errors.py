"""What can go wrong with a process on this machine?"""

from __future__ import annotations

from components.errors import BerthError


class LocalError(BerthError):
    """A process of the local target could not be started, or its model file could not be had."""
