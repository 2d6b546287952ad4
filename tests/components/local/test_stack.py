"""A stack whose services all run on this machine has no region, and asks no cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest
import yaml
from pulumi.runtime.config import CONFIG

from components.cli.stack_file import read_stack
from components.contracts import SERVICE_OUTPUTS
from components.program import deploy

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.fixture
def configure():
    """Set a stack's configuration as the language host does."""
    token = CONFIG.set({})

    def configure(config):
        pulumi.runtime.set_all_config(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        )

    yield configure
    CONFIG.reset(token)


def test_stack_laptop_is_two_processes_and_asks_nobody(run, configure):
    """The committed stack file, as it is; not one look-up, and every output that a service has."""
    configure(yaml.safe_load((STACKS / "Pulumi.laptop.yaml").read_text())["config"])
    made = run(lambda: deploy(STACKS), stack="laptop")
    assert [one.name for one in made.resources if one.type.endswith(":Process")] == [
        "llama-3-1-8b-engine",
        "llama-3-1-8b-gateway",
    ]
    assert made.calls == []
    outputs = made.result["llama-3-1-8b"]
    assert set(SERVICE_OUTPUTS) <= set(outputs)
    assert (outputs["target"], outputs["region"], outputs["state"]) == ("local", "local", "awake")


def test_two_services_on_one_port_are_refused(run, configure):
    """Before anything is made."""
    entry = {"spec": "services/llama-3-1-8b.yaml", "target": "local"}
    services = [
        {**entry, "overrides": {"local": {"port": 9000}}},
        {**entry, "overrides": {"name": "other", "local": {"port": 9000}}},
    ]
    configure({"berth:environment": "dev", "berth:services": services})
    with pytest.raises(pulumi.RunError, match=r"other: local.port: 9000 takes port 9000, which service llama-3-1-8b"):
        run(lambda: deploy(STACKS), stack="laptop")


def test_the_file_of_the_stack_is_read_without_a_region():
    """As `berth cost --stack laptop` does."""
    config, region = read_stack(STACKS, "laptop")
    assert (config.needs_region, region) == (False, "local")
