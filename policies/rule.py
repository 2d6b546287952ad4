"""What is a rule: a named value with a pure check, how serious it is, what to do, and which settings it has?

A check yields what it finds: a text is a violation. What it cannot tell, it raises or yields; then the rule has not
passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from policies.resources import MODEL_SERVICE, Resource
from policies.value import MISSING, CannotTell, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

Severity = Literal["low", "medium", "high", "critical"]
Level = Literal["advisory", "mandatory", "disabled"]
Settings = dict[str, Any]
Schema = dict[str, Any]
"""JSON Schema of one setting; one without a default must be given."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why a rule has nothing to say about a resource of its own type."""

    reason: str


Finding = str | CannotTell | NotApplicable


@dataclass(frozen=True, slots=True)
class Subject:
    """One resource under a rule, with all that the rule may know."""

    resource: Resource
    settings: Settings
    today: date
    owner: Resource | None = None
    """The component of the service that the resource belongs to; the resource itself where it is that component."""

    @property
    def props(self) -> Value:
        return self.resource.value

    @property
    def service(self) -> Value:
        """What that component registered; missing where the resource belongs to no service."""
        return Value(MISSING) if self.owner is None else self.owner.value

    @property
    def target(self) -> str | None:
        return self.service["target"].text()

    @property
    def is_parked(self) -> bool:
        """Whether nothing of the service runs until somebody changes its spec."""
        return self.service["spec"]["power"].text() == "off"


@dataclass(frozen=True, slots=True)
class Stack:
    """All resources of a stack under a rule."""

    resources: tuple[Resource, ...]
    settings: Settings
    today: date
    owner: Callable[[Resource], Resource | None]
    """The component of the service that a resource belongs to."""

    def of(self, *types: str) -> list[Resource]:
        return [one for one in self.resources if one.type in types]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on single resources; `checks` are by type of resource, that of the service's component among them."""

    name: str
    about: str
    """What holds where the rule is kept."""
    remedy: str
    severity: Severity
    level: Level
    """Where a configuration says nothing."""
    checks: Mapping[str, Callable[[Subject], Iterable[Finding]]]
    settings: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    exemptible: bool = True


@dataclass(frozen=True, slots=True)
class StackRule:
    """A rule on a whole stack: a second line, as everything may exist already when it is asked."""

    name: str
    about: str
    remedy: str
    severity: Severity
    level: Level
    types: tuple[str, ...]
    """The types of resources that it reads."""
    check: Callable[[Stack], Iterable[tuple[Resource | None, Finding]]]
    settings: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    exemptible: bool = True


AnyRule = Rule | StackRule


def each(values: Iterable[Value], check: Callable[[Value], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds in each of several values, so that one that cannot be told hides no other."""
    for value in values:
        try:
            yield from check(value)
        except CannotTell as reason:
            yield reason


def on_service(check: Callable[[Subject], Iterable[Finding]]) -> Mapping[str, Callable[[Subject], Iterable[Finding]]]:
    """Return the checks of a rule that reads the component of a service and nothing else."""
    return {MODEL_SERVICE: check}
