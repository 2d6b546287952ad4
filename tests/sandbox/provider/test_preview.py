"""What does a preview know of a resource that does not exist yet, or will change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider.values import UNKNOWN, decode, encode

if TYPE_CHECKING:
    from provider_engine import Engine


def test_outputs_of_aws_are_unknown(engine: Engine) -> None:
    """Inputs and defaults are known, what AWS computes is not."""
    outputs = engine.preview("aws:ec2/vpc:Vpc", "v", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert outputs["enableDnsSupport"] is True
    assert outputs["tags"] == {"a": "b"}
    unknown = {name for name, value in outputs.items() if value is UNKNOWN}
    assert {"arn", "mainRouteTableId", "ownerId", "tagsAll"} <= unknown
    assert "ipv4IpamPoolId" not in outputs


def test_a_name_from_a_prefix_is_unknown_and_an_automatic_one_known(engine: Engine) -> None:
    """The automatic name is made in the check, the other one by AWS's caller at creation."""
    role = {"assumeRolePolicy": "{}"}
    assert engine.preview("aws:iam/role:Role", "r", {**role, "namePrefix": "p-"})["name"] is UNKNOWN
    assert engine.preview("aws:iam/role:Role", "r", role)["name"].startswith("r-")


def test_a_preview_makes_nothing(engine: Engine, client: object) -> None:
    """Nothing is called."""
    engine.preview("aws:cloudwatch/logGroup:LogGroup", "x", {"name": "/never/made"})
    assert client("logs").describe_log_groups(logGroupNamePrefix="/never/made")["logGroups"] == []


def test_an_update_of_a_launch_template_moves_its_version(engine: Engine) -> None:
    """The next version is unknown in a preview, so that what follows it shows a change."""
    made = engine.create("aws:ec2/launchTemplate:LaunchTemplate", "lt", {"instanceType": "g6.xlarge"})
    assert made["latestVersion"] == 1
    news = engine.check(made.token, made.name, {"instanceType": "g6.2xlarge"}, made.inputs)
    answer = engine.stub.Update(
        pb.UpdateRequest(
            id=made.id,
            urn=f"urn:pulumi:test::berth::{made.token}::lt",
            olds=encode(made.outputs),
            old_inputs=encode(made.inputs),
            news=encode(news),
            preview=True,
        )
    )
    outputs = decode(answer.properties).values
    assert outputs["latestVersion"] is UNKNOWN
    assert outputs["arn"] == made["arn"]
    assert outputs["instanceType"] == "g6.2xlarge"
    engine.update(made, {"instanceType": "g6.2xlarge"})
    assert made["latestVersion"] == 2


def test_a_changed_container_is_a_new_revision(engine: Engine) -> None:
    """Registering the family again gives revision 2 under the same id."""
    token, image = "aws:ecs/taskDefinition:TaskDefinition", '[{"name": "a", "image": "a:%d", "memory": 64}]'
    first = engine.create(token, "t", {"family": "revised", "containerDefinitions": image % 1})
    second = engine.create(token, "t", {"family": "revised", "containerDefinitions": image % 2})
    assert (first.id, second.id) == ("revised", "revised")
    assert (first["revision"], second["revision"]) == (1, 2)
    assert second["arn"] == f"{second['arnWithoutRevision']}:2"
