"""What does an engine do as a process? Loads for a while, answers by the model that is named, has children of its own.

Run as `python scripted_engine.py org/model --host 127.0.0.1 --port N`, as vLLM is.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WORDS = ("Grüße", "aus", "Bonn")


class Engine(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, loaded_after: float) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ready_at = time.monotonic() + loaded_after
        self.sick = False
        self.requests: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Engine  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        if self.path == "/health":
            self._send(200 if time.monotonic() >= self.server.ready_at and not self.server.sick else 503, {})
        elif self.path == "/v1/models":
            self._send(200, {"object": "list", "data": [{"id": "org/model"}]})
        elif self.path == "/requests":
            self._send(200, self.server.requests)
        elif self.path == "/environment":
            self._send(200, dict(os.environ))
        else:
            self._send(404, {"error": {"message": "no such route", "type": "NotFoundError", "code": 404}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append({"path": self.path, "body": body})
        model = body.get("model", "")
        if model == "sick":
            self.server.sick = True
            self._send(500, {"error": {"message": "engine died", "type": "InternalServerError", "code": 500}})
        elif model == "unknown":
            self._send(404, {"error": {"message": "no such model", "type": "NotFoundError", "code": None}})
        elif model == "audio":
            self._send(200, b"RIFF")
        elif model == "die":
            os._exit(9)
        elif body.get("stream"):
            self._stream(model)
        else:
            self._send(200, {"object": "chat.completion", "choices": [{"message": {"content": " ".join(WORDS)}}]})

    def _stream(self, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        with contextlib.suppress(OSError):
            for word in WORDS:
                event = f'data: {{"word": "{word}"}}\n\n'.encode()
                if model == "broken" and word == WORDS[1]:
                    self.wfile.write(b"400\r\ndata: {")
                    self.close_connection = True
                    return
                # Cut in the middle of a character.
                for piece in (event[:13], event[13:]):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    time.sleep(0.02)
                if model == "slow":
                    time.sleep(1)
            done = b"data: [DONE]\n\n"
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))

    def _send(self, status: int, content: Any) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Stay silent."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    if "ENGINE_DIES_AT_START" in os.environ:
        sys.exit(int(os.environ["ENGINE_DIES_AT_START"]))
    if "ENGINE_IGNORES_SIGTERM" in os.environ:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        # Without ceremony, and without its children: those are for the supervisor to end.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    if "ENGINE_PIDS" in os.environ:
        Path(os.environ["ENGINE_PIDS"]).write_text(f"{os.getpid()} {child.pid}")
    engine = Engine(port, float(os.environ.get("ENGINE_LOADS_SECONDS", "0")))
    threading.Thread(target=engine.serve_forever, args=(0.02,)).start()


if __name__ == "__main__":
    main()
