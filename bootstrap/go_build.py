"""How is a Pulumi CLI compiled where only package registries can be reached?

Everything stays under `.tools`; an interrupted build goes on from Go's own cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bootstrap.steps import TOOLS, SetupError

BUILT = TOOLS / "bin"
WORK = TOOLS / "go"
PROGRAM = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
REPORT_EVERY_SECONDS = 15.0
LANGUAGE_HOST = """\
#!/bin/sh
# This build of the CLI has no Python language host of its own; the sandbox brings one.
here=$(cd "$(dirname "$0")" && pwd)
export BERTH_PYTHON_LAUNCHER="$here/pulumi-language-python-exec"
exec "$here/../../.venv/bin/python" -u -m sandbox.language_host "$@"
"""


def environment() -> dict[str, str]:
    """Return what Go runs with: everything that it keeps lies below `.tools`."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return {
        **os.environ,
        # The user's own settings count (a module proxy, say), but Go's telemetry must not land beside them.
        "GOENV": os.environ.get("GOENV") or str(settings / "go" / "env"),
        "XDG_CONFIG_HOME": str(WORK / "config"),
        "GOFLAGS": "-modcacherw -trimpath -buildvcs=false",
        "GOPATH": str(WORK),
        "GOMODCACHE": str(WORK / "mod"),
        "GOCACHE": str(WORK / "cache"),
    }


def _go(arguments: list[str], module: Path) -> str:
    result = subprocess.run(
        ["go", *arguments], cwd=module, env=environment(), capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join(result.stderr.strip().splitlines()[-10:])
        raise SetupError(f"`go {arguments[0]}` ended with {result.returncode}:\n{tail}")
    return result.stdout


def _compile(module: Path, version: str, target: Path) -> None:
    total = len(_go(["list", "-deps", PROGRAM], module).splitlines())
    stamp = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
    command = ["go", "build", "-v", "-ldflags", stamp, "-o", str(target), PROGRAM]
    started = reported = time.monotonic()
    compiled, tail = 0, []
    with subprocess.Popen(
        command, cwd=module, env=environment(), stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        for line in process.stderr or ():
            compiled += 1
            tail = [*tail[-9:], line.rstrip()]
            now = time.monotonic()
            if now - reported >= (0.2 if sys.stdout.isatty() else REPORT_EVERY_SECONDS):
                reported = now
                progress = f"berth: compiled {compiled} of at most {total} packages, {now - started:.0f} s"
                print(progress, end="\r" if sys.stdout.isatty() else "\n", flush=True)
    if sys.stdout.isatty():
        print()
    if process.returncode:
        raise SetupError(f"`go build` ended with {process.returncode}:\n" + "\n".join(tail))


def build(module: Path, version: str) -> None:
    """Compile the CLI pinned by `module`/go.mod and put it, with its Python side, into `.tools/bin`."""
    staging = TOOLS / "bin.partial"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    print("berth: fetching the sources ...", flush=True)
    _compile(module, version, staging / "pulumi")
    sdk = _go(["list", "-m", "-f", "{{.Dir}}", SDK], module).strip()
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        copied = shutil.copy(f"{sdk}/python/{script}", staging)
        os.chmod(copied, 0o755)  # noqa: PTH101, S103 - programs; the module cache keeps no mode
    host = staging / "pulumi-language-python"
    host.write_text(LANGUAGE_HOST)
    host.chmod(0o755)
    shutil.rmtree(BUILT, ignore_errors=True)
    staging.rename(BUILT)
    shutil.rmtree(WORK, ignore_errors=True)
