"""How is the local AWS listened to? Calls take turns at moto's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import MotoRequestHandler

from sandbox import listening
from sandbox.listening import HOST, QuietHandler

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

__all__ = ["HOST", "listen"]


class _RequestHandler(QuietHandler, MotoRequestHandler):
    """Keeps header names as they were written, for S3's metadata."""


def listen(port: int) -> BaseWSGIServer:
    """Claim `port` (0: any free one) and answer 503 there until `server.app` is set.

    Raises:
        PortTakenError: somebody else listens there.
    """
    return listening.listen(port, "BERTH_SANDBOX_PORT", _RequestHandler)
