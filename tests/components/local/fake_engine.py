"""What does a test start in place of an engine? A process that answers 200, and can be told to be difficult.

`python fake_engine.py SETTINGS`: `mode` is serve, deaf (never ready), broken (ends at once) or stubborn (ignores
SIGTERM).
"""

from __future__ import annotations

import json
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    """200 for everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    settings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    mode = settings.get("mode", "serve")
    if mode == "broken":
        sys.exit("no such model")
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "deaf":
        time.sleep(60)
    HTTPServer(("127.0.0.1", settings["port"]), Answers).serve_forever()


if __name__ == "__main__":
    main()
