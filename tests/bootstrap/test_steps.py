"""A set-up step runs once, is repeated only for what changed, and is never taken for done when it was not."""

from pathlib import Path

import pytest

from bootstrap import steps


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")
    (tmp_path / "stamps").mkdir()
    return tmp_path


def run(stamps: Path, mark: str, log: list[str]) -> None:
    made = stamps / "made"

    def step() -> None:
        log.append(mark)
        made.touch()

    steps.run_once("thing", mark, step, doing="making a thing", makes=made)


def test_a_finished_step_is_not_repeated(stamps: Path) -> None:
    """Two set-ups with the same inputs do the work once."""
    log: list[str] = []
    run(stamps, "a", log)
    run(stamps, "a", log)
    assert log == ["a"]


def test_a_step_with_other_inputs_is_repeated(stamps: Path) -> None:
    """Another fingerprint of the inputs runs the step again."""
    log: list[str] = []
    run(stamps, "a", log)
    run(stamps, "b", log)
    assert log == ["a", "b"]


def test_a_step_whose_result_was_deleted_is_repeated(stamps: Path) -> None:
    """A stamp without the thing it stands for does not count."""
    log: list[str] = []
    run(stamps, "a", log)
    (stamps / "made").unlink()
    run(stamps, "a", log)
    assert log == ["a", "a"]


def test_an_interrupted_step_is_not_done(stamps: Path) -> None:
    """Ctrl-C inside a step leaves no stamp, not even the one of an earlier success."""
    made = stamps / "made"
    made.touch()
    steps.mark_done("thing", "old")

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.run_once("thing", "new", interrupted, doing="making a thing", makes=made)
    assert not steps.is_done("thing", "new")
    assert not steps.is_done("thing", "old")


def test_a_fingerprint_changes_with_each_part(tmp_path: Path) -> None:
    """Texts, contents of files, and the border between two texts all count."""
    file = tmp_path / "lock"
    file.write_text("one")
    first = steps.fingerprint(file, "x")
    file.write_text("two")
    assert len({first, steps.fingerprint(file, "x"), steps.fingerprint(file, "y")}) == 3
    assert steps.fingerprint("ab", "c") != steps.fingerprint("a", "bc")


def test_a_failing_command_is_quoted_with_its_output() -> None:
    """The error names the command, its exit code and the end of what it printed."""
    with pytest.raises(steps.SetupError, match=r"`sh -c echo no space left; exit 3` ended with 3:\nno space left"):
        steps.run(["sh", "-c", "echo no space left; exit 3"])
