"""Which settings does the provider take, and do two instances keep theirs apart?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from provider_engine import Engine, connected
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider import serve
from sandbox.provider.servicer import PLUGIN_VERSION
from sandbox.provider.values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVIDER = "urn:pulumi:test::berth::pulumi:providers:aws::default"
LOGS = "aws:cloudwatch/logGroup:LogGroup"


@pytest.fixture
def second(provider_port: int) -> Iterator[Engine]:
    """Another provider instance."""
    with connected(provider_port) as engine:
        yield engine
        engine.clean()


def _configure(engine: Engine, config: dict[str, Any]) -> None:
    engine.stub.Configure(pb.ConfigureRequest(args=encode(config)))


def test_the_provider_introduces_itself(engine: Engine) -> None:
    """It has the version of the SDK that it stands in for, and speaks the newer handshake."""
    assert engine.stub.GetPluginInfo(pb.ProviderHandshakeRequest()).version == PLUGIN_VERSION == "7.51.1"
    answer = engine.stub.Handshake(pb.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert (answer.accept_secrets, answer.accept_resources, answer.accept_outputs) == (True, False, False)
    assert json.loads(engine.stub.GetSchema(pb.GetSchemaRequest()).schema)["name"] == "aws"


def test_a_setting_it_does_not_know_is_refused(engine: Engine) -> None:
    """The failure has the setting's name and the known ones; usual settings pass."""
    good = {"region": "us-east-1", "skipCredentialsValidation": "true", "defaultTags": '{"tags": {"a": "b"}}'}
    answer = engine.stub.CheckConfig(pb.CheckRequest(urn=PROVIDER, news=encode(good)))
    assert list(answer.failures) == []
    assert decode(answer.inputs).values == good
    answer = engine.stub.CheckConfig(pb.CheckRequest(urn=PROVIDER, news=encode({"regionn": "us-east-1"})))
    assert [failure.property for failure in answer.failures] == ["regionn"]
    assert "region, " in answer.failures[0].reason


def test_default_tags_are_set_on_everything_and_shown_in_tags_all(second: Engine) -> None:
    """A default tag reaches AWS and `tagsAll`, but is no tag of the program."""
    _configure(second, {"region": "us-east-1", "defaultTags": json.dumps({"tags": {"stack": "test", "owner": "x"}})})
    made = second.create(LOGS, "tagged", {"tags": {"owner": "me"}})
    assert made["tags"] == {"owner": "me"}
    assert made["tagsAll"] == {"owner": "me", "stack": "test"}
    found = second.read(made)
    assert found is not None
    assert second.diff(found, {"tags": {"owner": "me"}}).kinds == {}


def test_changed_default_tags_are_an_update(second: Engine) -> None:
    """Every tagged resource shows it in `tagsAll`."""
    made = second.create(LOGS, "retagged", {})
    _configure(second, {"defaultTags": '{"tags": {"stack": "new"}}'})
    assert second.diff(made, {}).kinds == {"tagsAll": "UPDATE"}
    second.update(made, {})
    assert made["tagsAll"] == {"stack": "new"}
    assert second.diff(made, {}).kinds == {}


def test_two_instances_have_their_own_region(engine: Engine, second: Engine) -> None:
    """Both talk to one server; their connections tell them apart."""
    _configure(engine, {"region": "us-east-1"})
    _configure(second, {"region": "eu-west-1"})
    assert engine.create(LOGS, "here", {})["arn"].split(":")[3] == "us-east-1"
    assert second.create(LOGS, "there", {})["arn"].split(":")[3] == "eu-west-1"


def test_another_region_replaces_what_was_made_there(engine: Engine) -> None:
    """The engine is told that the provider must be replaced."""
    answer = engine.stub.DiffConfig(
        pb.DiffRequest(old_inputs=encode({"region": "us-east-1"}), news=encode({"region": "eu-west-1"}))
    )
    assert list(answer.replaces) == ["region"]


def test_a_taken_port_is_an_error(endpoint: str, provider_port: int) -> None:
    """Serving on a port in use fails with the port's number."""
    with pytest.raises(OSError, match=f"provider port {provider_port}: cannot be bound"):
        serve(endpoint, provider_port)


def test_calls_that_the_provider_does_not_have_are_unimplemented(engine: Engine) -> None:
    """Components and methods belong to other providers."""
    for call, request in ((engine.stub.Construct, pb.ConstructRequest()), (engine.stub.Call, pb.CallRequest())):
        with pytest.raises(grpc.RpcError) as caught:
            call(request)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
