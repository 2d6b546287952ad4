"""The Endpoint resource, and its provider.

This module's path is in the state of every stack that has an endpoint: neither it nor `EndpointProvider` may move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi  # noqa: TC002 - Pulumi reads the annotations when outputs arrive
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.dynamic import Resource as DynamicResource
from pulumi.dynamic import ResourceProvider as DynamicProvider

from components.sagemaker import difference
from components.sagemaker.checking import failures
from components.sagemaker.reading import found, outputs_of
from components.sagemaker.wanted import Access, wanted_of, whole
from components.short_errors import said_shortly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.sagemaker.clients import Clients
    from components.sagemaker.clock import Clock
    from components.sagemaker.lifecycle import Lifecycle
    from components.sagemaker.wanted import Wanted


class EndpointProvider(DynamicProvider):
    """What Pulumi asks about one Endpoint; without state of its own, so that only its name is stored."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse what no endpoint can have; a value that is not known yet is checked when it is."""
        inputs = whole(news)
        return CheckResult(inputs, [CheckFailure(name, reason) for name, reason in failures(inputs)])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is deployed with what is wanted, without asking AWS."""
        changed = difference.changed(olds, news)
        return DiffResult(
            changes=bool(changed),
            replaces=[name for name in changed if name in difference.IDENTITY],
            delete_before_replace=False,
        )

    @said_shortly
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the endpoint and wait until it serves, unless it is to be parked."""
        inputs, wanted = _read(props)
        seen = self._lifecycle(wanted).create()
        return CreateResult(wanted.endpoint_name, {**inputs, **outputs_of(wanted, seen)})

    @said_shortly
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Change the endpoint in place and wait until it serves."""
        inputs, wanted = _read(news)
        seen = self._lifecycle(wanted).update(_read(olds)[1])
        return UpdateResult({**inputs, **outputs_of(wanted, seen)})

    @said_shortly
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the endpoint and wait until nothing of it is left."""
        self._lifecycle(_read(props)[1]).delete()

    @said_shortly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the endpoint as AWS has it; nothing when it is gone although it should serve."""
        inputs, wanted = _read(props)
        now = found(self._lifecycle(wanted), wanted)
        return ReadResult("", {}) if now is None else ReadResult(id_, {**inputs, **now})

    def connect(self, access: Access) -> Clients:
        """Return the clients for an endpoint."""
        from components.sagemaker.clients import connect  # noqa: PLC0415 - the SDK, which no preview needs

        return connect(access)

    def clock(self) -> Clock:
        """Return the clock that waiting goes by."""
        from components.sagemaker.clock import Clock  # noqa: PLC0415

        return Clock()

    def say(self, line: str) -> None:
        """Tell the user a line."""
        from components.sagemaker.progress import say  # noqa: PLC0415

        say(line)

    def _lifecycle(self, wanted: Wanted) -> Lifecycle:
        from components.sagemaker.lifecycle import Lifecycle  # noqa: PLC0415

        return Lifecycle(wanted, self.connect(wanted.access), self.clock(), self.say)


class Endpoint(DynamicResource, module="sagemaker", name="Endpoint"):
    """A SageMaker endpoint that can be parked, with its scaling."""

    endpoint_arn: pulumi.Output[str | None]
    state: pulumi.Output[str]
    current_config_name: pulumi.Output[str | None]
    current_instance_type: pulumi.Output[str | None]
    current_accelerator: pulumi.Output[str | None]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """`inputs` are named as in `difference.INPUTS` and `difference.FIRST`."""
        super().__init__(EndpointProvider(), name, {**inputs, **dict.fromkeys(_ATTRIBUTES)}, opts)

    def translate_output_property(self, prop: str) -> str:
        """Return the attribute of an output."""
        return next((name for name, output in _ATTRIBUTES.items() if output == prop), prop)

    def translate_input_property(self, prop: str) -> str:
        """Return the output of an attribute."""
        return _ATTRIBUTES.get(prop, prop)


_ATTRIBUTES: Mapping[str, str] = {
    "endpoint_arn": "endpointArn",
    "state": "state",
    "current_config_name": "currentConfigName",
    "current_instance_type": "currentInstanceType",
    "current_accelerator": "currentAccelerator",
}


def _read(props: Mapping[str, Any]) -> tuple[dict[str, Any], Wanted]:
    inputs = {key: whole(value) for key, value in props.items() if key in difference.INPUTS or key in difference.FIRST}
    return inputs, wanted_of(inputs)
