"""What the outputs of a stack say of how its services are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.keeper.document import digest
from components.keeper.runtime.config import KeeperConfig
from components.keeper.told import kept_outputs
from tests.components.conftest import Account, Recorded, _run
from tests.components.keeper.kept_stack import ecs, runpod

OUTPUTS = {"state": "kept", "keeper": {"owns": True, "parameters": {}, "function": None}}


def told(*arguments: Any) -> dict[str, Any]:
    """Return outputs as Pulumi exports them."""
    recorded = Recorded()
    return _run(lambda: kept_outputs(*arguments), Account(recorded), recorded, "dev").result


def test_without_a_function_the_outputs_have_the_document():
    """With the id that the endpoint got, so that `berth keeper run` needs nothing else."""
    plan, details = runpod(key=None), {"endpoint_id": pulumi.Output.from_input("ep1"), "sleep": "hard", "pools": ["L4"]}
    keeper = told(plan, OUTPUTS, details, None)["keeper"]
    config = KeeperConfig.parse(keeper.pop("document"))
    assert (config.service, config.stack, config.hours) == (plan.service, plan.stack, plan.keeper.hours)
    assert config.details == {"endpoint_id": "ep1", "sleep": "hard", "pools": ["L4"]}
    assert keeper == OUTPUTS["keeper"]


def test_with_a_function_they_tell_one_document_from_another():
    """The document itself is in its parameter."""
    document = pulumi.Output.from_input("{}")
    assert told(ecs(), OUTPUTS, {}, document) == {
        "state": "kept",
        "keeper": {**OUTPUTS["keeper"], "config_sha256": digest("{}")},
    }
    assert digest("{}") != digest("{} ")


@pytest.mark.parametrize("outputs", [{"state": "awake"}, {"state": "parked", "target": "local"}])
def test_what_is_not_kept_is_as_it_was(outputs: dict[str, Any]):
    """Nothing is added."""
    assert told(replace(ecs(), keeper=None), outputs, {}, None) == outputs
