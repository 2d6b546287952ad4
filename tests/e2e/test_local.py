"""The whole life of stack `laptop` with the real Pulumi CLI and a real engine: no sandbox, no cloud, no keys of one.

The tests tell one story and run in this order.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from components.local.process import Identity, is_alive
from sandbox.environment import pulumi_folder
from tests.components.local.tiny_gguf import write_tiny_gguf
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e
CHECKOUT = Path(__file__).resolve().parents[2]
STACK, SERVICE = "laptop", "llama-3-1-8b"
ENGINE, GATEWAY = f"{SERVICE}-engine", f"{SERVICE}-gateway"


@dataclass
class Laptop:
    """A copy of the program, and an environment with nothing of any cloud in it."""

    root: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        folder = pulumi_folder(CHECKOUT)
        variables = {
            "HOME": str(self.root),
            "PATH": os.pathsep.join([str(folder or ""), str(CHECKOUT / ".venv" / "bin"), os.environ["PATH"]]),
            "PULUMI_BACKEND_URL": f"file://{self.root / '.berth' / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase of its own",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(self.root / ".berth" / "pulumi-home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "CHAT_KEY": "a-long-random-key",
        }
        return subprocess.run(command, cwd=self.root, env=variables, capture_output=True, text=True, check=False)

    def pulumi(self, *arguments: str) -> str:
        result = self.run("pulumi", *arguments, "--stack", STACK, "--non-interactive")
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def changes(self, *arguments: str) -> dict[str, str]:
        """What a preview would do: logical name -> operation."""
        shown = self.pulumi("preview", "--json", *arguments)
        steps = json.loads(shown[shown.index("{") :])["steps"]
        return {step["urn"].split("::")[-1]: step["op"] for step in steps if step["op"] not in {"same", "refresh"}}

    @property
    def outputs(self) -> dict[str, Any]:
        return json.loads(self.pulumi("stack", "output", "--json"))["services"][SERVICE]

    @property
    def processes(self) -> dict[str, Identity]:
        found = self.outputs["processes"]
        return {role: Identity(int(one["pid"]), one["started"]) for role, one in found.items()}

    def override(self, **overrides: Any) -> None:
        path = self.root / "stacks" / f"Pulumi.{STACK}.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"]["berth:services"][0].setdefault("overrides", {}).update(overrides)
        path.write_text(yaml.safe_dump(document, sort_keys=False))


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    root = tmp_path_factory.mktemp("laptop")
    shutil.copy(CHECKOUT / "Pulumi.yaml", root)
    shutil.copytree(CHECKOUT / "stacks", root / "stacks", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(CHECKOUT / ".venv")
    (root / ".berth" / "state").mkdir(parents=True)
    write_tiny_gguf(root / "tiny.gguf")
    here = Laptop(root)
    local = {"gguf": "./tiny.gguf", "context": 512, "threads": 1, "port": free_port(), "key_env": "CHAT_KEY"}
    here.override(local=local)
    here.pulumi("stack", "init")
    yield here
    here.run("pulumi", "destroy", "--yes", "--stack", STACK, "--non-interactive")


def test_up_needs_no_cloud_and_a_second_preview_changes_nothing(laptop: Laptop) -> None:
    """One command, two processes, the outputs of every target; nothing differs afterwards, looked at or not."""
    laptop.pulumi("up", "--yes", "--skip-preview")
    outputs = laptop.outputs
    assert (outputs["target"], outputs["state"]) == ("local", "awake")
    assert outputs["auth"] == {"scheme": "bearer", "variable": "CHAT_KEY"}
    assert all(is_alive(one) for one in laptop.processes.values())
    assert laptop.changes() == {}
    assert laptop.changes("--refresh") == {}


def test_it_answers_and_its_status_is_told(laptop: Laptop) -> None:
    """`berth smoke` and `berth status` work as on every target."""
    smoke = laptop.run("berth", "smoke", "--stack", STACK)
    assert smoke.returncode == 0, smoke.stdout + smoke.stderr
    assert smoke.stdout.startswith(f"{SERVICE}: answered in ")
    status = laptop.run("berth", "status", "--stack", STACK, "--json")
    assert status.returncode == 0, status.stderr
    (row,) = json.loads(status.stdout)["services"]
    assert (row["hardware"], row["state"], row["usd_per_hour"]) == ("this machine", "awake", 0.0)
    assert (row["replicas_running"], row["replicas_min"], row["replicas_max"]) == (1, 1, 1)


def test_no_key_is_in_state_settings_or_command_lines(laptop: Laptop) -> None:
    """Its hash alone is."""
    key = "a-long-random-key"
    assert key not in laptop.pulumi("stack", "export", "--show-secrets")
    for file in (laptop.root / ".berth" / "local").rglob("*.json"):
        assert key not in file.read_text()
    for one in laptop.processes.values():
        shown = subprocess.run(["ps", "-o", "args=", "-p", str(one.pid)], capture_output=True, text=True, check=True)
        assert key not in shown.stdout


def test_a_killed_engine_is_drift_and_up_heals_it(laptop: Laptop) -> None:
    """A refresh sees it gone, and the next deployment starts it again; the gateway goes on."""
    before = laptop.processes
    os.killpg(before["engine"].pid, signal.SIGKILL)
    assert laptop.changes() == {ENGINE: "update"}
    status = json.loads(laptop.run("berth", "status", "--stack", STACK, "--json").stdout)["services"][0]
    assert status["problem"] == "engine ended; `pulumi up` starts what is missing"
    assert "deleted" in laptop.pulumi("refresh", "--yes", "--skip-preview")
    assert laptop.changes() == {ENGINE: "create"}
    laptop.pulumi("up", "--yes", "--skip-preview")
    after = laptop.processes
    assert after["engine"] != before["engine"]
    assert after["gateway"] == before["gateway"]
    assert laptop.run("berth", "smoke", "--stack", STACK).returncode == 0


def test_off_stops_the_processes_and_stays_off(laptop: Laptop) -> None:
    """The address stays; a deployment while off starts nothing, and a refresh sees no drift."""
    before, address = laptop.processes, laptop.outputs["openai_base_url"]
    laptop.override(power="off")
    assert laptop.changes() == {SERVICE: "update", ENGINE: "delete", GATEWAY: "delete"}
    laptop.pulumi("up", "--yes", "--skip-preview")
    assert not any(is_alive(one) for one in before.values())
    assert (laptop.outputs["state"], laptop.outputs["openai_base_url"]) == ("parked", address)
    assert laptop.changes("--refresh") == {}
    laptop.pulumi("up", "--yes", "--skip-preview")
    assert laptop.processes == {}


def test_on_again_and_destroyed_it_leaves_nothing(laptop: Laptop) -> None:
    """Neither a process nor a file."""
    laptop.override(power="on")
    laptop.pulumi("up", "--yes", "--skip-preview")
    running = laptop.processes
    assert all(is_alive(one) for one in running.values())
    laptop.pulumi("destroy", "--yes", "--skip-preview")
    assert not any(is_alive(one) for one in running.values())
    assert not any((laptop.root / ".berth" / "local").rglob("*.*"))
