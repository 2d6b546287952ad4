"""Which name does a resource get when its program gives none?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from provider_engine import CheckFailedError
from pulumi.runtime.proto import provider_pb2 as pb

if TYPE_CHECKING:
    from provider_engine import Engine

CLUSTER = "aws:ecs/cluster:Cluster"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SUBNETS = {"subnets": ["subnet-1", "subnet-2"]}


def test_a_missing_name_is_made_from_the_logical_name(engine: Engine) -> None:
    """The name is the logical name with seven hex digits, recorded as a default."""
    checked = engine.check(CLUSTER, "main", {})
    assert re.fullmatch("main-[0-9a-f]{7}", checked["name"])
    assert checked["__defaults"] == ["name"]


def test_the_same_seed_gives_the_same_name(engine: Engine) -> None:
    """A preview and the `up` after it agree, since the engine's seed decides."""
    assert engine.check(CLUSTER, "main", {})["name"] == engine.check(CLUSTER, "main", {})["name"]
    assert engine.check(CLUSTER, "main", {})["name"] != engine.check(CLUSTER, "other", {})["name"]


def test_an_automatic_name_is_kept(engine: Engine) -> None:
    """A later check keeps the name of the resource that exists."""
    olds = {"name": "main-0000000", "__defaults": ["name"]}
    assert engine.check(CLUSTER, "main", {}, olds)["name"] == "main-0000000"


def test_a_name_that_was_given_and_is_removed_is_not_kept(engine: Engine) -> None:
    """Only an automatic name carries over."""
    checked = engine.check(CLUSTER, "main", {}, {"name": "mine", "__defaults": []})
    assert checked["name"] != "mine"


def test_a_given_name_or_prefix_is_left_alone(engine: Engine) -> None:
    """Nothing is made up where the program says what it wants."""
    assert engine.check(CLUSTER, "main", {"name": "mine"})["name"] == "mine"
    assert "name" not in engine.check("aws:iam/role:Role", "r", {"assumeRolePolicy": "{}", "namePrefix": "p-"})


@pytest.mark.parametrize(
    ("token", "inputs", "limit"),
    [
        (BALANCER, SUBNETS, 32),
        ("aws:lb/targetGroup:TargetGroup", {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1"}, 32),
        ("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, 64),
    ],
)
def test_a_name_over_the_limit_is_refused(engine: Engine, token: str, inputs: dict[str, object], limit: int) -> None:
    """Like the bridge, refuse and do not trim: eight characters are added to the logical name."""
    assert len(engine.check(token, "x" * (limit - 8), inputs)["name"]) == limit
    with pytest.raises(CheckFailedError) as caught:
        engine.check(token, "x" * (limit - 7), inputs)
    assert f"has {limit + 1} characters, the limit is {limit}" in caught.value.failures["name"]


def test_the_stacks_automatic_naming_is_followed(engine: Engine) -> None:
    """A proposed name is taken; where naming is disabled a name must be given."""
    options = pb.CheckRequest.AutonamingOptions
    proposed = options(proposed_name="team-main", mode=options.ENFORCE)
    assert engine.check(CLUSTER, "main", {}, autonaming=proposed)["name"] == "team-main"
    with pytest.raises(CheckFailedError) as caught:
        engine.check(CLUSTER, "main", {}, autonaming=options(mode=options.DISABLE))
    assert "automatic naming is disabled" in caught.value.failures["name"]
