"""Serve one GGUF file over OpenAI's protocol with llama.cpp: `python -m components.local.engine_server SETTINGS`.

It has no key of its own: the gateway, on the same machine, is the one who asks it.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

NOT_INSTALLED = 3


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM; returns 3 when the engine is not installed."""
    settings: dict[str, Any] = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    try:
        llama: Any = importlib.import_module("xllamacpp")
    except ImportError:
        sys.stderr.write("xllamacpp is not installed; run `make setup`, or `pip install 'berth[local]'`\n")
        return NOT_INSTALLED
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    server = llama.Server(parameters(llama.CommonParams(), settings))
    sys.stderr.write(f"serving {settings['path']} at {server.listening_address}\n")
    stopped.wait()
    return 0


def parameters(own: Any, settings: dict[str, Any]) -> Any:
    """Return llama.cpp's parameters for our settings: everything on the processors, each request its whole context."""
    own.model.path = settings["path"]
    own.model_alias = {settings["model_name"]}
    own.hostnames = ["127.0.0.1"]
    own.port = settings["port"]
    own.n_ctx = settings["context"] * settings["sequences"]
    own.n_parallel = settings["sequences"]
    own.n_gpu_layers = 0
    own.endpoint_metrics = True
    own.ui = False
    if settings["threads"] is not None:
        own.cpuparams.n_threads = settings["threads"]
    return own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
