"""How does a part of the sandbox listen? On loopback, with a thread per connection, and 503 while it starts."""

from __future__ import annotations

import errno
import json
import logging
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.errors import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST = "127.0.0.1"

log = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """Logs only errors: an application logs its calls itself."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        if type == "error":
            log.error(message, *args)


def listen(port: int, variable: str, handler: type[WSGIRequestHandler] = QuietHandler) -> BaseWSGIServer:
    """Claim `port` (0: any free one); `variable` is what chooses it.

    Raises:
        PortTakenError: somebody else listens there.
    """
    try:
        return make_server(HOST, port, _starting, threaded=True, request_handler=handler)
    except (OSError, SystemExit) as error:
        # werkzeug ends the process for a port in use, after it printed why.
        if isinstance(error, OSError) and error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(
            f"port {port}: taken by another process; free it or choose another with {variable}"
        ) from error


def _starting(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "application/json")])
    return [json.dumps({"message": "starting"}).encode()]
