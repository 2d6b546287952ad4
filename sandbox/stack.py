"""How is stack `local` deployed on the sandbox, and taken down again, by the real Pulumi CLI?"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from sandbox.environment import STACK, process_environment
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.process import Running

POLICIES = ("--policy-pack", "policies", "--policy-pack-config", f"policies/config/{STACK}.json")


class LocalStack:
    """Stack `local` of one checkout on its running sandbox."""

    def __init__(self, running: Running) -> None:
        """Find the CLI that the set-up chose; SandboxError when there has been no set-up."""
        self._root: Path = running.root
        self._environment = process_environment(running.root, running.port, running.provider_port)
        if not shutil.which("pulumi", path=self._environment["PATH"]):
            raise SandboxError("no pulumi on PATH and none in .tools; run `make setup`")
        (running.root / ".berth" / "state").mkdir(parents=True, exist_ok=True)

    def run(self, command: Sequence[str]) -> int:
        """Run any command in the checkout with the sandbox's environment; its exit code."""
        return subprocess.run(command, cwd=self._root, env=self._environment, check=False).returncode

    def up(self) -> int:
        """`pulumi up` with the policies, then the table of what runs."""
        self._select()
        code = self.run(["pulumi", "up", "--yes", "--stack", STACK, "--suppress-outputs", *POLICIES])
        return code or self.run(["berth", "status", "--stack", STACK])

    def preview(self) -> int:
        """`pulumi preview` with the policies."""
        self._select()
        return self.run(["pulumi", "preview", "--stack", STACK, *POLICIES])

    def destroy(self) -> int:
        """`pulumi destroy`; a stack that was never deployed is destroyed already."""
        self._select()
        return self.run(["pulumi", "destroy", "--yes", "--stack", STACK, "--suppress-outputs"])

    def others_deployed(self) -> bool:
        """Whether another stack of this checkout's back end still has resources on the sandbox."""
        stacks = self._root / ".berth" / "state" / ".pulumi" / "stacks"
        return any(file.stem != STACK and b'"type"' in file.read_bytes() for file in stacks.glob("*/*.json"))

    def _select(self) -> None:
        command = ["pulumi", "stack", "select", "--create", STACK]
        result = subprocess.run(
            command, cwd=self._root, env=self._environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise SandboxError(f"`{' '.join(command)}` failed: {result.stderr.strip()}")
