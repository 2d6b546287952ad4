"""Which RunPod resources does Pulumi know: an Endpoint and a NetworkVolume, as dynamic providers of ours.

State holds these classes by the names of module and class: neither may be renamed, or old stacks cannot be refreshed
or destroyed any more. The providers have no attributes when they are written to the state, so no key can be in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import dynamic

from components.runpod import endpoint, endpoint_check, endpoint_fields, volume
from components.runpod.client import RunpodClient, connect
from components.runpod.endpoint_changes import changed, replaced
from components.runpod.keys import REFUSED_CONFIG, key_in_config
from components.short_errors import said_shortly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.runpod.shape import Failure


class _Provider(dynamic.ResourceProvider):
    """What both have in common: the client, made at the first call, so that a preview needs no key."""

    serialize_as_secret_always = False
    _client: RunpodClient | None = None
    _key_in_config = False

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Note whether the stack's configuration has a key; the key itself is never read from there."""
        self._key_in_config = req.config.get(REFUSED_CONFIG) is not None

    def connect(self) -> RunpodClient:
        """Return a new client; raises StackError without a key."""
        return connect()

    @property
    def client(self) -> RunpodClient:
        """The client of this provider process."""
        if self._client is None:
            self._client = self.connect()
        return self._client

    def _checked(self, inputs: dict[str, Any], failures: Iterable[Failure]) -> dynamic.CheckResult:
        found = [dynamic.CheckFailure(field, reason) for field, reason in failures]
        if self._key_in_config:
            found.append(dynamic.CheckFailure("", str(key_in_config())))
        return dynamic.CheckResult(inputs, found)


class EndpointProvider(_Provider):
    """Endpoints: see `components.runpod.endpoint`."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Fill in our defaults and refuse what RunPod would."""
        inputs = endpoint_fields.filled(news)
        return self._checked(inputs, endpoint_check.failures(inputs))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare what was declared with what is; asks nobody."""
        new = endpoint_fields.filled(_news)
        old = endpoint_fields.filled(endpoint_fields.declared(_olds))
        return dynamic.DiffResult(changes=bool(changed(old, new)), replaces=replaced(old, new))

    @said_shortly
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make or adopt an endpoint."""
        id_, outs = endpoint.create(self.client, endpoint_fields.filled(props))
        return dynamic.CreateResult(id_, outs)

    @said_shortly
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Look; an endpoint that is gone has no id."""
        found = endpoint.read(self.client, id_, props)
        return dynamic.ReadResult("", {}) if found is None else dynamic.ReadResult(id_, *found)

    @said_shortly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Send what differs."""
        return dynamic.UpdateResult(endpoint.update(self.client, _id, _olds, endpoint_fields.filled(_news)))

    @said_shortly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Stop the workers and delete."""
        endpoint.delete(self.client, _id, _props)


class NetworkVolumeProvider(_Provider):
    """Network volumes: see `components.runpod.volume`."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Refuse what RunPod would, and a volume that is to shrink."""
        inputs = volume.filled(news)
        return self._checked(inputs, volume.failures(volume.declared(_olds), inputs))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare what was declared with what is; asks nobody."""
        old, new = volume.declared(_olds), volume.filled(_news)
        return dynamic.DiffResult(changes=bool(volume.changed(old, new)), replaces=volume.replaced(old, new))

    @said_shortly
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make a volume."""
        id_, outs = volume.create(self.client, volume.filled(props))
        return dynamic.CreateResult(id_, outs)

    @said_shortly
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Look; a volume that is gone has no id."""
        found = volume.read(self.client, id_, props)
        return dynamic.ReadResult("", {}) if found is None else dynamic.ReadResult(id_, *found)

    @said_shortly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Rename or grow."""
        state, inputs = volume.declared(_olds), volume.filled(_news)
        return dynamic.UpdateResult(volume.update(self.client, _id, state, inputs))

    @said_shortly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete, with what is on it."""
        volume.delete(self.client, _id)


class Endpoint(dynamic.Resource, module="runpod", name="Endpoint"):
    """A serverless endpoint; its id is RunPod's."""

    requestUrls: pulumi.Output[dict[str, str]]  # noqa: N815 - the name that the state has
    consoleUrl: pulumi.Output[str]  # noqa: N815

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare an endpoint by RunPod's own field names, and those of `endpoint_fields.STATE_ONLY`."""
        outputs = dict.fromkeys(endpoint_fields.OUTPUTS)
        super().__init__(EndpointProvider(), name, {**outputs, "owner": _owner(name), **props}, opts)


class NetworkVolume(dynamic.Resource, module="runpod", name="NetworkVolume"):
    """A network volume; its id is RunPod's."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare a volume: name, size in GB, dataCenter, type."""
        super().__init__(NetworkVolumeProvider(), name, {**dict.fromkeys(volume.OUTPUTS), **props}, opts)


def _owner(name: str) -> str:
    return f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
