"""How does a resource live: created, updated and deleted through boto3?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.provider.aws import is_missing
from sandbox.provider.checking import wanted
from sandbox.provider.difference import changes, top_level
from sandbox.provider.reading import Known, read, read_outputs, visible
from sandbox.provider.resource import Instance, Resource
from sandbox.provider.tagging import TAGGINGS
from sandbox.provider.values import UNKNOWN, Props

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


def create(resource: Resource, aws: Aws, inputs: Props) -> tuple[str, Props]:
    """Make the resource and return its id and outputs. Raises HalfCreatedError when it exists but is not complete."""
    props = wanted(resource, aws, inputs)
    client = aws(resource.service)
    request, failures = resource.create_request(client, props)
    if failures:
        raise ValueError("; ".join(f"{failure.path}: {failure.reason}" for failure in failures))
    answer = getattr(client, resource.create.operation)(**request)
    instance = Instance(resource.identify(answer, props), props)
    try:
        _complete(resource, aws, instance, inputs)
        state = read_outputs(resource, aws, instance, inputs)
        if state is None:
            raise ValueError("AWS does not know it right after the create")  # noqa: TRY301 - told like AWS's refusals
    except Exception as error:  # whatever it is, the id must reach the state
        raise HalfCreatedError(instance.id, visible(resource, props), error) from error
    return instance.id, state


def preview_create(resource: Resource, inputs: Props) -> Props:
    """Return the outputs as far as they are known: what AWS computes is unknown."""
    outputs = {name: UNKNOWN for name in resource.contract.outputs if name not in resource.contract.inputs}
    outputs |= dict.fromkeys((name for name in resource.computed if "." not in name), UNKNOWN)
    if "namePrefix" in inputs and "name" in resource.contract.inputs:
        outputs["name"] = UNKNOWN
    return {**outputs, **visible(resource, inputs)}


def update(resource: Resource, aws: Aws, known: Known, inputs: Props) -> Props:
    """Apply what changed and return the outputs."""
    props = wanted(resource, aws, inputs)
    if "name" in known.state:
        props.setdefault("name", known.state["name"])
    changed = _changed_names(resource, known, inputs)
    if not changed:  # the engine asks for it after a half-failed create: do what is really missing
        known = read(resource, aws, Known(known.id, known.inputs)) or known
        changed = _changed_names(resource, known, inputs)
    instance = Instance(known.id, props, {**known.state, **known.inputs})
    for step in resource.steps:
        if changed & set(step.properties):
            step.apply(aws, instance)
    if resource.tagging:
        _update_tags(resource, aws, instance)
    outputs = read_outputs(resource, aws, Instance(known.id, {**instance.old, **props}), inputs)
    if outputs is None:
        raise ValueError("it is gone; run `pulumi refresh` to take that into the state")
    return outputs


def preview_update(resource: Resource, known: Known, inputs: Props) -> Props:
    """Return the outputs of an update as far as they are known."""
    stays = {*resource.computed, *inputs, "name", "region"}
    kept = {
        name: value
        for name, value in visible(resource, known.state).items()
        if name in stays or name not in resource.contract.inputs
    }
    return {**kept, **dict.fromkeys(resource.moving, UNKNOWN), **visible(resource, inputs)}


def delete(resource: Resource, aws: Aws, known: Known) -> None:
    """Remove the resource; that it is gone already is success."""
    instance = Instance(known.id, {**known.state, **known.inputs})
    try:
        resource.delete(aws, instance)
    except ClientError as error:
        if not is_missing(error) or read_outputs(resource, aws, instance, {}) is not None:
            raise


def _complete(resource: Resource, aws: Aws, instance: Instance, inputs: Props) -> None:
    """Make the calls after the first one; a default is what AWS does anyway."""
    if resource.after_create is not None:
        resource.after_create(aws, instance)
    given = {name for name, value in instance.props.items() if value is not None} - set(inputs.get("__defaults", []))
    for step in resource.steps:
        if step.on_create and given & set(step.properties):
            step.apply(aws, instance)


def _changed_names(resource: Resource, known: Known, inputs: Props) -> set[str]:
    return {top_level(change.path) for change in changes(resource, known.inputs, known.state, inputs)}


def _update_tags(resource: Resource, aws: Aws, instance: Instance) -> None:
    tagging = TAGGINGS[resource.tagging]
    target = instance.get("tags") or {}
    present = instance.old.get("tagsAll") or instance.old.get("tags") or {}
    if target != present:
        tagging.apply(aws, instance.old["arn"] if tagging.by_arn else instance.id, target, present)
