"""Which actionlint the checks take, and what they say when there is none."""

from pathlib import Path

import pytest

from bootstrap import actionlint
from bootstrap.steps import SetupError

GO_MOD = (actionlint.MODULE / "go.mod").read_text()


def program(folder: Path, version: str) -> Path:
    """Put an actionlint of a version there."""
    folder.mkdir()
    made = folder / "actionlint"
    made.write_text(f"#!/bin/sh\necho {version}\n")
    made.chmod(0o755)
    return made


def test_one_of_the_pinned_version_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a link, so that everything that lints finds it at one place."""
    monkeypatch.setattr(actionlint, "FOLDER", tmp_path / "lint")
    there = program(tmp_path / "bin", actionlint.VERSION)
    assert actionlint.ensure(f"{there.parent}:/bin").resolve() == there
    assert actionlint.ensure(f"{there.parent}:/bin") == tmp_path / "lint" / "actionlint"


def test_without_it_and_without_go_the_message_says_what_to_install(tmp_path: Path) -> None:
    """Another version would judge otherwise elsewhere."""
    other = program(tmp_path / "bin", "1.6.0")
    with pytest.raises(SetupError) as refused:
        actionlint.ensure(str(other.parent))
    assert str(refused.value) == (
        "no actionlint 1.7.12 on PATH, and no Go to build it with; install one of them, then run the same again"
    )


def test_the_module_is_of_the_same_version() -> None:
    """What is built is what is looked for on PATH."""
    assert f"github.com/rhysd/actionlint v{actionlint.VERSION} " in GO_MOD
