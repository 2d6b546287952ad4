"""The sandbox process: the AWS endpoint over HTTP and the Pulumi provider beside it, until it is told to stop."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from sandbox.aws.app import LocalAws
from sandbox.aws.http import HOST, listen
from sandbox.errors import PortTakenError, SandboxError
from sandbox.process import HASH_SEED, State, source_fingerprint
from sandbox.provider import serve as serve_provider

if TYPE_CHECKING:
    from pathlib import Path

LOG_BYTES = 5_000_000

log = logging.getLogger(__name__)


def run(root: Path, port: int, provider_port: int) -> None:
    """Serve in the foreground; returns after SIGTERM or SIGINT.

    Raises:
        SandboxError: this checkout's sandbox runs already, a port is taken, or the recorded state cannot be used.
    """
    if not HASH_SEED.items() <= os.environ.items():
        command = [sys.executable, "-m", "sandbox", "serve", "--root", str(root), "--port", str(port)]
        command += ["--provider-port", str(provider_port)]
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
        _serve(state, port, provider_port, stop)


def _serve(state: State, port: int, provider_port: int, stop: threading.Event) -> None:
    about = {
        "pid": os.getpid(),
        "port": port,
        "provider_port": provider_port,
        "root": str(state.root),
        "source": source_fingerprint(),
    }
    # The ports are claimed before the journal is replayed: the cheaper failure comes first.
    server = listen(port)
    provider = None
    aws = None
    try:
        provider = _listen_for_engine(f"http://{HOST}:{port}", provider_port)
        aws = LocalAws(state.directory, about)
        server.app = aws
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        state.write_process(about)
        log.info("listening on %s:%d, provider on %d, pid %d", HOST, port, provider_port, os.getpid())
        stop.wait()
        log.info("stopping")
        server.shutdown()
    finally:
        if provider is not None:
            provider.stop(grace=1).wait(2)
        server.server_close()
        if aws is not None:
            aws.close()
        state.forget_process()


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
