"""Nothing that the internet reaches is unencrypted."""

from __future__ import annotations

import pytest

LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FORWARD = [{"type": "fixed-response"}]
REDIRECT = [{"type": "redirect"}]


def stack(listener, balancer):
    return (
        (BALANCER, "chat-alb", balancer, {}),
        (LISTENER, "chat-http", listener, {"loadBalancerArn": "chat-alb"}),
    )


@pytest.mark.parametrize("balancer", [{"internal": False}, {}])
def test_public_http_is_refused(pack, balancer):
    """The message names the listener, the danger and the fields that help."""
    assert pack("prod").stack(*stack({"protocol": "HTTP", "defaultActions": FORWARD}, balancer)) == [
        (
            "mandatory no-public-http: chat-http: serves HTTP to the internet, where keys and prompts could be read; "
            "set network.certificate_arn and network.domain, or network.exposure: internal"
        )
    ]


@pytest.mark.parametrize(
    ("listener", "balancer"),
    [
        ({"protocol": "HTTP", "defaultActions": FORWARD}, {"internal": True}),
        ({"protocol": "HTTP", "defaultActions": REDIRECT}, {"internal": False}),
        ({"protocol": "HTTPS", "defaultActions": FORWARD}, {"internal": False}),
    ],
)
def test_internal_http_redirects_and_https_pass(pack, listener, balancer):
    """What stays inside, only redirects, or is encrypted is allowed."""
    assert pack("prod").stack(*stack(listener, balancer)) == []


def test_the_front_of_a_service_is_held_to_the_same(pack):
    """Its load balancer is the one that the internet reaches; that of the service behind it is internal."""
    plain = {"protocol": "HTTP", "defaultActions": FORWARD}
    resources = (
        (BALANCER, "chat-alb", {"internal": True}, {}),
        (LISTENER, "chat-http", plain, {"loadBalancerArn": "chat-alb"}),
        (BALANCER, "chat-front-alb", {"internal": False}, {}),
        (LISTENER, "chat-front-http", plain, {"loadBalancerArn": "chat-front-alb"}),
    )
    [violation] = pack("prod").stack(*resources)
    assert violation.startswith("mandatory no-public-http: chat-front-http: serves HTTP to the internet")


def test_a_listener_without_its_load_balancer_counts_as_public(pack):
    """What cannot be shown to be internal is not assumed to be."""
    listener = (LISTENER, "chat-http", {"protocol": "HTTP", "defaultActions": FORWARD}, {})
    assert len(pack("prod").stack(listener)) == 1


def test_an_unknown_protocol_is_reported_by_the_sdk(pack, unknown):
    """A rule on an unknown value cannot run, and that is said."""
    said = pack("prod").stack(*stack({"protocol": unknown, "defaultActions": FORWARD}, {"internal": False}))
    assert [one.partition(": can't run")[0] for one in said] == ["advisory no-public-http"]
