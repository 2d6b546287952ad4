"""What is a resource really like, told in the words of its program?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.provider.aws import is_missing
from sandbox.provider.comparison import is_empty
from sandbox.provider.contract import Property, block_fields
from sandbox.provider.resource import Instance, Resource
from sandbox.provider.shapes import from_aws
from sandbox.provider.values import Props, contains_unknown

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws


@dataclass(frozen=True)
class Known:
    """What the engine knows of a resource: its id, the inputs it was made with, and its outputs."""

    id: str
    inputs: Props = field(default_factory=dict)
    state: Props = field(default_factory=dict)


def read(resource: Resource, aws: Aws, known: Known) -> Known | None:
    """Return the resource as it really is, or None when it is gone. Without inputs it is an import."""
    instance = Instance(known.id, {**known.state, **known.inputs})
    outputs = read_outputs(resource, aws, instance, known.inputs)
    if outputs is None:
        return None
    kept = {name: value for name, value in known.state.items() if name not in outputs}
    if known.state:
        for name in set(resource.reflects) - known.inputs.keys():
            outputs.pop(name, None)
            kept |= {name: known.state[name]} if name in known.state else {}
    kept = {name: value for name, value in kept.items() if name in resource.contract.outputs}
    return Known(known.id, _real_inputs(resource, known, outputs), {**kept, **outputs})


def read_outputs(resource: Resource, aws: Aws, instance: Instance, inputs: Props) -> Props | None:
    """Return the outputs that AWS tells, or None when the resource is gone; what equals an input is written like it."""
    try:
        answer = resource.read(aws, instance)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    if answer is None:
        return None
    fields = resource.contract.fields()
    actual = from_aws(fields, answer, resource.rename)
    if resource.arn:
        service, path = resource.arn.split(":", 1)
        actual["arn"] = aws.arn(service, path.format(id=instance.id))
    if resource.finish is not None:
        resource.finish(aws, answer, actual, instance)
    if "region" in fields:
        actual["region"] = aws.region
    if resource.tagging:
        _split_tags(aws, actual, inputs)
    outputs = visible(resource, inputs)
    for name, value in visible(resource, actual).items():
        keeps = inputs.get(name) is not None and resource.comparison.same(name, inputs[name], value)
        outputs[name] = inputs[name] if keeps else value
    return {name: value for name, value in outputs.items() if value is not None}


def visible(resource: Resource, props: Props) -> Props:
    """Return the properties that are outputs too."""
    return {name: value for name, value in props.items() if name in resource.contract.outputs}


def inputs_of(resource: Resource, outputs: Props) -> Props:
    """Return the inputs that a program would write for a resource with these outputs."""
    return {
        name: value
        for name, value in outputs.items()
        if name in resource.contract.inputs and name not in (*resource.computed, "region") and not is_empty(value)
    }


def _split_tags(aws: Aws, actual: Props, inputs: Props) -> None:
    present = {key: value for key, value in (actual.get("tags") or {}).items() if not key.startswith("aws:")}
    tags = inputs.get("tags", {})
    declared = tags if isinstance(tags, dict) else {}
    actual["tagsAll"] = present
    actual["tags"] = {
        key: value for key, value in present.items() if key in declared or aws.default_tags.get(key) != value
    }


def _real_inputs(resource: Resource, known: Known, outputs: Props) -> Props:
    if not known.inputs:
        return inputs_of(resource, outputs)
    real: Props = {}
    for name, value in known.inputs.items():
        prop = resource.contract.inputs.get(name, {})
        settled = value if name.startswith("__") else _settled(resource, prop, name, value, outputs.get(name))
        if settled is not None:
            real[name] = settled
    for name in resource.contract.inputs.keys() - known.inputs.keys() - {*resource.computed, "region"}:
        if name in outputs and not resource.comparison.same(name, known.state.get(name), outputs[name]):
            real[name] = outputs[name]
    return real


def _settled(resource: Resource, prop: Property, path: str, written: Any, actual: Any) -> Any:
    """Return `written` as far as it holds, else what is real; keys that AWS filled in stay out."""
    if contains_unknown(written) or resource.comparison.same(path, written, actual):
        return written
    fields = block_fields(prop)
    if fields is not None and isinstance(written, dict) and isinstance(actual, dict):
        settled = {
            name: _settled(resource, fields.get(name, {}), f"{path}.{name}", value, actual.get(name))
            for name, value in written.items()
        }
        return {name: value for name, value in settled.items() if value is not None}
    if isinstance(written, list) and isinstance(actual, list) and len(written) == len(actual):
        return _settled_items(resource, prop, path, written, actual)
    return actual


def _settled_items(resource: Resource, prop: Property, path: str, written: list[Any], actual: list[Any]) -> list[Any]:
    if path in resource.comparison.canonical:
        return actual
    item = prop.get("items", {})
    if path not in resource.comparison.sets:
        return [_settled(resource, item, path, one, other) for one, other in zip(written, actual, strict=True)]
    free = list(actual)
    settled: list[Any] = []
    for one in written:
        candidates = [_settled(resource, item, path, one, other) for other in free]
        equal = (index for index, other in enumerate(candidates) if resource.comparison.same(path, one, other))
        index = next(equal, 0)
        settled.append(candidates[index])
        free.pop(index)
    return settled
