"""How does an entry of the table live: checked, created, read, updated and deleted through boto3?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.provider.aws import is_missing
from sandbox.provider.comparison import is_empty, same
from sandbox.provider.contract import Failure, block_fields, type_problems
from sandbox.provider.difference import changes, top_level
from sandbox.provider.names import prefixed_name
from sandbox.provider.resource import Instance, Resource
from sandbox.provider.shapes import from_aws
from sandbox.provider.tagging import TAGGINGS
from sandbox.provider.values import UNKNOWN, Props, contains_unknown

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws

RemoteError = (ClientError, BotoCoreError, ValueError)


class HalfCreatedError(Exception):
    """The resource exists under `id`, but a call that completes it was refused."""

    def __init__(self, resource_id: str, props: Props, cause: Exception) -> None:
        super().__init__(str(cause))
        self.id = resource_id
        self.props = props
        self.cause = cause


def with_defaults(resource: Resource, inputs: Props) -> Props:
    """Return the inputs with the provider's defaults, their names recorded in `__defaults`."""
    filled = {
        name: json.dumps(value) if name in resource.canonical and isinstance(value, dict) else value
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


def problems(resource: Resource, aws: Aws, inputs: Props) -> Iterator[Failure]:
    """Yield everything that is wrong with inputs, as far as it can be known before a call."""
    found = list(type_problems(resource.contract.inputs, inputs))
    if not found:
        found = [failure for rule in resource.rules for failure in rule(inputs)]
        found += _request_problems(resource, aws, inputs, already=bool(found))
        if inputs.get("region", aws.region) not in (aws.region, UNKNOWN):
            found.append(Failure("region", f"the provider is configured for {aws.region}; use a provider for that region"))
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
    if resource.tagging and (aws.default_tags or "tags" in props) and props.get("tags") is not UNKNOWN:
        props["tags"] = {**aws.default_tags, **props.get("tags", {})}
    return props


def create(resource: Resource, aws: Aws, inputs: Props) -> tuple[str, Props]:
    """Make the resource and return its id and outputs. Raises HalfCreatedError when it exists but is not complete."""
    props = wanted(resource, aws, inputs)
    client = aws(resource.service)
    request, failures = resource.create_request(client, props)
    if failures:
        raise ValueError("; ".join(f"{failure.path}: {failure.reason}" for failure in failures))
    answer = getattr(client, resource.create.operation)(**request)
    resource_id = resource.identify(answer, props)
    defaults = inputs.get("__defaults", [])
    try:
        instance = Instance(resource_id, props)
        if resource.after_create is not None:
            resource.after_create(aws, instance)
        for step in resource.steps:
            if step.on_create and any(props.get(name) is not None and name not in defaults for name in step.properties):
                step.apply(aws, instance)
        state = _read(resource, aws, instance, inputs)
    except Exception as error:  # whatever it is, the id must reach the state
        raise HalfCreatedError(resource_id, _visible(resource, props), error) from error
    if state is None:
        raise HalfCreatedError(resource_id, _visible(resource, props), ValueError("AWS does not know it right after the create"))
    return resource_id, state


def preview_create(resource: Resource, inputs: Props) -> Props:
    """Return the outputs as far as they are known: what AWS computes is unknown."""
    outputs = {name: UNKNOWN for name in resource.contract.outputs if name not in resource.contract.inputs}
    outputs |= dict.fromkeys((name for name in resource.computed if "." not in name), UNKNOWN)
    if "namePrefix" in inputs and "name" in resource.contract.inputs:
        outputs["name"] = UNKNOWN
    return {**outputs, **_visible(resource, inputs)}


def read(resource: Resource, aws: Aws, resource_id: str, inputs: Props, state: Props) -> tuple[Props, Props] | None:
    """Return outputs and inputs as they really are, or None when the resource is gone. No inputs: it is an import."""
    instance = Instance(resource_id, {**state, **inputs})
    outputs = _read(resource, aws, instance, inputs)
    if outputs is None:
        return None
    kept = {name: value for name, value in state.items() if name not in outputs and name in resource.contract.outputs}
    if state:
        for name in set(resource.reflects) - inputs.keys():
            outputs.pop(name, None)
            kept |= {name: state[name]} if name in state else {}
    return {**kept, **outputs}, _real_inputs(resource, inputs, state, outputs)


def update(resource: Resource, aws: Aws, resource_id: str, old_inputs: Props, state: Props, inputs: Props) -> Props:
    """Apply what changed and return the outputs."""
    props = wanted(resource, aws, inputs)
    props.setdefault("name", state.get("name"))
    changed = changed_names(resource, old_inputs, state, inputs)
    if not changed:  # the engine asks for it after a half-failed create: do what is really missing
        found = read(resource, aws, resource_id, old_inputs, {})
        if found is not None:
            state, old_inputs = found
            changed = changed_names(resource, old_inputs, state, inputs)
    instance = Instance(resource_id, props, {**state, **old_inputs})
    for step in resource.steps:
        if changed & set(step.properties):
            step.apply(aws, instance)
    if resource.tagging:
        _update_tags(resource, aws, instance)
    found_state = _read(resource, aws, Instance(resource_id, {**instance.old, **props}), inputs)
    if found_state is None:
        raise ValueError("it is gone; run `pulumi refresh` to take that into the state")
    return found_state


def changed_names(resource: Resource, old_inputs: Props, state: Props, inputs: Props) -> set[str]:
    """Return the names of the top-level properties that differ."""
    return {top_level(change.path) for change in changes(resource, old_inputs, state, inputs)}


def preview_update(resource: Resource, old: Props, inputs: Props) -> Props:
    """Return the outputs of an update as far as they are known."""
    kept = {name: value for name, value in old.items() if name in resource.contract.outputs}
    removed = {
        name for name in kept
        if name in resource.contract.inputs and name not in inputs and name not in (*resource.computed, "name", "region")
    }
    kept = {name: value for name, value in kept.items() if name not in removed}
    return {**kept, **dict.fromkeys(resource.moving, UNKNOWN), **_visible(resource, inputs)}


def delete(resource: Resource, aws: Aws, resource_id: str, state: Props) -> None:
    """Remove the resource; that it is gone already is success."""
    try:
        resource.delete(aws, Instance(resource_id, state))
    except ClientError as error:
        if not is_missing(error) or _read(resource, aws, Instance(resource_id, state), {}) is not None:
            raise


def _read(resource: Resource, aws: Aws, instance: Instance, inputs: Props) -> Props | None:
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
    actual["id"] = instance.id
    if resource.arn:
        service, path = resource.arn.split(":", 1)
        actual["arn"] = aws.arn(service, path.format(id=instance.id, name=actual.get("name", "")))
    if resource.finish is not None:
        resource.finish(aws, answer, actual, instance)
    if "region" in fields:
        actual["region"] = aws.region
    if resource.tagging:
        _split_tags(aws, actual, inputs)
    return _outputs(resource, actual, inputs)


def _split_tags(aws: Aws, actual: Props, inputs: Props) -> None:
    present = {key: value for key, value in (actual.get("tags") or {}).items() if not key.startswith("aws:")}
    declared = inputs.get("tags", {})
    declared = declared if isinstance(declared, dict) else {}
    actual["tagsAll"] = present
    actual["tags"] = {
        key: value for key, value in present.items() if key in declared or aws.default_tags.get(key) != value
    }


def _outputs(resource: Resource, actual: Props, inputs: Props) -> Props:
    outputs = _visible(resource, inputs)
    for name, value in actual.items():
        if name not in resource.contract.outputs:
            continue
        written = inputs.get(name)
        keeps = written is not None and same(name, written, value, resource.sets, dict(resource.canonical))
        outputs[name] = written if keeps else value
    return {name: value for name, value in outputs.items() if value is not None}


def _visible(resource: Resource, inputs: Props) -> Props:
    return {name: value for name, value in inputs.items() if name in resource.contract.outputs}


def inputs_of(resource: Resource, outputs: Props) -> Props:
    """Return the inputs that a program would write for a resource with these outputs."""
    return {
        name: value
        for name, value in outputs.items()
        if name in resource.contract.inputs and name not in (*resource.computed, "region") and not is_empty(value)
    }


def _real_inputs(resource: Resource, inputs: Props, state: Props, outputs: Props) -> Props:
    if not inputs:
        return inputs_of(resource, outputs)
    real: Props = {}
    for name, value in inputs.items():
        prop = resource.contract.inputs.get(name, {})
        settled = value if name.startswith("__") else _settled(resource, prop, name, value, outputs.get(name))
        if settled is not None:
            real[name] = settled
    for name in resource.contract.inputs.keys() - inputs.keys() - {*resource.computed, "region"}:
        if name in outputs and not same(name, state.get(name), outputs[name], resource.sets, dict(resource.canonical)):
            real[name] = outputs[name]
    return real


def _settled(resource: Resource, prop: Mapping[str, Any], path: str, written: Any, actual: Any) -> Any:
    """Return `written` as far as it holds, else what is real; keys that AWS filled in stay out."""
    if contains_unknown(written) or same(path, written, actual, resource.sets, dict(resource.canonical)):
        return written
    fields = block_fields(dict(prop))
    if fields is not None and isinstance(written, dict) and isinstance(actual, dict):
        settled = {
            name: _settled(resource, fields.get(name, {}), f"{path}.{name}", value, actual.get(name))
            for name, value in written.items()
        }
        return {name: value for name, value in settled.items() if value is not None}
    if isinstance(written, list) and isinstance(actual, list) and len(written) == len(actual) and path not in resource.canonical:
        return _settled_items(resource, dict(prop.get("items", {})), path, written, actual)
    return actual


def _settled_items(resource: Resource, prop: Mapping[str, Any], path: str, written: list[Any], actual: list[Any]) -> list[Any]:
    if path not in resource.sets:
        return [_settled(resource, prop, path, one, other) for one, other in zip(written, actual, strict=True)]
    free = list(actual)
    settled: list[Any] = []
    for item in written:
        candidates = [_settled(resource, prop, path, item, other) for other in free]
        index = next((i for i, other in enumerate(candidates) if same(path, item, other, resource.sets, dict(resource.canonical))), 0)
        settled.append(candidates[index])
        free.pop(index)
    return settled


def _update_tags(resource: Resource, aws: Aws, instance: Instance) -> None:
    tagging = TAGGINGS[resource.tagging]
    subject = instance.old["arn"] if tagging.by_arn else instance.id
    target = instance.get("tags") or {}
    present = instance.old.get("tagsAll") or instance.old.get("tags") or {}
    if target != present:
        tagging.apply(aws, subject, target, present)
