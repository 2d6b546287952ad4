"""Rules on a whole stack, as the engine asks them when everything is registered."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from policies.rules import RULES
from tests.policies.cases import ACTION, BALANCER, BUDGET, GROUP, LISTENER
from tests.policies.conftest import Pack
from tests.policies.happy import CONFIG, HAPPY, SERVICE, UNKNOWN, changed, state_of, urn_of

NAT, VPC_ENDPOINT = "aws:ec2/natGateway:NatGateway", "aws:ec2/vpcEndpoint:VpcEndpoint"
REMEDY = {rule.name: rule.remedy for rule in RULES}
SHARED = {"name": "NAT gateway", "expected": 50, "shared": True}


def said(rule: str, *resources: dict[str, Any]) -> list[str]:
    """What one stack rule says."""
    pack = Pack({name: settings if name == rule else "disabled" for name, settings in CONFIG.items()})
    return pack.stack(*resources)


def service(name: str, usd: float | None, **change: Any) -> dict[str, Any]:
    props = deepcopy(HAPPY[SERVICE])
    lines = [{"name": "GPU", "expected": usd, "shared": False}, SHARED]
    props["costEstimate"] |= {"expected": None if usd is None else usd + 50, "lines": lines, **change}
    return state_of(SERVICE, props, name=name)


def test_what_services_share_is_counted_once_in_the_stacks_ceiling() -> None:
    """Twice 1475 and one gateway for 50 are the ceiling itself; the sum of both totals would be above it."""
    assert said("cost-ceiling-stack", service("one", 1475), service("two", 1475)) == []


def test_a_stack_above_its_ceiling_is_refused() -> None:
    """The message has both sides and what to do."""
    assert said("cost-ceiling-stack", service("one", 1475), service("two", 1475.01)) == [
        (
            "mandatory cost-ceiling-stack: the 2 services together cost 3,000.01 USD per month, above the stack's "
            f"ceiling of 3,000.00; {REMEDY['cost-ceiling-stack']}"
        )
    ]


def test_a_single_service_is_spoken_of_as_one() -> None:
    """The ceiling of a stack holds for one service too."""
    [violation] = said("cost-ceiling-stack", service("one", 4000))
    assert violation.startswith("mandatory cost-ceiling-stack: the service costs 4,050.00 USD per month, above")


def test_a_service_of_unknown_cost_makes_the_sum_unknown() -> None:
    """Unknown is never zero."""
    [violation] = said("cost-ceiling-stack", service("one", None), service("two", 10))
    assert "the expected cost of the stack is unknown, because that of a service is" in violation


def test_hardware_outside_of_services_has_no_price() -> None:
    """A group that no service made is named; one of a service is in the service's estimate."""
    own = state_of(GROUP, HAPPY[GROUP])
    stray = {"type": GROUP, "urn": f"urn:pulumi:dev::berth::{GROUP}::batch", "inputs": HAPPY[GROUP]}
    assert said("cost-ceiling-stack", service("one", 10), own, stray) == [
        (
            "mandatory cost-ceiling-stack: batch: runs hardware that belongs to no service, so the stack's sum has no "
            f"price for it; {REMEDY['cost-ceiling-stack']}"
        )
    ]


def test_a_cost_that_is_not_known_yet_is_said_not_to_be_checked() -> None:
    """In the SDK's words, with the property; whoever gates on the rule counts it."""
    assert said("cost-ceiling-stack", service("one", 10, expected=UNKNOWN)) == [
        (
            "advisory cost-ceiling-stack: can't run policy 'cost-ceiling-stack' from policy pack 'berth@v0.1.0' during "
            "preview: string value at .costEstimate.expected can't be known during preview"
        )
    ]


def test_an_estimate_of_a_wrong_type_is_a_violation() -> None:
    """It names the property."""
    assert said("cost-ceiling-stack", service("one", 10, expected="much")) == [
        "mandatory cost-ceiling-stack: one: could not check cost-ceiling-stack: costEstimate.expected is not a number"
    ]


def action(name: str, most: Any, **change: Any) -> dict[str, Any]:
    props = {**HAPPY[ACTION], "scalableTargetAction": {"maxCapacity": most}, **change}
    return state_of(ACTION, props, name=name)


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([action("down", 0), action("up", 3)], None),
        ([action("down", 0)], "down: service/chat is stopped by schedule and never started again"),
        ([action("up", 3)], "up: service/chat is started by schedule and never stopped"),
        ([action("up", 3), action("down", 0, resourceId="service/other"), action("down", 0)], "down: service/other is"),
    ],
)
def test_what_a_schedule_stops_it_starts(actions: list[dict[str, Any]], message: str | None) -> None:
    """Pairs are of one thing that is scaled."""
    found = said("schedule-pairs", *actions)
    assert len(found) == (message is not None)
    assert message is None or found[0].startswith(f"mandatory schedule-pairs: {message}")


@pytest.mark.parametrize("prop", ["resourceId", "scalableTargetAction"])
def test_an_unknown_action_is_not_taken_for_a_pair(prop: str) -> None:
    """Nobody can say what it does."""
    [one] = said("schedule-pairs", action("down", 0), action("up", 3, **{prop: UNKNOWN}))[-1:]
    assert one.startswith("advisory schedule-pairs: can't run policy")


def test_a_stack_without_services_needs_no_budget() -> None:
    """It costs next to nothing."""
    assert said("budget-required", state_of(NAT, {})) == []


def test_a_stack_with_its_budget_passes() -> None:
    """One limit, and both kinds of notifications."""
    assert said("budget-required", service("one", 10), state_of(BUDGET, HAPPY[BUDGET])) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("limitAmount", "2000.01", "limitAmount: 2,000.01 is above 2,000.00"),
        ("limitAmount", None, "limitAmount is missing"),
        ("limitUnit", "EUR", "limitUnit: EUR is not USD"),
        ("notifications.1.notificationType", "ACTUAL", "notifications has none of type FORECASTED"),
        ("notifications.0.notificationType", "FORECASTED", "notifications has none of type ACTUAL"),
    ],
)
def test_a_budget_must_speak_before_and_after(path: str, value: Any, message: str) -> None:
    """Its name, what is wrong, and what to do."""
    assert said("budget-required", service("one", 10), state_of(BUDGET, changed(BUDGET, path, value))) == [
        f"mandatory budget-required: chat-part: {message}; {REMEDY['budget-required']}"
    ]


def test_a_stack_without_a_budget_is_refused() -> None:
    """The message is about the stack, and names no resource."""
    assert said("budget-required", service("one", 10)) == [
        (
            "mandatory budget-required: the stack has no budget, so nobody hears of it when it spends too much; "
            f"{REMEDY['budget-required']}"
        )
    ]


def test_an_unknown_limit_is_not_taken_for_a_low_one() -> None:
    """The property is named."""
    [one] = said("budget-required", service("one", 10), state_of(BUDGET, changed(BUDGET, "limitAmount", UNKNOWN)))
    assert one.endswith("string value at .limitAmount can't be known during preview")


def door(listener: dict[str, Any], balancer: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """A load balancer with a listener, of no service."""
    urns = {kind: f"urn:pulumi:dev::berth::{kind}::door" for kind in (BALANCER, LISTENER)}
    return [
        {"type": BALANCER, "urn": urns[BALANCER], "inputs": balancer},
        {
            "type": LISTENER,
            "urn": urns[LISTENER],
            "inputs": listener,
            "propertyDependencies": {"loadBalancerArn": [urns[BALANCER]]},
            **more,
        },
    ]


FORWARD, REDIRECT, LOGIN = ([{"type": kind}] for kind in ("forward", "redirect", "authenticate-oidc"))
HTTP = {"protocol": "HTTP", "defaultActions": FORWARD}


@pytest.mark.parametrize("balancer", [{"internal": False}, {}])
@pytest.mark.parametrize("actions", [FORWARD, [], [*REDIRECT, *FORWARD]])
def test_public_http_is_refused(balancer: dict[str, Any], actions: list[dict[str, str]]) -> None:
    """A load balancer is public unless it says otherwise; a listener serves unless it only redirects."""
    assert said("no-public-http", *door({**HTTP, "defaultActions": actions}, balancer)) == [
        (
            "mandatory no-public-http: door: serves HTTP to the internet, where keys and prompts could be read; set "
            "network.certificate_arn and network.domain, or network.exposure: internal"
        )
    ]


@pytest.mark.parametrize(
    ("listener", "balancer"),
    [
        (HTTP, {"internal": True}),
        ({**HTTP, "defaultActions": REDIRECT}, {"internal": False}),
        ({**HTTP, "protocol": "HTTPS"}, {"internal": False}),
    ],
)
def test_internal_http_redirects_and_https_pass(listener: dict[str, Any], balancer: dict[str, Any]) -> None:
    """What stays inside, only redirects, or is encrypted is allowed."""
    assert said("no-public-http", *door(listener, balancer)) == []


def test_a_listener_without_its_load_balancer_counts_as_public() -> None:
    """What cannot be shown to be internal is not assumed to be."""
    assert len(said("no-public-http", door(HTTP, {})[1])) == 1


@pytest.mark.parametrize("rule", ["no-public-http", "public-listener-auth"])
@pytest.mark.parametrize(
    ("listener", "balancer", "path"),
    [
        ({**HTTP, "defaultActions": UNKNOWN}, {}, "defaultActions"),
        (HTTP, {"internal": UNKNOWN}, "internal"),
        ({**HTTP, "defaultActions": [{"type": UNKNOWN}]}, {}, "defaultActions[0].type"),
    ],
)
def test_a_door_that_is_not_known_yet_is_not_taken_for_a_closed_one(
    rule: str, listener: dict[str, Any], balancer: dict[str, Any], path: str
) -> None:
    """The property is named."""
    [one] = said(rule, *door(listener, balancer))
    assert one.endswith(f"string value at .{path} can't be known during preview")


def test_a_public_door_that_asks_nobody_is_refused() -> None:
    """Neither a login nor a service with keys is behind it."""
    assert said("public-listener-auth", *door(HTTP, {})) == [
        (
            "mandatory public-listener-auth: door: answers the internet, and asks nobody who they are; "
            f"{REMEDY['public-listener-auth']}"
        )
    ]


def test_doors_that_ask_pass() -> None:
    """With a login, for a redirect, inside, or before a service with keys."""
    assert said("public-listener-auth", *door({**HTTP, "defaultActions": [*LOGIN, *FORWARD]}, {})) == []
    assert said("public-listener-auth", *door({**HTTP, "defaultActions": REDIRECT}, {})) == []
    assert said("public-listener-auth", *door(HTTP, {"internal": True})) == []
    chat = state_of(SERVICE, HAPPY[SERVICE])
    assert said("public-listener-auth", chat, *door(HTTP, {}, parent=urn_of(SERVICE))) == []


def test_a_service_without_keys_opens_no_door() -> None:
    """Its own load balancer is one that asks nobody."""
    chat = state_of(SERVICE, changed(SERVICE, "spec.gateway.keys_secret", None))
    assert len(said("public-listener-auth", chat, *door(HTTP, {}, parent=urn_of(SERVICE)))) == 1


def test_one_nat_gateway_and_an_endpoint_for_s3_are_enough() -> None:
    """Layers of images then cost nothing."""
    assert said("nat-and-egress", state_of(NAT, {}), state_of(VPC_ENDPOINT, HAPPY[VPC_ENDPOINT])) == []
    assert said("nat-and-egress") == []


def test_a_second_nat_gateway_and_a_missing_endpoint_are_said() -> None:
    """Both are about the whole stack."""
    other = {**HAPPY[VPC_ENDPOINT], "serviceName": "com.amazonaws.us-east-1.ecr.dkr"}
    found = said("nat-and-egress", state_of(NAT, {}), state_of(NAT, {}, name="second"), state_of(VPC_ENDPOINT, other))
    assert found == [
        f"mandatory nat-and-egress: {message}; {REMEDY['nat-and-egress']}"
        for message in (
            "2 NAT gateways, each paid for by the hour and by the GB, and 1 are allowed here",
            "no endpoint for S3, so that image layers and weights are paid for at the NAT gateway",
        )
    ]


def test_an_endpoint_for_an_unknown_service_is_not_taken_for_that_of_s3() -> None:
    """The property is named."""
    [one] = said("nat-and-egress", state_of(NAT, {}), state_of(VPC_ENDPOINT, {"serviceName": UNKNOWN}))
    assert one.endswith("string value at .serviceName can't be known during preview")
