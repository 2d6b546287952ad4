"""What the documents say is true of this checkout."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from components.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()
DOCUMENTS = sorted(ROOT / name for name in TRACKED if (ROOT / name).is_file())
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link of a document names a file that exists."""
    links = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_exist(document: Path) -> None:
    """Every `make x` that a document tells the reader to type is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = " ; ".join(CODE.findall(document.read_text()))
    told = set(re.findall(r"\bmake (?:-s )?([a-z-]+)", typed))
    assert told <= targets


def test_the_readme_shows_what_berth_plan_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of the sample, `...` aside, is a line of the real output, in the same order."""
    sample = re.search(r"\$ berth plan (\S+)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert sample is not None
    assert main(["plan", str(ROOT / sample.group(1))]) == 0
    printed = iter(capsys.readouterr().out.splitlines())
    shown = [line for line in sample.group(2).splitlines() if line not in {"", "..."}]
    assert len(shown) > 10
    assert [line for line in shown if line not in printed] == []


def test_every_make_target_has_a_line_of_help() -> None:
    """`make help` lists all targets that are declared phony."""
    makefile = (ROOT / "Makefile").read_text()
    declared = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE).group(1).split())
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) | {"help"}
    assert declared == explained


def test_every_dependency_is_explained_and_locked() -> None:
    """Each direct dependency has its reason in the decision record, and a version with hashes in the lock."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    names = {re.match(r"[A-Za-z0-9._-]+", line).group(0).lower() for group in groups for line in group}
    reasons = (ROOT / "docs/adr/0001-dependencies.md").read_text().lower()
    locked = (ROOT / "requirements.lock").read_text().lower()
    assert sorted(name for name in names if name not in reasons) == []
    assert sorted(name for name in names if f"\n{name}==" not in f"\n{locked}" and f"\n{name}[" not in locked) == []
