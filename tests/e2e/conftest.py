"""The copy of the program that the whole-flow tests work on."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox import process
from tests.e2e.deployment import Deployment
from tests.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Everything that a checkout holds for `pulumi up`, in a folder of its own; its sandbox is stopped at the end."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("Pulumi.yaml", "stacks", "policies"):
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, root / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    for shared in (".venv", ".tools"):
        (root / shared).symlink_to(CHECKOUT / shared)
    (root / ".berth" / "state").mkdir(parents=True)
    copy = Deployment(root, free_ports())
    copy.start()
    try:
        yield copy
    finally:
        process.stop(root)
        _end_orphans(root)


def _end_orphans(root: Path) -> None:
    """A CLI that a test has killed leaves its program and its providers behind, and they wait for ever."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "cwd").readlink().is_relative_to(root):
                os.kill(int(folder.name), signal.SIGKILL)
