"""What does a rule see of a resource, wherever it comes from: a plan, the engine, or a state?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from policies.value import Value, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL_SERVICE = "berth:index:ModelService"
"""The component of a service: registered before anything of the service exists, so that a rule on it blocks in time."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as plain data; `props` has `UNKNOWN` where a value is not known."""

    type: str
    name: str
    urn: str
    props: Any
    parent: str | None = None
    ignored: tuple[str, ...] = ()
    """Properties whose changes the program ignores."""
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """URNs of the resources that a property comes from, by property."""

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Resource:
        """Return a resource as a state, or a step of `pulumi preview --json`, has it."""
        urn = str(state["urn"])
        uses: Mapping[str, list[str]] = state.get("propertyDependencies") or {}
        return cls(
            type=str(state["type"]),
            name=urn.rpartition("::")[2],
            urn=urn,
            props=plain(state.get("inputs") or {}),
            parent=state.get("parent"),
            ignored=tuple(state.get("ignoreChanges") or ()),
            uses={name: tuple(urns) for name, urns in uses.items()},
        )

    @classmethod
    def of_service(cls, registered: Mapping[str, Any], *, name: str, stack: str) -> Resource:
        """Return the component of a service that is planned, from what it will register."""
        return cls(MODEL_SERVICE, name, f"urn:pulumi:{stack}::berth::{MODEL_SERVICE}::{name}", plain(registered))

    @property
    def value(self) -> Value:
        """The properties, to be read safely."""
        return Value(self.props)

    @property
    def stack(self) -> str:
        """The stack that the URN names.

        >>> Resource("t", "n", "urn:pulumi:prod::berth::t::n", {}).stack
        'prod'
        """
        return self.urn.partition("::")[0].rpartition(":")[2]

    def is_below(self, kind: str) -> bool:
        """Tell whether a component of a type is among its parents.

        >>> Resource("t", "n", "urn:pulumi:prod::berth::a:b:C$t::n", {}).is_below("a:b:C")
        True
        """
        types = self.urn.split("::")[2:3]
        return bool(types) and kind in types[0].split("$")[:-1]
