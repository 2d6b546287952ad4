"""What do the provider's functions answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider.values import decode, encode

if TYPE_CHECKING:
    from provider_engine import Engine

AMI = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


def _invoke(engine: Engine, token: str, **args: Any) -> dict[str, Any]:
    answer = engine.stub.Invoke(pb.InvokeRequest(tok=token, args=encode(args)))
    assert list(answer.failures) == []
    return decode(getattr(answer, "return")).values


def test_where_and_who(engine: Engine) -> None:
    """Account, region and partition are the sandbox's."""
    assert _invoke(engine, "aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"
    assert _invoke(engine, "aws:index/getRegion:getRegion")["region"] == "us-east-1"
    partition = _invoke(engine, "aws:index/getPartition:getPartition")
    assert (partition["partition"], partition["dnsSuffix"]) == ("aws", "amazonaws.com")


def test_zones_are_listed_without_the_excluded_ones(engine: Engine) -> None:
    """Names and ids are in the same order."""
    zones = _invoke(
        engine, "aws:index/getAvailabilityZones:getAvailabilityZones", state="available", excludeNames=["us-east-1c"]
    )
    assert zones["names"][:2] == ["us-east-1a", "us-east-1b"]
    assert "us-east-1c" not in zones["names"]
    assert len(zones["names"]) == len(zones["zoneIds"]) == 5


def test_the_default_network_is_found(engine: Engine) -> None:
    """A VPC, its subnets and one of them."""
    vpc = _invoke(engine, "aws:ec2/getVpc:getVpc", default=True)
    assert vpc["cidrBlock"] == "172.31.0.0/16"
    ids = _invoke(engine, "aws:ec2/getSubnets:getSubnets", filters=[{"name": "vpc-id", "values": [vpc["id"]]}])["ids"]
    assert len(ids) == 6
    subnet = _invoke(engine, "aws:ec2/getSubnet:getSubnet", id=ids[0])
    assert (subnet["vpcId"], subnet["id"]) == (vpc["id"], ids[0])


def test_more_than_one_match_is_an_error(engine: Engine) -> None:
    """The text has the number found."""
    with pytest.raises(grpc.RpcError) as caught:
        _invoke(engine, "aws:ec2/getSubnet:getSubnet", defaultForAz=True)
    assert "6 subnets match these arguments, one is needed" in caught.value.details()


def test_the_gpu_image_is_found(engine: Engine) -> None:
    """A public parameter is plain in both outputs."""
    answer = engine.stub.Invoke(pb.InvokeRequest(tok="aws:ssm/getParameter:getParameter", args=encode({"name": AMI})))
    decoded = decode(getattr(answer, "return"))
    assert decoded.secrets == set()
    assert decoded.values["insecureValue"].startswith("ami-")
    assert decoded.values["insecureValue"] == decoded.values["value"]


def test_an_encrypted_parameter_is_secret(engine: Engine) -> None:
    """Its value is marked, and there is no plain copy of it."""
    engine.create("aws:ssm/parameter:Parameter", "p", {"name": "/a/b", "type": "SecureString", "value": "v"})
    answer = engine.stub.Invoke(
        pb.InvokeRequest(tok="aws:ssm/getParameter:getParameter", args=encode({"name": "/a/b"}))
    )
    decoded = decode(getattr(answer, "return"))
    assert decoded.secrets == {("value",)}
    assert decoded.values["value"] == "v"
    assert "insecureValue" not in decoded.values


def test_a_seeded_secret_is_found_by_name_and_by_arn(engine: Engine) -> None:
    """Its metadata, never its value."""
    token = "aws:secretsmanager/getSecret:getSecret"
    secret = _invoke(engine, token, name="huggingface/token")
    assert secret["arn"].startswith("arn:aws:secretsmanager:us-east-1:123456789012:secret:huggingface/token-")
    assert _invoke(engine, token, arn=secret["arn"])["name"] == "huggingface/token"


def test_a_missing_secret_is_an_error(engine: Engine) -> None:
    """The text has AWS's code."""
    with pytest.raises(grpc.RpcError) as caught:
        _invoke(engine, "aws:secretsmanager/getSecret:getSecret", name="nobody/knows")
    assert "ResourceNotFoundException" in caught.value.details()


def test_zones_with_an_instance_type_are_listed(engine: Engine) -> None:
    """Types, locations and kinds of location are in the same order."""
    offerings = _invoke(
        engine,
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings",
        locationType="availability-zone",
        filters=[{"name": "instance-type", "values": ["g6.xlarge"]}],
    )
    assert set(offerings["instanceTypes"]) == {"g6.xlarge"}
    assert set(offerings["locations"]) <= {f"us-east-1{letter}" for letter in "abcdef"}
    assert len(offerings["locations"]) == len(offerings["locationTypes"]) > 1


def test_bad_arguments_are_failures(engine: Engine) -> None:
    """An unknown argument and a missing one, each at its name."""
    answer = engine.stub.Invoke(pb.InvokeRequest(tok="aws:ssm/getParameter:getParameter", args=encode({"nam": "x"})))
    assert {failure.property for failure in answer.failures} == {"nam", "name"}


def test_an_unknown_function_says_what_there_is(engine: Engine) -> None:
    """The error lists the known ones."""
    with pytest.raises(grpc.RpcError) as caught:
        _invoke(engine, "aws:ec2/getAmi:getAmi")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "aws:ec2/getVpc:getVpc" in caught.value.details()
