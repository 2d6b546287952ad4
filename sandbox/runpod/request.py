"""One HTTP request, read from WSGI: method, path, query, bearer and JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.runpod.answers import ProblemError

if TYPE_CHECKING:
    import socket


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """As it arrived, percent-encoded and without the query."""
    query: tuple[tuple[str, str], ...] = ()
    authorization: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)
    host: str = ""
    remote: str = "127.0.0.1"
    connection: socket.socket | None = field(default=None, repr=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """Decoded segments of the path.

        >>> Request("GET", "/v2/catalog/gpus/NVIDIA%20L4").parts
        ('v2', 'catalog', 'gpus', 'NVIDIA L4')
        """
        return tuple(unquote(part) for part in self.path.strip("/").split("/"))

    @property
    def is_local(self) -> bool:
        return ip_address(self.remote).is_loopback

    def json(self) -> Any:
        """The body.

        Raises:
            ProblemError: it is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise ProblemError(400, "the request body is not valid JSON") from None


def read(environ: dict[str, Any]) -> Request:
    """The request of a WSGI environment, body included."""
    stream = environ["wsgi.input"]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw = environ.get("RAW_URI") or environ["PATH_INFO"]
    target = urlsplit(raw if not raw.startswith("//") else "/" + raw.lstrip("/"))
    return Request(
        method=environ["REQUEST_METHOD"],
        path=target.path,
        query=tuple(parse_qsl(target.query, keep_blank_values=True)),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        body=stream.read() if environ.get("wsgi.input_terminated") else stream.read(length),
        host=environ.get("HTTP_HOST", ""),
        remote=environ.get("REMOTE_ADDR", "127.0.0.1"),
        connection=environ.get("werkzeug.socket"),
    )
