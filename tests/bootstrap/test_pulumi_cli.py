"""Which CLI the set-up takes, and what it says when there is none."""

import os
from pathlib import Path

import pytest

from bootstrap import pulumi_cli
from bootstrap.steps import SetupError


def install(folder: Path, version: str, *, language_host: bool = True) -> Path:
    """Put a program there that answers `pulumi version` with `version`."""
    folder.mkdir(parents=True)
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    if language_host:
        host = folder / "pulumi-language-python"
        host.write_text("#!/bin/sh\n")
        host.chmod(0o755)
    return folder


def test_the_first_suitable_cli_on_the_path_is_used(tmp_path: Path) -> None:
    """An old one before it is passed over."""
    old = install(tmp_path / "old", "v3.9.1")
    new = install(tmp_path / "new", "v3.300.0")
    assert pulumi_cli.find_on_path(os.pathsep.join(map(str, [old, new]))) == new


@pytest.mark.parametrize(
    ("version", "language_host", "reason"),
    [
        ("v3.210.9", True, "{program} is 3.210.9, older than 3.211.0"),
        ("v3.255.0", False, "{program} comes without pulumi-language-python"),
        ("nonsense", True, "{program} does not answer `pulumi version`"),
    ],
)
def test_an_unsuitable_cli_is_refused_with_the_reason(
    tmp_path: Path, version: str, language_host: bool, reason: str
) -> None:
    """The reason names the program and what is wrong with it."""
    folder = install(tmp_path / "bin", version, language_host=language_host)
    with pytest.raises(SetupError) as refused:
        pulumi_cli.find_on_path(str(folder))
    assert str(refused.value) == reason.format(program=folder / "pulumi")


def test_a_cli_that_another_checkout_built_is_not_taken(tmp_path: Path) -> None:
    """It would run that checkout's language host, which may be gone tomorrow."""
    folder = install(tmp_path / "other" / ".tools" / "bin", "v3.255.0")
    with pytest.raises(SetupError, match="no pulumi on PATH"):
        pulumi_cli.find_on_path(str(folder))


def test_without_any_way_the_error_lists_what_was_tried_and_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every way that was allowed is listed with its own reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BERTH_PULUMI_FROM", "path build")
    with pytest.raises(SetupError) as refused:
        pulumi_cli.ensure()
    assert str(refused.value) == (
        "no Pulumi CLI could be had. Tried:\n"
        "  path: no pulumi on PATH\n"
        "  build: no Go on PATH to build it with\n"
        "Install Pulumi 3.211.0 or newer and put it on PATH, or install Go 1.25.11 or newer"
        " and let this build it, then run the same command again."
    )


def test_an_unreachable_release_is_a_reason_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that cannot start names the address and leaves no partial folder."""
    monkeypatch.setattr(pulumi_cli, "TOOLS", tmp_path)
    monkeypatch.setattr(pulumi_cli, "RELEASE", tmp_path / "release")
    monkeypatch.setattr(pulumi_cli, "RELEASE_URL", "http://127.0.0.1:9/pulumi-v{version}-{system}-{machine}.tar.gz")
    with pytest.raises(SetupError, match=r"http://127\.0\.0\.1:9/pulumi-v3\.255\.0-.* cannot be had: .*refused"):
        pulumi_cli.download_release()
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """BERTH_PULUMI_FROM takes the three known ways only."""
    monkeypatch.setenv("BERTH_PULUMI_FROM", "path brew")
    with pytest.raises(SetupError, match="BERTH_PULUMI_FROM: 'brew' is not one of path, release, build"):
        pulumi_cli.ensure()
