"""Which actionlint checks this checkout's workflows? One on PATH of the pinned version, else built from source with Go.

`python3 -m bootstrap.actionlint`: find or build it. Its wheel and its npm package download a program at install time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.go_build import WORK, environment
from bootstrap.steps import ROOT, TOOLS, SetupError, fingerprint, only_one, run, run_once

VERSION = "1.7.12"
FOLDER = TOOLS / "lint"
MODULE = ROOT / "bootstrap" / "actionlint"
PROGRAM = "github.com/rhysd/actionlint/cmd/actionlint"


def ensure(path: str | None = None) -> Path:
    """Return the program in `.tools/lint`; SetupError says what to install when there is no way to have it."""
    made = FOLDER / "actionlint"
    found = shutil.which("actionlint", path=path)
    if found and _version(Path(found)) == VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        link = made.with_suffix(".partial")
        link.unlink(missing_ok=True)
        link.symlink_to(found)
        link.replace(made)
        return made
    if not shutil.which("go", path=path):
        raise SetupError(
            f"no actionlint {VERSION} on PATH, and no Go to build it with; install one of them, then run the same again"
        )
    mark = fingerprint(MODULE / "go.mod", MODULE / "go.sum", VERSION)
    run_once("actionlint", mark, lambda: _build(made), doing=f"building actionlint {VERSION} from source", makes=made)
    return made


def _build(made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    stamp = f"-s -w -X github.com/rhysd/actionlint.version={VERSION}"
    run(["go", "build", "-ldflags", stamp, "-o", made, PROGRAM], cwd=MODULE, env=environment())
    shutil.rmtree(WORK, ignore_errors=True)


def _version(program: Path) -> str:
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return next(iter(answer.stdout.split()), "").removeprefix("v")


def main() -> int:
    """Have it; exit code 1 for a failure that is explained."""
    try:
        with only_one():
            ensure(os.environ.get("PATH"))
    except SetupError as error:
        print(f"berth: set-up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
