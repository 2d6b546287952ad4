"""How long is a preview of one service, against a bare program that makes the same resources?"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.timing import command, compare
from sandbox import environment, process

if TYPE_CHECKING:
    from bench.timing import Comparison

ROOT = Path(__file__).resolve().parents[1]


def preview() -> Comparison:
    """Compare both on an empty stack of the sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("Pulumi.yaml", "stacks", "policies"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / name)
        _keep_one_service(root / "stacks" / "Pulumi.local.yaml")
        for shared in (".venv", ".tools"):
            (root / shared).symlink_to(ROOT / shared)
        (root / ".berth" / "state").mkdir(parents=True)
        ports = environment.ports({"BERTH_SANDBOX_PORT": "4790"})
        process.start(root, ports)
        try:
            env = environment.process_environment(root, ports)
            return _compare_previews(root, env)
        finally:
            process.stop(root)


def _keep_one_service(stack: Path) -> None:
    import yaml  # noqa: PLC0415

    document = yaml.safe_load(stack.read_text())
    document["config"]["berth:services"] = document["config"]["berth:services"][:1]
    stack.write_text(yaml.safe_dump(document))


def _compare_previews(root: Path, env: dict[str, str]) -> Comparison:
    select = ["pulumi", "stack", "select", "--create", "local"]
    preview_command = ["pulumi", "preview", "--stack", "local", "--non-interactive"]
    subprocess.run(select, cwd=root, env=env, check=True, capture_output=True)
    answer = subprocess.run([*preview_command, "--json"], cwd=root, env=env, check=True, capture_output=True, text=True)
    steps = json.loads(answer.stdout[answer.stdout.index("{") :])["steps"]
    resources = [
        {"type": planned["type"], "name": planned["urn"].rpartition("::")[2], "inputs": planned["inputs"]}
        for planned in (step["newState"] for step in steps)
        if planned["type"].startswith("aws:")
    ]
    bare = root / "bare"
    shutil.copytree(ROOT / "bench" / "bare", bare / "program")
    (bare / "Pulumi.yaml").write_text(
        "name: bare\nmain: program\nruntime: {name: python, options: {virtualenv: .venv}}\n"
    )
    (bare / "Pulumi.local.yaml").write_text((root / "stacks" / "Pulumi.local.yaml").read_text().split("config:")[0])
    (bare / ".venv").symlink_to(root / ".venv")
    (bare / "resources.json").write_text(json.dumps(resources))
    bare_env = env | {"BENCH_RESOURCES": str(bare / "resources.json")}
    subprocess.run(select, cwd=bare, env=bare_env, check=True, capture_output=True)
    return compare(
        f"pulumi preview of one service, over a bare program with the same {len(resources)} resources",
        command(preview_command, cwd=root, env=env),
        command(preview_command, cwd=bare, env=bare_env),
    )
