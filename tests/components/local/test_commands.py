"""A process sees what it needs of the environment, and no credentials."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from components.local.commands import command_of, environment_of
from components.local.errors import LocalError

GIVEN = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "PULUMI_CONFIG_PASSPHRASE": "secret",
    "BERTH_LOG_PROMPTS": "true",
    "SERVER_KEY": "key",
}


def test_the_command_line_has_paths_alone():
    """Whoever lists processes sees nothing else."""
    settings = Path("/x/engine.json")
    assert command_of("engine", settings) == [sys.executable, "-m", "components.local.engine_server", "/x/engine.json"]
    assert command_of("gateway", settings) == [sys.executable, "-m", "gateway"]


def test_credentials_are_not_passed_on():
    """Only what a process needs, and the variables that its settings name."""
    assert set(environment_of("engine", Path("/x"), [], GIVEN)) == {"PATH", "HOME", "PYTHONPATH", "PYTHONUNBUFFERED"}
    gateway = environment_of("gateway", Path("/x/gateway.json"), ["SERVER_KEY"], GIVEN)
    assert gateway["SERVER_KEY"] == "key"
    assert gateway["BERTH_CONFIG_FILE"] == "/x/gateway.json"
    assert "BERTH_LOG_PROMPTS" not in gateway


def test_a_variable_that_is_not_set_is_named():
    """Before the process is started."""
    with pytest.raises(LocalError, match=r"^SERVER_KEY: is not set; export the key that the spec names by it$"):
        environment_of("gateway", Path("/x"), ["SERVER_KEY"], {})
