"""How is the local AWS listened to? One thread per connection; calls take turns at moto's state."""

from __future__ import annotations

import errno
import json
import logging
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.errors import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST = "127.0.0.1"

log = logging.getLogger(__name__)


class _RequestHandler(MotoRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Only errors: the application logs its calls itself."""
        if type == "error":
            log.error(message, *args)


def listen(port: int) -> BaseWSGIServer:
    """Claim `port` (0: any free one) and answer 503 there until `server.app` is set.

    Raises:
        PortTakenError: somebody else listens there.
    """
    try:
        return make_server(HOST, port, _starting, threaded=True, request_handler=_RequestHandler)
    except (OSError, SystemExit) as error:
        # werkzeug ends the process for a port in use, after it printed why.
        if isinstance(error, OSError) and error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(
            f"port {port}: taken by another process; free it or choose another with BERTH_SANDBOX_PORT"
        ) from error


def _starting(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "application/json")])
    return [json.dumps({"message": "starting"}).encode()]
