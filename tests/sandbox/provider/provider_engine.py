"""A small engine for tests: drives the provider over gRPC in the order in which Pulumi does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.provider.values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator


class CheckFailedError(AssertionError):
    """The provider refused the inputs; `failures` maps each path to the reason."""

    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__(str(failures))
        self.failures = failures


@dataclass
class Deployed:
    """What the engine keeps of a resource."""

    token: str
    name: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.id if name == "id" else self.outputs[name]


@dataclass
class Diff:
    """A diff in plain data: path -> kind."""

    kinds: dict[str, str]
    replaces: list[str]
    delete_before_replace: bool


@dataclass
class Engine:
    """The calls of one stack."""

    stub: provider_pb2_grpc.ResourceProviderStub
    deployed: list[Deployed] = field(default_factory=list)

    def check(
        self, token: str, name: str, inputs: dict[str, Any], olds: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        request = pb.CheckRequest(
            urn=urn(token, name), news=encode(inputs), olds=encode(olds or {}), randomSeed=name.encode(), **more
        )
        answer = self.stub.Check(request)
        if answer.failures:
            raise CheckFailedError({failure.property: failure.reason for failure in answer.failures})
        return decode(answer.inputs).values

    def preview(self, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        checked = self.check(token, name, inputs)
        answer = self.stub.Create(pb.CreateRequest(urn=urn(token, name), properties=encode(checked), preview=True))
        return decode(answer.properties).values

    def create(self, token: str, name: str, inputs: dict[str, Any]) -> Deployed:
        checked = self.check(token, name, inputs)
        answer = self.stub.Create(pb.CreateRequest(urn=urn(token, name), properties=encode(checked)))
        made = Deployed(token, name, answer.id, checked, decode(answer.properties).values)
        self.deployed.append(made)
        return made

    def diff(self, resource: Deployed, inputs: dict[str, Any]) -> Diff:
        news = self.check(resource.token, resource.name, inputs, resource.inputs)
        return self.diff_checked(resource, news)

    def diff_checked(self, resource: Deployed, news: dict[str, Any]) -> Diff:
        answer = self.stub.Diff(
            pb.DiffRequest(
                id=resource.id,
                urn=urn(resource.token, resource.name),
                olds=encode(resource.outputs),
                old_inputs=encode(resource.inputs),
                news=encode(news),
            )
        )
        kinds = {path: pb.PropertyDiff.Kind.Name(item.kind) for path, item in answer.detailedDiff.items()}
        assert (answer.changes == pb.DiffResponse.DIFF_SOME) == bool(kinds)
        return Diff(kinds, list(answer.replaces), answer.deleteBeforeReplace)

    def update(self, resource: Deployed, inputs: dict[str, Any]) -> None:
        news = self.check(resource.token, resource.name, inputs, resource.inputs)
        answer = self.stub.Update(
            pb.UpdateRequest(
                id=resource.id,
                urn=urn(resource.token, resource.name),
                olds=encode(resource.outputs),
                old_inputs=encode(resource.inputs),
                news=encode(news),
            )
        )
        resource.inputs, resource.outputs = news, decode(answer.properties).values

    def read(self, resource: Deployed) -> Deployed | None:
        answer = self.stub.Read(
            pb.ReadRequest(
                id=resource.id,
                urn=urn(resource.token, resource.name),
                properties=encode(resource.outputs),
                inputs=encode(resource.inputs),
            )
        )
        if not answer.id:
            return None
        found = decode(answer.inputs).values, decode(answer.properties).values
        return Deployed(resource.token, resource.name, answer.id, *found)

    def import_(self, token: str, name: str, resource_id: str) -> Deployed:
        found = self.read(Deployed(token, name, resource_id, {}, {}))
        assert found is not None
        return found

    def delete(self, resource: Deployed) -> None:
        self.stub.Delete(
            pb.DeleteRequest(
                id=resource.id,
                urn=urn(resource.token, resource.name),
                properties=encode(resource.outputs),
                old_inputs=encode(resource.inputs),
            )
        )
        if resource in self.deployed:
            self.deployed.remove(resource)

    def clean(self) -> None:
        for resource in reversed(list(self.deployed)):
            self.delete(resource)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::berth::{token}::{name}"


@contextmanager
def connected(port: int, **config: Any) -> Iterator[Engine]:
    """Connect and configure as the engine does for one provider instance: over a connection of its own."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
        engine = Engine(provider_pb2_grpc.ResourceProviderStub(channel))
        engine.stub.Configure(pb.ConfigureRequest(args=encode({"region": "us-east-1", **config})))
        yield engine
