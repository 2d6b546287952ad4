"""How do tests drive the real Pulumi CLI on a copy of the program, with a sandbox, state and ports of its own?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import urllib3
import yaml

from sandbox import environment, process
from sandbox.runpod.keys import FULL_KEY

if TYPE_CHECKING:
    from sandbox.ports import Ports

POLICIES = ("--policy-pack", "policies", "--policy-pack-config", "policies/config/local.json")


@dataclass
class Deployment:
    """One copy of the program on one sandbox; `pulumi` is the real CLI."""

    root: Path
    ports: Ports

    @property
    def port_variables(self) -> dict[str, str]:
        """What `berth sandbox` has to be told to start on them."""
        return {variable: str(port) for variable, port in self.ports.by_variable().items()}

    def start(self) -> process.Running:
        return process.start(self.root, self.ports)

    def kill(self) -> None:
        """End the sandbox the hard way, as a crash or a reboot does."""
        running = process.status(self.root)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)

    def run(self, *command: str, stack: str = "local") -> subprocess.CompletedProcess[str]:
        variables = environment.process_environment(self.root, self.ports)
        if stack != "local":
            variables["PULUMI_CONFIG_PASSPHRASE"] = "a passphrase of its own"
        return subprocess.run(command, cwd=self.root, env=variables, capture_output=True, text=True, check=False)

    def pulumi(self, *arguments: str, stack: str = "local") -> subprocess.CompletedProcess[str]:
        return self.run("pulumi", *arguments, "--stack", stack, "--non-interactive", stack=stack)

    def up(self, *arguments: str, stack: str = "local") -> str:
        """Deploy; fails the test with the CLI's output when it does not succeed."""
        self.run("pulumi", "stack", "select", "--create", stack, stack=stack)
        result = self.pulumi("up", "--yes", "--skip-preview", *arguments, stack=stack)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def changes(self, *arguments: str, stack: str = "local") -> dict[str, str]:
        """What a preview would do: logical name -> operation, unchanged resources left out."""
        result = self.pulumi("preview", "--json", *arguments, stack=stack)
        assert result.returncode == 0, result.stdout + result.stderr
        document = json.loads(result.stdout[result.stdout.index("{") :])
        return {
            f"{step['urn'].split('::')[-2].split('$')[-1]} {step['urn'].split('::')[-1]}": step["op"]
            for step in document["steps"]
            if step["op"] not in {"same", "refresh"}
        }

    def outputs(self, stack: str = "local") -> dict[str, Any]:
        result = self.pulumi("stack", "output", "--json", stack=stack)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=environment.REGION,
            endpoint_url=f"http://127.0.0.1:{self.ports.aws}",
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )

    def runpod(self, method: str, path: str) -> Any:
        """What the management API of the local RunPod answers."""
        url, key = f"http://127.0.0.1:{self.ports.runpod}{path}", {"Authorization": f"Bearer {FULL_KEY}"}
        return urllib3.request(method, url, headers=key).json()

    def keep(self, target: str = "", *, spec: str = "") -> None:
        """Leave only the services of one target, or of one spec, in stack `local` of the copy."""
        path = self.root / "stacks" / "Pulumi.local.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["berth:services"] = [
            entry
            for entry in document["config"]["berth:services"]
            if target in ("", entry["target"]) and spec in ("", Path(entry["spec"]).stem)
        ]
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def edit(self, file: str, **changes: Any) -> None:
        """Change a YAML file of the copy; a dotted key reaches inside."""
        path = self.root / file
        document = yaml.safe_load(path.read_text())
        for dotted, value in changes.items():
            *parents, last = dotted.split("__")
            node = document
            for parent in parents:
                node = node.setdefault(parent, {})
            node[last] = value
        path.write_text(yaml.safe_dump(document, sort_keys=False))
