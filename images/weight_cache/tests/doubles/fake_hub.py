"""What does the Hugging Face hub answer? The few routes that its client uses for a model, on a real socket."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = "a" * 40
STORED_IN_LFS = (".safetensors", ".gguf", ".pth")


class FakeHub:
    """One repository `org/model` with `files`; `refusal` = (status, X-Error-Code) for every request."""

    def __init__(self, files: dict[str, bytes], refusal: tuple[int, str] | None = None) -> None:
        self.files = files
        self.refusal = refusal
        self.published: dict[str, bytes] = {}
        """Content that is listed in place of what is sent, as if it had been damaged on its way."""
        self.commit = COMMIT
        """What `main` and every commit that is asked for are said to be."""
        self.url = ""
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()
        self.ranges: list[str] = []
        self.cut_after: int | None = None
        """Bytes after which the next download of a file breaks off, once."""
        self.may_send = threading.Event()
        """Cleared, downloads of files wait."""
        self.may_send.set()

    @contextmanager
    def running(self) -> Iterator[FakeHub]:
        hub = self

        class Handler(_Handler):
            state = hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: FakeHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Stay silent."""

    def _answer(self) -> None:
        hub, path = self.state, urlsplit(self.path).path
        hub.requests.append((self.command, path))
        hub.tokens.add(self.headers.get("authorization"))
        if hub.refusal is not None:
            self._send(hub.refusal[0], b"{}", {"x-error-code": hub.refusal[1]})
        elif path.removeprefix("/api/models/org/model/revision/") in {"main", COMMIT, hub.commit}:
            siblings = [_listed(name, hub.published.get(name, content)) for name, content in hub.files.items()]
            self._send_json({"id": "org/model", "sha": hub.commit, "siblings": siblings})
        elif path == f"/api/models/org/model/tree/{hub.commit}":
            self._send_json(
                [
                    {"type": "file", "path": name, "size": len(content), "oid": _etag(content)}
                    for name, content in hub.files.items()
                ]
            )
        elif path.startswith(f"/org/model/resolve/{hub.commit}/"):
            self._send_file(hub.files[path.removeprefix(f"/org/model/resolve/{hub.commit}/")])
        else:
            self._send(404, b"{}", {"x-error-code": "RevisionNotFound"})

    def _send_file(self, content: bytes) -> None:
        if self.command == "GET":
            self.state.may_send.wait(30)
        headers = {"etag": f'"{_etag(content)}"', "x-repo-commit": self.state.commit, "accept-ranges": "bytes"}
        wanted = self.headers.get("range")
        status = 200
        if wanted:
            self.state.ranges.append(wanted)
            begin = int(wanted.removeprefix("bytes=").split("-")[0])
            headers["content-range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            content, status = content[begin:], 206
        cut = self.state.cut_after
        if self.command == "GET" and cut is not None and len(content) > cut:
            self.state.cut_after = None
            self.close_connection = True
            self._send(status, content, headers, cut)
        else:
            self._send(status, content, headers)

    def _send_json(self, document: object) -> None:
        self._send(200, json.dumps(document).encode(), {"content-type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:cut])


def _listed(name: str, content: bytes) -> dict[str, object]:
    """As the hub lists a file: what git stores itself by git's id, what LFS stores by its SHA-256 too."""
    file: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": _etag(content)}
    if not name.endswith(STORED_IN_LFS):
        return file
    return file | {"lfs": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 134}}


def _etag(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
