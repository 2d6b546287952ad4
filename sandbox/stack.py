"""How is stack `local` deployed on the sandbox, and taken down again, by the real Pulumi CLI?"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.environment import STACK, process_environment
from sandbox.errors import SandboxError
from sandbox.processes import command_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sandbox.process import Running

POLICIES = ("--policy-pack", "policies", "--policy-pack-config", f"policies/config/{STACK}.json")
NEXT = """\
next:
  eval "$(make -s env)"         point pulumi, berth, aws and boto3 in this shell at the sandbox
  berth plan SPEC               why this hardware, what was refused, and what each line costs
  edit stacks/services/*.yaml   then `make preview` shows what would change, `make up` does it
  berth sandbox status          what the local AWS and RunPod hold; `berth sandbox log` what they were asked
  make down                     destroy the stack and stop the sandbox"""


class Backend:
    """What Pulumi's file back end of a checkout holds about its stacks."""

    def __init__(self, root: Path) -> None:
        """Look below `root`/.berth/state; the folder is made when it is missing."""
        self._folder = root / ".berth" / "state"
        self._folder.mkdir(parents=True, exist_ok=True)

    def lock_holders(self) -> list[int]:
        """Process ids that hold, or held when they were killed, a lock on stack `local`."""
        return [document["pid"] for lock in self._locks() if (document := _read(lock))]

    def refuse_if_busy(self) -> None:
        """Raise SandboxError when a Pulumi process is at work on the stack."""
        if alive := [pid for pid in self.lock_holders() if "pulumi" in (command_of(pid) or "")]:
            raise SandboxError(f"stack {STACK}: pulumi (pid {alive[0]}) is at work on it; wait for it, or end it")

    def interrupted(self) -> bool:
        """Whether stack `local` has operations that began and whose end Pulumi never saw."""
        return any(deployment.get("pending_operations") for deployment in self._deployments(STACK))

    def others_deployed(self) -> bool:
        """Whether another stack still has resources on the sandbox."""
        return any(deployment.get("resources") for deployment in self._deployments("*") if deployment["stack"] != STACK)

    def forget(self) -> None:
        """Drop the state of stack `local`, and the lock of the run that did not end."""
        checkpoints = (self._folder / ".pulumi" / "stacks").glob(f"*/{STACK}.json*")
        for file in (*checkpoints, *self._locks()):
            file.unlink(missing_ok=True)

    def _locks(self) -> list[Path]:
        return list((self._folder / ".pulumi" / "locks").glob(f"organization/*/{STACK}/*.json"))

    def _deployments(self, stack: str) -> Iterator[dict[str, Any]]:
        for file in (self._folder / ".pulumi" / "stacks").glob(f"*/{stack}.json"):
            latest = _read(file).get("checkpoint", {}).get("latest") or {}
            yield {**latest, "stack": file.stem}


def _read(file: Path) -> dict[str, Any]:
    """What a file of Pulumi's holds; nothing when it is gone meanwhile, or being written."""
    try:
        return json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}


class LocalStack:
    """Stack `local` of one checkout on its running sandbox."""

    def __init__(self, running: Running) -> None:
        """Find the CLI that the set-up chose.

        Raises:
            SandboxError: there is none, or another Pulumi process is at work on the stack.
        """
        self._root = running.root
        self._environment = process_environment(running.root, running.ports)
        if not shutil.which("pulumi", path=self._environment["PATH"]):
            raise SandboxError("no pulumi on PATH and none in .tools; run `make setup`")
        self._backend = Backend(running.root)

    def run(self, command: Sequence[str]) -> int:
        """Run any command in the checkout with the sandbox's environment; its exit code."""
        with _interrupts_left_to_child():
            return subprocess.run(command, cwd=self._root, env=self._environment, check=False).returncode

    def up(self) -> int:
        """`pulumi up` with the policies, then the table of what runs."""
        self._select()
        code = self.run(["pulumi", "up", "--yes", "--stack", STACK, "--suppress-outputs", *POLICIES])
        if code:
            return code
        print(flush=True)  # before the child's output, also where ours is buffered
        code = self.run(["berth", "status", "--stack", STACK])
        print(f"\n{NEXT}")
        return code

    def preview(self) -> int:
        """`pulumi preview` with the policies."""
        self._select()
        return self.run(["pulumi", "preview", "--stack", STACK, "--suppress-outputs", *POLICIES])

    def destroy(self) -> int:
        """`pulumi destroy`; a stack that was never deployed is destroyed already."""
        self._select()
        return self.run(["pulumi", "destroy", "--yes", "--stack", STACK, "--suppress-outputs"])

    def _select(self) -> None:
        self._unlock()
        self._quiet(["pulumi", "stack", "select", "--create", STACK])

    def _unlock(self) -> None:
        """Drop the lock of a Pulumi process that was killed; it never expires by itself."""
        self._backend.refuse_if_busy()
        if self._backend.lock_holders():
            self._quiet(["pulumi", "cancel", "--yes", "--stack", STACK])

    def _quiet(self, command: Sequence[str]) -> None:
        result = subprocess.run(
            command, cwd=self._root, env=self._environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise SandboxError(f"`{' '.join(command)}` failed: {result.stderr.strip()}")


@contextmanager
def _interrupts_left_to_child() -> Iterator[None]:
    """Ctrl-C reaches Pulumi, which finishes the calls that are under way; killing it then would lose their outcome."""
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
