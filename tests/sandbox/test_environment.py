"""The environment that points every tool at the sandbox, and nothing of a real account with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sandbox import environment
from sandbox.errors import SandboxError
from sandbox.ports import Ports


def test_all_tools_are_pointed_at_the_ports(tmp_path: Path) -> None:
    """Endpoint, provider, state and plug-in folder lie on this machine and inside the checkout."""
    found = environment.variables(tmp_path, Ports(4800, 4801, 4802), "/usr/bin")
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4800"
    assert found["PULUMI_DEBUG_PROVIDERS"] == "aws:4801"
    assert found["RUNPOD_API_BASE_URL"] == "http://127.0.0.1:4802"
    assert found["RUNPOD_ENDPOINT_BASE_URL"] == "http://127.0.0.1:4802/ai/v2"
    assert found["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/.berth/state"
    assert found["PULUMI_HOME"] == f"{tmp_path}/.berth/pulumi-home"


def test_a_proxy_is_not_used_for_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts that the shell excludes stay excluded, and loopback joins them once."""
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.setenv("no_proxy", "127.0.0.1,intranet")
    found = environment.variables(tmp_path, Ports(), "/usr/bin")
    assert found["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert found["no_proxy"] == "127.0.0.1,intranet,localhost"


def test_the_official_provider_runs_instead_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not attached but found by the engine, and reaches odd host names through the sandbox as a proxy."""
    monkeypatch.setenv("SANDBOX_AWS_PROVIDER", "official")
    found = environment.variables(tmp_path, Ports(4800, 4801, 4802), "/usr/bin")
    assert "PULUMI_DEBUG_PROVIDERS" not in found
    assert found["HTTP_PROXY"] == "http://127.0.0.1:4800"


def test_the_chosen_cli_comes_first_on_the_path_and_only_once(tmp_path: Path) -> None:
    """Evaluating the environment twice does not grow PATH."""
    (tmp_path / ".tools").mkdir()
    (tmp_path / ".tools" / "pulumi-folder").write_text("/opt/pulumi")
    first = environment.variables(tmp_path, Ports(), "/usr/bin:/bin")["PATH"]
    assert first == f"/opt/pulumi:{tmp_path}/.venv/bin:/usr/bin:/bin"
    assert environment.variables(tmp_path, Ports(), first)["PATH"] == first


def test_nothing_of_a_real_account_reaches_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile or a session token would send calls elsewhere, or fail them."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("RUNPOD_API_KEY", "rpa_real")
    monkeypatch.setenv("RUNPOD_API_KEY_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:runpod")
    found = environment.process_environment(tmp_path, Ports())
    assert "AWS_PROFILE" not in found
    assert "AWS_SESSION_TOKEN" not in found
    assert found["AWS_ACCESS_KEY_ID"] == "sandbox"
    assert "RUNPOD_API_KEY_SECRET_ARN" not in found
    assert found["RUNPOD_API_KEY"] == "berth-sandbox-runpod"


def test_the_lines_for_a_shell_survive_a_folder_with_blanks(tmp_path: Path) -> None:
    """`eval` in a plain sh sets exactly what the variables say."""
    root = tmp_path / "my checkout"
    script = environment.shell_lines(root, Ports()) + '\nprintf %s "$PULUMI_BACKEND_URL"'
    result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == f"file://{root}/.berth/state"


@pytest.mark.parametrize(
    ("given", "ports"),
    [
        ({}, (4700, 4701, 4702)),
        ({"BERTH_SANDBOX_PORT": "5000"}, (5000, 5001, 5002)),
        ({"BERTH_SANDBOX_PORT": "5000", "BERTH_SANDBOX_PROVIDER_PORT": "6000"}, (5000, 6000, 5002)),
        ({"BERTH_SANDBOX_RUNPOD_PORT": "6000"}, (4700, 4701, 6000)),
    ],
)
def test_ports_are_the_default_or_chosen(given: dict[str, str], ports: tuple[int, ...]) -> None:
    """One variable moves all of them."""
    assert environment.ports(given) == ports


@pytest.mark.parametrize("port", ["http", "80", "70000", "-1"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    """The variable, the value and the range are named."""
    with pytest.raises(SandboxError, match=rf"BERTH_SANDBOX_PORT: '{port}' is not a port from 1024 to 65535"):
        environment.ports({"BERTH_SANDBOX_PORT": port})
