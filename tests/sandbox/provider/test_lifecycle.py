"""Does every resource type live as it should: created, read, updated, imported and deleted?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from provider_cases import CASES
from provider_engine import Deployed, Engine, connected

from sandbox.provider.table import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provider_case import Case

_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\}")

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)


class World:
    """All cases, deployed together."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[str, Deployed] = {}
        for case in CASES:
            self.made[case.key] = engine.create(case.token, case.key, self.resolved(case.inputs))

    def resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        return (
            _REFERENCE.sub(lambda match: str(self.made[match[1]][match[2]]), value) if isinstance(value, str) else value
        )

    def changed(self, case: Case) -> dict[str, Any]:
        inputs = self.resolved({**case.inputs, **case.change})
        return {name: value for name, value in inputs.items() if value is not None}


@pytest.fixture(scope="module")
def world(provider_port: int) -> Iterator[World]:
    with connected(provider_port) as engine:
        yield World(engine)


def test_every_type_of_the_table_has_a_case() -> None:
    """No entry of the table is left untested."""
    assert {case.token for case in CASES} == set(RESOURCES)


@each_case
def test_a_created_resource_has_the_id_and_outputs_of_the_contract(world: World, case: Case) -> None:
    """The id has the official provider's form, and every output is a name of the contract."""
    made = world.made[case.key]
    assert re.fullmatch(case.id, made.id)
    assert set(made.outputs) <= RESOURCES[case.token].contract.outputs


@each_case
def test_a_read_after_the_create_shows_no_change(world: World, case: Case) -> None:
    """A refresh right after a create leaves inputs and outputs as they were, and no diff."""
    made = world.made[case.key]
    found = world.engine.read(made)
    assert found is not None
    assert found.inputs == made.inputs
    assert found.outputs == made.outputs
    assert world.engine.diff(found, world.resolved(case.inputs)).kinds == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.change], ids=lambda case: case.key)
def test_a_change_is_an_update_and_holds(world: World, case: Case) -> None:
    """The change updates in place; afterwards neither a diff nor a refresh shows anything."""
    made, inputs = world.made[case.key], world.changed(case)
    diff = world.engine.diff(made, inputs)
    assert diff.kinds
    assert diff.replaces == []
    world.engine.update(made, inputs)
    assert world.engine.diff(made, inputs).kinds == {}
    found = world.engine.read(made)
    assert found is not None
    assert found.outputs == made.outputs
    assert world.engine.diff(found, inputs).kinds == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.importable], ids=lambda case: case.key)
def test_an_import_yields_the_inputs_of_the_program(world: World, case: Case) -> None:
    """An import by id alone gives inputs to which the program that made it shows no diff."""
    made = world.made[case.key]
    found = world.engine.import_(case.token, case.key, made.id)
    assert world.engine.diff_checked(found, made.inputs).kinds == {}


def test_everything_is_deleted_in_reverse_order_and_twice(world: World) -> None:
    """A delete succeeds, a read finds nothing afterwards, and deleting again is success too."""
    for case in reversed(CASES):
        made = world.made[case.key]
        world.engine.delete(made)
        if case.vanishes:
            assert world.engine.read(made) is None, case.key
            world.engine.delete(made)
