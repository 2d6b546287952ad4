"""Does the contract agree with the installed SDK, and the table with the contract?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from provider_sdk import block_arguments, kind_of, resource_arguments, sdk_class, sdk_name

from sandbox.provider import contract
from sandbox.provider.functions import FUNCTIONS
from sandbox.provider.table import RESOURCES

if TYPE_CHECKING:
    from sandbox.provider.resource import Resource

TOKENS = sorted(RESOURCES)
NEWER_RESULTS = {
    "aws:ec2/getVpc:getVpc": {"ipv6cidrblockassociations"},
    "aws:secretsmanager/getSecret:getSecret": {"type"},
}


def _kinds(fields: Any) -> dict[str, str]:
    return {sdk_name(name): kind_of(prop) for name, prop in fields.items() if not prop.get("newer")}


def _newer(fields: Any) -> set[str]:
    return {sdk_name(name) for name, prop in fields.items() if prop.get("newer")}


def _blocks(fields: Any, seen: dict[str, Any]) -> dict[str, Any]:
    for prop in fields.values():
        inner = prop.get("items") or prop.get("values") or prop
        if "ref" in inner and inner["ref"] not in seen:
            seen[inner["ref"]] = contract.block_fields(inner)
            _blocks(seen[inner["ref"]], seen)
    return seen


@pytest.mark.parametrize("token", TOKENS)
def test_inputs_have_the_names_and_types_of_the_sdk(token: str) -> None:
    """Each input of a type, and of the blocks in it, is an argument of pulumi_aws with the same kind of value."""
    fields = RESOURCES[token].contract.inputs
    arguments = resource_arguments(token)
    assert {name: kind for name, kind in arguments.items() if name not in _newer(fields)} == _kinds(fields)
    for reference, block in _blocks(fields, {}).items():
        arguments = block_arguments(reference)
        assert {name: kind for name, kind in arguments.items() if name not in _newer(block)} == _kinds(block), reference


@pytest.mark.parametrize("token", TOKENS)
def test_an_entry_names_only_what_the_contract_knows(token: str) -> None:
    """Defaults, computed, sets, local and step properties of an entry exist."""
    resource = RESOURCES[token]
    named = [*resource.defaults, *resource.computed, *resource.comparison.sets]
    named += [*resource.comparison.canonical, *resource.local]
    named += [name for step in resource.steps for name in step.properties]
    unknown = [path for path in named if not _exists(resource, path)]
    assert unknown == []
    assert {*resource.moving, *resource.reflects} <= resource.contract.outputs


def _exists(resource: Resource, path: str) -> bool:
    fields: Any = resource.contract.inputs
    for name in path.split("."):
        if fields is None or name not in fields:
            return False
        prop = fields[name]
        fields = contract.block_fields(prop.get("items") or prop)
    return True


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_functions_answer_what_the_sdk_reads(token: str) -> None:
    """The outputs of a function are the fields of its result class in pulumi_aws."""
    name = token.split(":")[2]
    result = sdk_class(token, f"{name[0].upper()}{name[1:]}Result")
    fields = {sdk_name(field) for field in vars(result) if not field.startswith("_")}
    assert fields - NEWER_RESULTS.get(token, set()) == {
        sdk_name(output) for output in contract.function_contract(token)["outputs"]
    }
