"""What does a user see when AWS refuses, and what does the state keep?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from provider_case import TRUST
from provider_engine import Deployed, Engine, urn
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2

from sandbox.provider.values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "aws:iam/role:Role"
MISSING_POLICY = "arn:aws:iam::123456789012:policy/missing"


def test_a_refusal_names_resource_operation_code_and_message(engine: Engine) -> None:
    """The text says who was created with which call, and what AWS answered."""
    with pytest.raises(grpc.RpcError) as caught:
        engine.create("aws:ec2/subnet:Subnet", "a", {"vpcId": "vpc-404", "cidrBlock": "10.0.0.0/20"})
    details = caught.value.details()
    assert details.startswith("creating aws:ec2/subnet:Subnet a: CreateSubnet: InvalidVpcID.NotFound: ")
    assert "vpc-404" in details


@pytest.mark.parametrize(
    ("token", "inputs", "code"),
    [
        (
            "aws:efs/mountTarget:MountTarget",
            {"fileSystemId": "fs-00000000", "subnetId": "subnet-00000000"},
            "SubnetNotFound",
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": "nobody", "policyArn": MISSING_POLICY},
            "NoSuchEntity",
        ),
        (
            "aws:ecs/service:Service",
            {"cluster": "missing", "taskDefinition": "missing:1"},
            "ClusterNotFoundException",
        ),
        (
            "aws:lb/listener:Listener",
            {
                "loadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/12",
                "port": 80,
                "protocol": "HTTP",
                "defaultActions": [
                    {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
                ],
            },
            "LoadBalancerNotFound",
        ),
    ],
)
def test_a_reference_to_nothing_is_refused(engine: Engine, token: str, inputs: dict[str, Any], code: str) -> None:
    """What is made on top of something that does not exist fails with AWS's code."""
    with pytest.raises(grpc.RpcError) as caught:
        engine.create(token, "x", inputs)
    assert code in caught.value.details()


def _half_made_role(engine: Engine) -> tuple[Deployed, str]:
    inputs = engine.check(ROLE, "half", {"assumeRolePolicy": TRUST, "managedPolicyArns": [MISSING_POLICY]})
    with pytest.raises(grpc.RpcError) as caught:
        engine.stub.Create(pb.CreateRequest(urn=urn(ROLE, "half"), properties=encode(inputs)))
    metadata = dict(caught.value.trailing_metadata())
    failed = pb.ErrorResourceInitFailed()
    status_pb2.Status.FromString(metadata["grpc-status-details-bin"]).details[0].Unpack(failed)
    made = Deployed(ROLE, "half", failed.id, decode(failed.inputs).values, decode(failed.properties).values)
    engine.deployed.append(made)
    return made, failed.reasons[0]


def test_a_half_made_resource_keeps_its_id(engine: Engine, client: Callable[[str], Any]) -> None:
    """When a call after the create is refused, the state gets the id, the inputs and the reason."""
    made, reason = _half_made_role(engine)
    assert client("iam").get_role(RoleName=made.id)["Role"]["RoleName"] == made.id
    assert "aws:iam/role:Role half was created, but not completed: AttachRolePolicy: NoSuchEntity" in reason
    assert made.inputs["managedPolicyArns"] == [MISSING_POLICY]


def test_the_next_update_completes_a_half_made_resource(engine: Engine, client: Callable[[str], Any]) -> None:
    """With unchanged inputs the update does what is really missing."""
    made, _ = _half_made_role(engine)
    client("iam").create_policy(
        PolicyName="missing",
        PolicyDocument=TRUST.replace(', "Principal": {"Service": "ec2.amazonaws.com"}', ', "Resource": "*"'),
    )
    engine.update(made, {"assumeRolePolicy": TRUST, "managedPolicyArns": [MISSING_POLICY]})
    attached = client("iam").list_attached_role_policies(RoleName=made.id)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [MISSING_POLICY]
    engine.delete(made)
    client("iam").delete_policy(PolicyArn=MISSING_POLICY)


def test_a_secret_never_shows_in_an_error(engine: Engine) -> None:
    """A text that came in as a secret is taken out of what AWS or botocore says."""
    token, hidden = "aws:ssm/parameter:Parameter", "tell-nobody"
    inputs = engine.check(token, "p", {"name": f"/a/{'b' * 10}", "type": "String", "value": hidden})
    engine.create(token, "p", inputs)
    news = encode(
        {**inputs, "allowedPattern": f"[0-9]+|{hidden}x", "description": hidden * 200}, {("value",), ("description",)}
    )
    with pytest.raises(grpc.RpcError) as caught:
        engine.stub.Create(pb.CreateRequest(urn=urn(token, "p"), properties=news))
    assert hidden not in caught.value.details()


def test_secrets_stay_secret_in_the_state(engine: Engine) -> None:
    """What came in as a secret, and what the contract calls one, goes out as a secret."""
    token = "aws:ssm/parameter:Parameter"
    checked = engine.stub.Check(
        pb.CheckRequest(
            urn=urn(token, "s"),
            news=encode({"type": "String", "value": "v", "description": "d"}, {("description",)}),
        )
    )
    assert decode(checked.inputs).secrets == {("description",)}
    answer = engine.stub.Create(pb.CreateRequest(urn=urn(token, "s"), properties=checked.inputs))
    decoded = decode(answer.properties)
    engine.deployed.append(Deployed(token, "s", answer.id, decode(checked.inputs).values, decoded.values))
    assert {("description",), ("value",)} <= decoded.secrets
    assert decoded.values["value"] == "v"


def test_an_unknown_resource_type_says_what_there_is(engine: Engine) -> None:
    """The error leads to the list and to the official provider."""
    with pytest.raises(grpc.RpcError) as caught:
        engine.check("aws:rds/instance:Instance", "db", {})
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "aws:rds/instance:Instance: the sandbox has no such resource type" in caught.value.details()
    assert "SANDBOX_AWS_PROVIDER=official" in caught.value.details()
