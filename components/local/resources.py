"""Which resource does the local target have: a Process of this machine, as a dynamic provider of ours.

State holds the provider by the names of module and class: neither may be renamed, or old stacks cannot be refreshed or
destroyed any more. The provider has no attributes, and its inputs no secrets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import dynamic

from components.local import lifecycle
from components.short_errors import said_shortly

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProcessProvider(dynamic.ResourceProvider):
    """Processes: see `components.local.lifecycle`."""

    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare what was declared with what is; one that has ended, as after a reboot, is started again."""
        changed = any(_olds.get(name) != _news.get(name) for name in lifecycle.INPUTS)
        moved = [name for name in ("directory", "role") if _olds.get(name) != _news.get(name)]
        return dynamic.DiffResult(
            changes=changed or not lifecycle.runs(_olds), replaces=moved, delete_before_replace=True
        )

    @said_shortly
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Start the process and wait until it is ready."""
        outs = self.begin(props)
        return dynamic.CreateResult(f"{props['directory']}/{props['role']}", {**_inputs(props), **outs})

    @said_shortly
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Look; a process that has ended has no id."""
        return dynamic.ReadResult(id_, dict(props)) if lifecycle.runs(props) else dynamic.ReadResult("", {})

    @said_shortly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """End the old process and start one with the new settings."""
        lifecycle.end(_olds)
        return dynamic.UpdateResult({**_inputs(_news), **self.begin(_news)})

    @said_shortly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """End it for certain, and remove its files."""
        lifecycle.end(_props)

    def begin(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Start the process that inputs describe."""
        return lifecycle.begin(inputs)


class Process(dynamic.Resource, module="local", name="Process"):
    """A process of this machine that outlives Pulumi; its id is its folder and role."""

    pid: pulumi.Output[int]
    started: pulumi.Output[str]
    log: pulumi.Output[str]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare a process by the names of `lifecycle.INPUTS`."""
        super().__init__(ProcessProvider(), name, {**dict.fromkeys(lifecycle.OUTPUTS), **props}, opts)


def _inputs(props: Mapping[str, Any]) -> dict[str, Any]:
    return {name: props.get(name) for name in lifecycle.INPUTS}
