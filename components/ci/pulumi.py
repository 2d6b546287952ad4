"""How is the Pulumi CLI run, so that its events are read, its output is seen, and nothing is left behind?"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from components.ci.events import Told, read_events
from components.ci.exit_codes import CiError
from components.ci.project import PROJECT_FILE, STACKS
from components.spec.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_QUIET = ("--non-interactive", "--color", "never")
_ENCRYPTION = ("encryptionsalt", "secretsprovider", "encryptedkey")
_MOST_HISTORY = "10000"


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run ended: what the engine told, the exit code, and what a person reads."""

    told: Told
    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Pulumi:
    """The CLI in a checkout; `say` gets every line that it prints, while it runs."""

    root: Path
    say: Callable[[str], None]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is set besides the environment of this process."""

    def preview(self, stack: str, policies: Sequence[str] = (), config_file: Path | None = None) -> Ran:
        """Preview a stack with its policies."""
        return self._told(["preview", "--suppress-outputs", "--suppress-progress"], stack, policies, config_file)

    def up(self, stack: str, policies: Sequence[str], message: str, config_file: Path | None = None) -> Ran:
        """Deploy a stack; Pulumi previews it with the policies first, so that nothing is made of what they refuse."""
        command = ["up", "--yes", "--suppress-outputs", "--suppress-progress", "--message", message]
        return self._told(command, stack, policies, config_file)

    def destroy(self, stack: str) -> Ran:
        """Destroy what a stack holds, by its state alone, and remove the stack with its history."""
        return self._told(["destroy", "--yes", "--remove", "--suppress-progress"], stack, (), None)

    def stacks(self) -> list[str]:
        """Return the stacks of this project that the backend knows."""
        return [one["name"].rpartition("/")[2] for one in self._json("stack", "ls", "--json")]

    def tags(self, stack: str) -> dict[str, str]:
        """Return the tags of a stack."""
        return self._json("stack", "tag", "ls", "--json", "--stack", stack) or {}

    def set_tag(self, stack: str, name: str, value: str) -> None:
        self._ask("stack", "tag", "set", "--stack", stack, name, value)

    def create(self, stack: str, secrets_provider: str | None = None) -> None:
        provider = ["--secrets-provider", secrets_provider] if secrets_provider else []
        self._ask("stack", "init", stack, *provider)

    def history(self, stack: str) -> list[dict[str, Any]]:
        """Return the updates of a stack, the latest first."""
        return self._json("stack", "history", "--output", "json", "--page-size", _MOST_HISTORY, "--stack", stack) or []

    def exported(self, stack: str) -> list[dict[str, Any]]:
        """Return the resources of a stack's state, secrets hidden."""
        deployment = self._json("stack", "export", "--stack", stack).get("deployment") or {}
        return deployment.get("resources") or []

    def outputs(self, stack: str) -> dict[str, dict[str, Any]]:
        """Return what each service of a stack exported."""
        return self._json("stack", "output", "--json", "--stack", stack).get("services") or {}

    def _told(self, command: Sequence[str], stack: str, policies: Sequence[str], config_file: Path | None) -> Ran:
        more = ["--config-file", str(config_file)] if config_file else []
        with TemporaryDirectory() as folder:
            log = Path(folder) / "events.json"
            given = [*command, "--stack", stack, *policies, *more, "--event-log", str(log)]
            code, output = self._run(given, {"PULUMI_DEBUG_COMMANDS": "true"})
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        return Ran(read_events(lines), code, output)

    def _run(self, arguments: Sequence[str], more: Mapping[str, str]) -> tuple[int, str]:
        lines: list[str] = []
        environment = {**os.environ, **self.environment, **more}
        with (
            _interrupts_left_to_child(),
            subprocess.Popen(
                [_pulumi(), *arguments, *_QUIET],
                cwd=self.root,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            for line in process.stdout or ():
                lines.append(line)
                self.say(line.rstrip("\n"))
            return process.wait(), "".join(lines)

    def _json(self, *arguments: str) -> Any:
        text = self._ask(*arguments)
        starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
        # A CLI that has just loaded something may say so first.
        return json.loads(text[min(starts) :]) if starts else None

    def _ask(self, *arguments: str) -> str:
        command = [_pulumi(), *arguments, "--non-interactive"]
        environment = {**os.environ, **self.environment}
        result = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        if result.returncode:
            said = result.stderr.strip().removeprefix("error: ") or f"exit code {result.returncode}"
            raise CiError(f"`pulumi {' '.join(arguments)}`: {said}")
        return result.stdout


@contextmanager
def unknown_to_backend(pulumi: Pulumi, stack: str, file: Path) -> Iterator[tuple[Pulumi, Path]]:
    """Give a backend of its own to a stack that the real one does not know, so that a preview does not create it.

    Nothing of the stack's secrets can be read there: values that are encrypted are left out.
    """
    with TemporaryDirectory() as folder:
        document = {name: value for name, value in read_document(file).items() if name not in _ENCRYPTION}
        config = document.get("config") or {}
        document["config"] = {
            name: value for name, value in config.items() if not (isinstance(value, dict) and "secure" in value)
        }
        copy = Path(folder) / file.name
        copy.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        state = Path(folder) / "state"
        state.mkdir()
        own = {"PULUMI_BACKEND_URL": f"file://{state}", "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(16)}
        environment = {**pulumi.environment, **own}
        # Made from a project without stack files: the key in that of the checkout is for the passphrase of another.
        project = Path(folder) / "project"
        (project / STACKS).mkdir(parents=True)
        (project / PROJECT_FILE).write_bytes((pulumi.root / PROJECT_FILE).read_bytes())
        Pulumi(project, pulumi.say, environment).create(stack)
        yield Pulumi(pulumi.root, pulumi.say, environment), copy


def _pulumi() -> str:
    found = shutil.which("pulumi")
    if found is None:
        raise CiError('no pulumi on PATH; install it, or run `eval "$(make -s env)"` in a checkout of Berth')
    return found


@contextmanager
def _interrupts_left_to_child() -> Iterator[None]:
    """Ctrl-C reaches Pulumi, which finishes the calls that are under way; killing it then would lose their outcome."""
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
