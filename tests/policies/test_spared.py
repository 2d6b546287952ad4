"""Where a rule has nothing to say, it says why: a parked service, a front, another target, what RunPod forbids."""

from __future__ import annotations

from typing import Any

import pytest

from policies.judge import Family, judge_resource
from policies.resources import Resource
from policies.rule import Rule
from policies.rules import RULES
from policies.settings import read
from tests.policies.cases import (
    BALANCER,
    CONFIGURATION,
    ECS,
    ENDPOINT,
    FUNCTION,
    GROUP,
    LISTENER,
    ROLE_POLICY,
    RUNPOD,
    TARGET,
)
from tests.policies.conftest import TODAY
from tests.policies.happy import CONFIG, HAPPY, SERVICE, SERVICE_URN, UNKNOWN, changed, state_of

FRONT = "berth:front:Front"


def says(rule: str, kind: str, props: dict[str, Any], service: dict[str, Any] | None = None, **more: Any) -> list[Any]:
    """Status and message of what a rule says of a resource of a service."""
    found = next(one for one in RULES if one.name == rule)
    assert isinstance(found, Rule)
    state = state_of(kind, props, **more)
    owner = Resource.of_state(state_of(SERVICE, service or HAPPY[SERVICE]))
    resource = Resource.of_state(state)
    family = Family([resource] if kind == SERVICE else [owner, resource])
    outcomes = judge_resource(found, resource, family.owner(resource), read(CONFIG, RULES, place="")[rule], TODAY)
    return [(one.status, one.message) for one in outcomes]


def spared(reason: str) -> list[tuple[str, str]]:
    return [("not-applicable", reason)]


PARKED = changed(SERVICE, "spec.power", "off")
LOCAL = changed(SERVICE, "target", "local")
UNMOVED = changed(SERVICE, "plan.keeperOwnsCapacity", False)


@pytest.mark.parametrize(
    ("rule", "kind", "props", "service", "reason"),
    [
        ("prod-ha", TARGET, {"minCapacity": 0}, PARKED, "the service is parked"),
        ("prod-ha", SERVICE, PARKED, None, "the service is parked"),
        ("prod-ha", SERVICE, LOCAL, None, "the target local is one machine"),
        ("nonprod-schedule", SERVICE, PARKED, None, "the service is parked"),
        ("nonprod-schedule", SERVICE, LOCAL, None, "the target local rents no hardware"),
        ("gpu-family-per-env", SERVICE, LOCAL, None, "the target local rents no hardware"),
        ("gpu-family-per-env", RUNPOD, {"cpu": [{"id": "cpu3c"}]}, None, "the endpoint runs on CPUs"),
        ("model-revision-pinned", SERVICE, LOCAL, None, "the target local names its model file"),
        ("image-pinned", SERVICE, LOCAL, None, "the target local runs no image"),
        ("log-retention", SERVICE, LOCAL, None, "CloudWatch keeps no logs of the service"),
        ("spot-share", SERVICE, LOCAL, None, "only ECS can run on spare capacity"),
        ("spot-share", GROUP, {}, None, "the group has on-demand instances alone"),
        ("commitment-hint", SERVICE, LOCAL, None, "the service is not on AWS"),
        ("region-premium", SERVICE, LOCAL, None, "the service is not on AWS"),
        (
            "region-premium",
            SERVICE,
            changed(SERVICE, "plan.hardware", ["p5e.48xlarge"]),
            None,
            "nobody publishes a price of p5e.48xlarge in us-east-1",
        ),
        (
            "over-provisioned-gpu",
            SERVICE,
            changed(SERVICE, "plan.memory", None),
            None,
            "the target rents no GPU",
        ),
        ("cost-per-mtok", SERVICE, changed(SERVICE, "spec.load", None), None, "the spec declares no load"),
        ("schedule-sane", SERVICE, changed(SERVICE, "spec.schedule", None), None, "the service has no schedule"),
        ("runpod-workers", SERVICE, HAPPY[SERVICE], None, "the service is not on RunPod"),
        ("runpod-idle-timeout", SERVICE, HAPPY[SERVICE], None, "the service is not on RunPod"),
        (
            "runpod-idle-timeout",
            SERVICE,
            changed(SERVICE, "plan.runpod", {"scaler": "REQUEST_COUNT", "idleTimeoutSeconds": None}),
            None,
            "RunPod takes no idle timeout for a queue that counts requests",
        ),
        (
            "runpod-idle-timeout",
            RUNPOD,
            {"type": "QUEUE", "scaling": {"type": "REQUEST_COUNT"}, "workers": {"min": 0, "max": 3}},
            None,
            "RunPod takes no idle timeout for a queue that counts requests",
        ),
        ("tls-only", LISTENER, {"protocol": "HTTP"}, None, "the listener does not encrypt; no-public-http looks at it"),
        *(
            ("capacity-ignored", kind, {}, UNMOVED, "nothing but deployments moves the capacity of the service")
            for kind in (TARGET, ECS, GROUP, ENDPOINT, RUNPOD)
        ),
        (
            "encryption",
            CONFIGURATION,
            HAPPY[CONFIGURATION],
            None,
            "AWS encrypts it with a key of its own, and no other is asked for here",
        ),
    ],
)
def test_a_rule_that_does_not_apply_says_why(
    rule: str, kind: str, props: dict[str, Any], service: dict[str, Any] | None, reason: str
) -> None:
    """A report can list it, and nothing is blocked."""
    assert says(rule, kind, props, service) == spared(reason)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("max-replicas", "a front runs on CPUs"),
        ("prod-ha", "the gateway of a front is not the model"),
        ("capacity-ignored", "nothing but deployments moves the capacity of the service"),
    ],
)
def test_the_tasks_of_a_front_are_no_replicas(rule: str, reason: str) -> None:
    """They are gateways on a CPU, of which there may be more or fewer."""
    urn = f"urn:pulumi:dev::berth::{SERVICE}${FRONT}${TARGET}::chat-front-replicas"
    assert says(rule, TARGET, {"minCapacity": 1, "maxCapacity": 50}, urn=urn) == spared(reason)


def test_an_idle_timeout_is_asked_of_a_load_balancer_that_counts_requests() -> None:
    """Only queues refuse it."""
    props = {"type": "LOAD_BALANCER", "scaling": {"type": "REQUEST_COUNT"}, "workers": {"idleTimeout": 900}}
    [(status, _)] = says("runpod-idle-timeout", RUNPOD, props)
    assert status == "violation"


def test_a_parked_endpoint_may_have_no_worker() -> None:
    """That is what parking is."""
    props = changed(RUNPOD, "workers", {"min": 0, "max": 0})
    assert says("runpod-workers", RUNPOD, props, PARKED) == [("pass", "")]


def test_scale_to_zero_and_idleness_are_as_good_as_a_schedule() -> None:
    """Nothing runs that nobody uses."""
    never = changed(SERVICE, "spec.schedule", None)
    never["plan"]["replicas"]["min"] = 0
    assert says("nonprod-schedule", SERVICE, never) == [("pass", "")]
    idle = changed(SERVICE, "spec.schedule", None)
    idle["spec"]["idle"] = {"after": "30m"}
    assert says("nonprod-schedule", SERVICE, idle) == [("pass", "")]


@pytest.mark.parametrize(
    ("kind", "names"),
    [(TARGET, ["minCapacity", "maxCapacity"]), (ECS, ["desiredCount"]), (GROUP, ["desiredCapacity"])],
)
def test_what_the_keeper_moves_is_ignored_by_deployments(kind: str, names: list[str]) -> None:
    """Each property that is not ignored is named; `*` ignores all."""
    assert says("capacity-ignored", kind, {}, ignoreChanges=[]) == [
        ("violation", f"{name} is not ignored, so a deployment undoes what the keeper did") for name in names
    ]
    assert says("capacity-ignored", kind, {}, ignoreChanges=names) == [("pass", "")]
    assert says("capacity-ignored", kind, {}, ignoreChanges=["*"]) == [("pass", "")]


def test_a_policy_whose_arns_aws_chooses_is_checked_when_it_is_made() -> None:
    """No preview can know it, and a deployment that is judged by previews alone could never begin."""
    props = {"policy": UNKNOWN}
    late = "AWS chooses an ARN in it, so it is checked when it is about to be made"
    assert says("iam-wildcard", ROLE_POLICY, props, name="chat-task") == spared(late)
    assert says("iam-wildcard", ROLE_POLICY, props, name="chat-keeper") == spared(late)
    assert says("iam-wildcard", ROLE_POLICY, props, name="keeper-function") == spared(late)
    [(status, _)] = says("iam-wildcard", ROLE_POLICY, props, name="chat-execution")
    assert status == "unknown"
    wide = changed(ROLE_POLICY, "policy|Statement.0", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    [(status, _)] = says("iam-wildcard", ROLE_POLICY, wide, name="chat-task")
    assert status == "violation"


def test_the_target_groups_of_the_answer_while_asleep_are_no_secret() -> None:
    """No preview knows them; another variable that nobody knows is a failure of the rule."""
    asleep = {"environment": {"variables": {"BERTH_ASLEEP": UNKNOWN, "BERTH_STACK": "dev"}}}
    assert says("no-secrets-in-env", FUNCTION, asleep) == [("pass", "")]
    [(status, _)] = says("no-secrets-in-env", FUNCTION, {"environment": {"variables": {"BERTH_STACK": UNKNOWN}}})
    assert status == "unknown"
    known = {"environment": {"variables": {"BERTH_ASLEEP": "hf_abcdefghij"}}}
    [(status, _)] = says("no-secrets-in-env", FUNCTION, known)
    assert status == "violation"


def test_a_load_balancer_of_no_service_is_left_to_its_listeners() -> None:
    """They may ask for a login, which the load balancer does not know."""
    urn = f"urn:pulumi:dev::berth::{BALANCER}::door"
    [(status, reason)] = says("no-public-unauth", BALANCER, {"internal": False}, urn=urn, parent=None)
    assert (status, reason) == (
        "not-applicable",
        "it belongs to no service; public-listener-auth looks at its listeners",
    )


def test_a_public_load_balancer_of_a_service_without_keys_is_refused() -> None:
    """Before it exists: what it registered first says whether there are keys."""
    keyless = changed(SERVICE, "spec.gateway.keys_secret", None)
    assert says("no-public-unauth", BALANCER, {"internal": False}, keyless) == [
        ("violation", "internal is not true, and nobody behind the load balancer asks for keys")
    ]
    assert says("no-public-unauth", BALANCER, {"internal": True}, keyless) == [("pass", "")]


def test_harmless_variables_are_named_in_the_configuration() -> None:
    """A word in a name is not yet a secret."""
    kind = "aws:lambda/function:Function"
    props = changed(kind, "environment.variables.PARTITION_KEY", "customer")
    rule = next(one for one in RULES if one.name == "no-secrets-in-env")
    assert isinstance(rule, Rule)
    resource = Resource.of_state(state_of(kind, props, parent=SERVICE_URN))
    for harmless, status in ((["PARTITION_KEY"], "pass"), ([], "violation")):
        setting = {"no-secrets-in-env": {"harmless": harmless}}
        configured = read({**CONFIG, **setting}, RULES, place="")["no-secrets-in-env"]
        [one] = judge_resource(rule, resource, None, configured, TODAY)
        assert one.status == status
