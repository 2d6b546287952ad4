"""How does a process of ours come, go on and end, and what of it is written down?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.local import commands, model_file
from components.local.answers import port_is_taken, status_of, wait_until_ready
from components.local.errors import LocalError
from components.local.process import Identity, is_alive, log_tail, start, stop

if TYPE_CHECKING:
    from collections.abc import Mapping

CommandOf = Callable[[str, Path], list[str]]
INPUTS = (
    "role", "directory", "root", "port", "ready", "settings", "gguf", "server", "variables", "graceSeconds",
    "readySeconds",
)  # fmt: skip
OUTPUTS = ("pid", "started", "log")


@dataclass(frozen=True, slots=True)
class Files:
    """What a process has in the folder of its service."""

    directory: Path
    role: str

    @property
    def settings(self) -> Path:
        return self.directory / f"{self.role}.json"

    @property
    def record(self) -> Path:
        """Number and start of the process, for who has lost the state."""
        return self.directory / f"{self.role}.pid"

    @property
    def log(self) -> Path:
        return self.directory / f"{self.role}.log"


def begin(inputs: Mapping[str, Any], command_of: CommandOf = commands.command_of) -> dict[str, Any]:
    """Start a process and return its outputs as soon as it is ready; what cannot get ready is ended again.

    Raises:
        LocalError: the port is taken, the model file is not to be had, the server does not answer, or the process ends.
    """
    files = _files(inputs)
    files.directory.mkdir(parents=True, exist_ok=True)
    _end_recorded(files, inputs)
    what = f"{files.directory.name}: {files.role}"
    port = int(inputs["port"])
    if port_is_taken(port):
        raise LocalError(f"{what}: port {port} is in use by another program; end it, or set local.port to a free pair")
    if inputs.get("server") and status_of(f"{inputs['server']}/models") is None:
        raise LocalError(f"{what}: local.url: nobody answers at {inputs['server']}; start it (`ollama serve`)")
    command = command_of(files.role, files.settings)
    environment = commands.environment_of(files.role, files.settings, inputs["variables"])
    files.settings.write_text(_settings(inputs), encoding="utf-8")
    files.log.write_bytes(b"")
    identity = start(command, environment=environment, directory=files.directory, log=files.log)
    files.record.write_text(json.dumps(asdict(identity)), encoding="utf-8")
    try:
        wait_until_ready(
            inputs["ready"],
            seconds=float(inputs["readySeconds"]),
            is_alive=lambda: is_alive(identity),
            what=what,
            tail=lambda: f"{log_tail(files.log)} ({files.log})",
        )
    except BaseException:
        stop(identity, 0)
        files.record.unlink(missing_ok=True)
        raise
    return {"pid": identity.pid, "started": identity.started, "log": str(files.log)}


def runs(state: Mapping[str, Any]) -> bool:
    """Tell whether the process that a state names is there."""
    return is_alive(_identity(state))


def end(state: Mapping[str, Any]) -> None:
    """End the process of a state and remove its files; one that is gone is ended."""
    files = _files(state)
    stop(_identity(state), float(state["graceSeconds"]))
    for file in (files.settings, files.record, files.log):
        file.unlink(missing_ok=True)
    for folder in (files.directory, files.directory.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _settings(inputs: Mapping[str, Any]) -> str:
    if not inputs.get("gguf"):
        return str(inputs["settings"])
    path = model_file.fetched(inputs["gguf"], Path(inputs["root"]))
    return json.dumps({**json.loads(inputs["settings"]), "path": str(path)}, sort_keys=True)


def _end_recorded(files: Files, inputs: Mapping[str, Any]) -> None:
    """End a process that an earlier run started and nobody remembers."""
    try:
        known = json.loads(files.record.read_text(encoding="utf-8"))
        identity = Identity(int(known["pid"]), str(known["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return
    stop(identity, float(inputs["graceSeconds"]))


def _files(inputs: Mapping[str, Any]) -> Files:
    return Files(Path(inputs["directory"]), inputs["role"])


def _identity(state: Mapping[str, Any]) -> Identity:
    return Identity(int(state["pid"]), str(state["started"]))
