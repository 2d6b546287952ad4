"""What does an entry of the table say about a resource type?

An entry names API calls and exceptions; names, types, replacement and enums come from the contract and from botocore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sandbox.provider.comparison import Comparison
from sandbox.provider.contract import Contract, Failure, contract_of
from sandbox.provider.shapes import to_aws

if TYPE_CHECKING:
    from sandbox.provider.aws import Aws
    from sandbox.provider.values import Path, Props

Answer = Mapping[str, Any]
Rule = Callable[["Props"], Iterable[Failure]]


@dataclass(frozen=True)
class Instance:
    """One resource: its id, what is wanted (tags with the provider's default ones), and what was there before."""

    id: str
    props: Props
    old: Props = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.props[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a wanted property."""
        return self.props.get(name, default)


def _unchanged(props: Props) -> Props:
    return props


@dataclass(frozen=True)
class Call:
    """One API operation whose request is made from properties.

    `prepare` moves properties into the API's form first; it must take unknown values, since a preview runs it too.
    """

    operation: str
    prepare: Callable[[Props], Props] = _unchanged
    rename: Mapping[str, str] = field(default_factory=dict)
    tag_type: str = ""

    def request(self, client: Any, props: Props) -> tuple[dict[str, Any], list[Failure]]:
        """Return the request and what does not fit into it; what other calls carry must be left out of `props`."""
        shape = self.input_shape(client)
        wanted = dict(self.prepare(dict(props)))
        tags = wanted.pop("tags", None) if self.tag_type else None
        failures: list[Failure] = []
        request = to_aws(shape, wanted, "", self.rename, failures)
        if tags and isinstance(tags, dict):
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
            request["TagSpecifications"] = [{"ResourceType": self.tag_type, "Tags": pairs}]
        return request, failures

    def input_shape(self, client: Any) -> Any:
        """Return botocore's shape of the request."""
        model = client.meta.service_model
        return model.operation_model(client.meta.method_to_api_mapping[self.operation]).input_shape


@dataclass(frozen=True)
class Step:
    """A call that carries some properties: after a create when they are set, and in an update when they change."""

    properties: tuple[str, ...]
    apply: Callable[[Aws, Instance], object]
    on_create: bool = True


@dataclass(frozen=True)
class Resource:
    """One entry of the table."""

    type_name: str
    service: str
    create: Call
    identify: Callable[[Answer, Props], str]
    read: Callable[[Aws, Instance], Answer | None]
    """Return AWS's answer, flat, or None when the resource is gone."""
    delete: Callable[[Aws, Instance], object]
    steps: tuple[Step, ...] = ()
    after_create: Callable[[Aws, Instance], object] | None = None
    """A call that every create needs after the first one."""
    finish: Callable[[Aws, Answer, Props, Instance], None] | None = None
    """Complete the properties that an answer gave."""
    rename: Mapping[str, str] = field(default_factory=dict)
    """Property path -> member, where the names differ by more than case and plural."""
    arn: str = ""
    """`<service>:<resource>` with `{id}`, where the API's answer has no ARN."""
    tagging: str = ""
    """Key of the tag table; empty when the type has no tags."""
    local: tuple[str, ...] = ()
    """Properties that steer the provider and are never sent."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    computed: tuple[str, ...] = ()
    """Optional inputs that AWS chooses when they are left out."""
    reflects: tuple[str, ...] = ()
    """Outputs that other resources change: a refresh keeps what the state holds, as long as no input declares them."""
    moving: tuple[str, ...] = ()
    """Outputs that any update changes."""
    comparison: Comparison = field(default_factory=Comparison)
    rules: tuple[Rule, ...] = ()
    forced: Callable[[Props, Props], Iterable[str]] | None = None
    """The properties whose change from these inputs to those replaces the resource, though another change does not."""
    names_account: bool = False
    """Its calls name the account; where `accountId` is left out, the caller's."""
    name_limit: int = 255
    delete_before_replace: bool = False

    @cached_property
    def contract(self) -> Contract:
        """Names and types of the properties."""
        return contract_of(self.type_name)

    @cached_property
    def secrets(self) -> frozenset[Path]:
        """Paths of the inputs that are secret by their nature."""
        return frozenset((name,) for name, prop in self.contract.inputs.items() if prop.get("secret"))

    @property
    def is_autonamed(self) -> bool:
        """Tell whether a missing `name` is made from the logical name."""
        return "name" in self.contract.inputs and not self.contract.inputs["name"].get("required")

    def create_request(self, client: Any, props: Props) -> tuple[dict[str, Any], list[Failure]]:
        """Return the create call's request, without what the steps and the provider itself take care of."""
        later = {name for step in self.steps if step.on_create for name in step.properties}
        sent = {
            name: value
            for name, value in props.items()
            if not name.startswith("__") and name not in (*self.local, *later, "region", "namePrefix")
        }
        return replace(self.create, rename=self.rename).request(client, sent)


def modify(service: str, call: Call, id_argument: str, properties: tuple[str, ...], *, on_create: bool = True) -> Step:
    """Return a step that sends `properties` with one call."""

    def apply(aws: Aws, instance: Instance) -> None:
        wanted = {name: instance.props[name] for name in properties if instance.props.get(name) is not None}
        send(aws, service, call, wanted, {id_argument: instance.id})

    return Step(properties, apply, on_create)


def send(aws: Aws, service: str, call: Call, props: Props, more: Answer | None = None) -> Answer:
    """Make a call. Raises ValueError when a property has no place in its request."""
    client = aws(service)
    request, failures = call.request(client, props)
    if failures:
        raise ValueError("; ".join(f"{failure.path}: {failure.reason}" for failure in failures))
    return getattr(client, call.operation)(**request, **(more or {}))


def first(answer: Answer, path: str) -> Answer | None:
    """Return the first item of the list at `path`, or None."""
    items = answer.get(path) or []
    return items[0] if items else None
