"""The sandbox process: the local AWS and RunPod over HTTP and the Pulumi provider beside them, until it is stopped."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
from contextlib import ExitStack
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from sandbox.aws.app import LocalAws
from sandbox.aws.http import HOST, listen
from sandbox.errors import PortTakenError, SandboxError
from sandbox.listening import listen as listen_http
from sandbox.ports import VARIABLES
from sandbox.process import HASH_SEED, State, port_arguments, source_fingerprint
from sandbox.provider import serve as serve_provider
from sandbox.runpod.app import LocalRunpod

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.serving import BaseWSGIServer

    from sandbox.ports import Ports

LOG_BYTES = 5_000_000
RUNPOD_VARIABLE = VARIABLES[2]

log = logging.getLogger(__name__)


def run(root: Path, ports: Ports) -> None:
    """Serve in the foreground; returns after SIGTERM or SIGINT.

    Raises:
        SandboxError: this checkout's sandbox runs already, a port is taken, or the recorded state cannot be used.
    """
    if not HASH_SEED.items() <= os.environ.items():
        command = [sys.executable, "-m", "sandbox", "serve", "--root", str(root), *port_arguments(ports)]
        os.execve(sys.executable, command, os.environ | HASH_SEED)  # noqa: S606
    state = State(root)
    state.directory.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    with (state.directory / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError(f"{root}: its sandbox is running already; stop it with `berth sandbox stop`") from error
        _log_to(state.log)
        with ExitStack() as parts:
            _serve(state, ports, stop, parts)


def _serve(state: State, ports: Ports, stop: threading.Event, parts: ExitStack) -> None:
    about = {
        "pid": os.getpid(),
        "port": ports.aws,
        "provider_port": ports.provider,
        "runpod_port": ports.runpod,
        "root": str(state.root),
        "source": source_fingerprint(),
    }
    parts.callback(state.forget_process)
    # The ports are claimed before the journal is replayed: the cheaper failure comes first.
    aws_server = listen(ports.aws)
    parts.callback(aws_server.server_close)
    runpod_server = listen_http(ports.runpod, RUNPOD_VARIABLE)
    parts.callback(runpod_server.server_close)
    provider = _listen_for_engine(f"http://{HOST}:{ports.aws}", ports.provider)
    parts.callback(lambda: provider.stop(grace=1).wait(2))
    runpod = LocalRunpod(state.directory, f"http://{HOST}:{ports.runpod}", about)
    parts.callback(runpod.close)
    aws = LocalAws(state.directory, about)
    parts.callback(aws.close)
    aws_server.app, runpod_server.app = aws, runpod
    for server in (aws_server, runpod_server):
        _answer_in_background(server)
        parts.callback(server.shutdown)
    state.write_process(about)
    log.info("AWS on %s:%d, provider on %d, RunPod on %d, pid %d", HOST, *ports, os.getpid())
    stop.wait()
    log.info("stopping")


def _answer_in_background(server: BaseWSGIServer) -> None:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def _listen_for_engine(endpoint: str, port: int) -> Any:
    try:
        return serve_provider(endpoint, port)
    except OSError as error:
        raise PortTakenError(
            f"port {port}: taken by another process; free it or choose another with BERTH_SANDBOX_PROVIDER_PORT"
        ) from error


def _log_to(path: Path) -> None:
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("sandbox").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
