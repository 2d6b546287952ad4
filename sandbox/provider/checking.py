"""What is asked for, with defaults and tags, and what is wrong with it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.provider.contract import Failure, type_problems
from sandbox.provider.difference import top_level
from sandbox.provider.names import prefixed_name
from sandbox.provider.values import UNKNOWN, Props

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.provider.aws import Aws
    from sandbox.provider.resource import Resource


def with_defaults(resource: Resource, inputs: Props) -> Props:
    """Return the inputs with the provider's defaults, their names recorded in `__defaults`."""
    filled = {
        name: json.dumps(value) if _is_document(resource, name) and isinstance(value, dict) else value
        for name, value in inputs.items()
        if name != "__defaults"
    }
    given: list[str] = []
    for path, value in resource.defaults.items():
        *blocks, name = path.split(".")
        holder: Any = filled
        for block in blocks:
            holder = holder.get(block) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and name not in holder:
            if blocks:
                filled[blocks[0]] = holder = {**holder}
            else:
                given.append(name)
            holder[name] = value
    return {**filled, "__defaults": sorted(given)}


def _is_document(resource: Resource, name: str) -> bool:
    """Tell whether a property holds a text that a program may give as a map."""
    return name in resource.comparison.canonical and resource.contract.inputs[name].get("type") == "string"


def problems(resource: Resource, aws: Aws, inputs: Props) -> Iterator[Failure]:
    """Yield everything that is wrong with inputs, as far as it can be known before a call."""
    found = list(type_problems(resource.contract.inputs, inputs))
    if not found:
        found = [failure for rule in resource.rules for failure in rule(inputs)]
        found += _request_problems(resource, aws, inputs, already=bool(found))
        if inputs.get("region", aws.region) not in (aws.region, UNKNOWN):
            found.append(
                Failure("region", f"the provider is configured for {aws.region}; use a provider for that region")
            )
    seen: set[str] = set()
    for failure in found:
        if failure.path not in seen:
            seen.add(failure.path)
            yield failure


def _request_problems(resource: Resource, aws: Aws, inputs: Props, *, already: bool) -> Iterator[Failure]:
    """Yield what the create request cannot hold, at the property it comes from."""
    for failure in resource.create_request(aws(resource.service), wanted(resource, aws, inputs))[1]:
        path = failure.path
        while path and top_level(path) not in resource.contract.inputs:  # a block that only the API has
            path = path.partition(".")[2]
        if path or not already:
            yield Failure(path or failure.path, failure.reason)


def wanted(resource: Resource, aws: Aws, inputs: Props) -> Props:
    """Return what is asked of AWS: inputs without markers, with a name for a prefix and the provider's default tags."""
    props = {name: value for name, value in inputs.items() if not name.startswith("__")}
    prefix = props.get("namePrefix")
    if prefix and "name" not in props and prefix is not UNKNOWN:
        props["name"] = prefixed_name(prefix)
    if resource.names_account:
        props.setdefault("accountId", aws.account)
    if resource.tagging and (aws.default_tags or "tags" in props) and props.get("tags") is not UNKNOWN:
        props["tags"] = {**aws.default_tags, **props.get("tags", {})}
    return props
