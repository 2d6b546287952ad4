"""Which CLI the set-up takes, and what it says when there is none."""

import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


@pytest.fixture
def release_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A server with the archive of a release; yields the paths that it was asked for."""
    program = install(tmp_path / "archive" / "pulumi", f"v{pulumi_cli.VERSION}")
    archive = tmp_path / "release.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(program, arcname="pulumi")
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(archive.read_bytes())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    tools = tmp_path / "tools"
    tools.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(pulumi_cli, "TOOLS", tools)
        monkeypatch.setattr(pulumi_cli, "RELEASE", tools / "pulumi-release")
        url = f"http://127.0.0.1:{server.server_port}/pulumi-v{{version}}-{{system}}-{{machine}}.tar.gz"
        monkeypatch.setattr(pulumi_cli, "RELEASE_URL", url)
        yield asked
        server.shutdown()


def test_a_reachable_release_is_downloaded_once(tmp_path: Path, release_server: list[str]) -> None:
    """The archive's programs end up in one folder, nothing partial is left, and a second set-up asks nobody."""
    folder = pulumi_cli.download_release()
    assert sorted(file.name for file in folder.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert [entry.name for entry in (tmp_path / "tools").iterdir()] == ["pulumi-release"]
    assert pulumi_cli.download_release() == folder
    assert len(release_server) == 1
    assert release_server[0].startswith(f"/pulumi-v{pulumi_cli.VERSION}-")


def test_an_archive_that_breaks_off_is_a_reason_and_leaves_nothing(tmp_path: Path, release_server: list[str]) -> None:
    """Half a download is neither used nor kept."""
    archive = tmp_path / "release.tar.gz"
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(SetupError, match="cannot be had"):
        pulumi_cli.download_release()
    assert list((tmp_path / "tools").iterdir()) == []
    assert len(release_server) == 1
