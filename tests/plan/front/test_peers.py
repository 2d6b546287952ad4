"""Services that fall back on services: who may, and in which order they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from components.plan.front.peers import made_in_order, peer_price, peer_problems, peers_of, with_peer_notes

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]


@pytest.fixture
def service(on: Planner) -> Planner:
    """Plan a service by name that falls back on others."""

    def service_(name: str, target: str, *fallback: dict[str, Any], **gateway: Any) -> Plan:
        front = {} if target == "ecs" else {"front": True}
        return on(target, {**front, **gateway, "fallback": list(fallback)}, name=name)

    return service_


def problems(*plans: Plan) -> list[str]:
    return [str(problem) for problem in peer_problems(plans)]


def test_a_service_may_fall_back_on_endpoints(service: Planner) -> None:
    """On SageMaker with the role of its task, on RunPod with a key; beside an engine and in a front."""
    key = {"service": "rp", "key_secret": "runpod/api-key"}
    plans = [
        service("chat", "ecs", {"service": "sm"}, key),
        service("sm", "sagemaker", key),
        service("rp", "runpod"),
    ]
    assert problems(*plans) == []
    assert peers_of(plans[0]) == ("sm", "rp")


def test_what_a_service_cannot_fall_back_on_is_refused_with_a_fix(service: Planner) -> None:
    """Itself, a service that is not there, one that wants client keys, RunPod without a key, SageMaker with one."""
    plans = [
        service("chat", "sagemaker", {"service": "chat"}, {"service": "rpp"}, {"service": "gpu"}, {"service": "rp"}),
        service("gpu", "ecs"),
        service("rp", "runpod", {"service": "chat", "key_secret": "berth/x"}),
    ]
    assert problems(*plans) == [
        ("chat: gateway.fallback[0].service: chat is the service itself; name another, or give the url of an API"),
        "chat: gateway.fallback[1].service: rpp is not a service of this stack; did you mean rp?",
        (
            "chat: gateway.fallback[2].service: gpu is on ecs, where a gateway answers clients with keys alone; name a "
            "service on sagemaker or runpod, or give its address as url, with a client key as key_secret"
        ),
        (
            "chat: gateway.fallback[3].key_secret: is missing: rp is on RunPod, which wants a key of its account; "
            "store a restricted RunPod key in Secrets Manager and write the secret's name"
        ),
        (
            "rp: gateway.fallback[0].key_secret: berth/x is not used: chat is on sagemaker, where the role of the "
            "gateway's task is enough; remove it"
        ),
    ]


def test_services_that_fall_back_on_each_other_are_refused(service: Planner) -> None:
    """None of them could be made first."""
    key = {"key_secret": "runpod/api-key"}
    plans = [service("one", "runpod", {"service": "two", **key}), service("two", "runpod", {"service": "one", **key})]
    [problem] = problems(*plans)
    assert problem.startswith("gateway.fallback: goes round in a circle: ")
    assert problem.endswith("; end it with an API, or nowhere")


def without_a_price(plan: Plan) -> Plan:
    return replace(plan, hardware=replace(plan.hardware, usd_per_hour=None))


def test_money_is_counted_at_a_fallback_too(service: Planner) -> None:
    """Without a known price a key could use it for nothing."""
    counting = service("chat", "ecs", {"service": "sm"}, usd_per_month=20)
    assert problems(counting, service("sm", "sagemaker")) == []
    [problem] = problems(counting, without_a_price(service("sm", "sagemaker")))
    assert problem == (
        "chat: gateway.fallback[0].service: sm has no known price (ml.g6e.xlarge), and usd_per_month counts what it "
        "costs; remove it, or usd_per_month"
    )


def test_a_service_is_made_after_those_that_it_needs(service: Planner) -> None:
    """Otherwise in the order of the stack file."""
    plans = [
        service("chat", "ecs", {"service": "sm"}),
        service("sm", "sagemaker", {"service": "rp", "key_secret": "k"}),
        service("alone", "ecs"),
        service("rp", "runpod"),
    ]
    assert made_in_order(plans) == ["rp", "sm", "chat", "alone"]
    assert made_in_order(plans[2:]) == ["alone", "rp"]


def test_the_price_of_an_endpoint_is_that_of_a_replica(service: Planner, on: Planner) -> None:
    """Shared by what scaling aims at, where there may be several."""
    several = service("rp", "runpod")
    assert peer_price(several) == (several.hardware.usd_per_hour, 8)
    single = on("sagemaker", scaling={"max_replicas": 1})
    assert peer_price(single) == (single.hardware.usd_per_hour, None)
    assert peer_price(without_a_price(single)) is None


def test_a_peer_that_is_parked_is_said_to_take_nothing_over(service: Planner) -> None:
    """In the plan of the service that counts on it, and in no other."""
    plans = [service("chat", "ecs", {"service": "sm"}), service("sm", "sagemaker")]
    assert with_peer_notes(plans) == plans
    plans[1] = replace(plans[1], power="off")
    chat, parked = with_peer_notes(plans)
    (note,) = set(chat.notes) - set(plans[0].notes)
    assert (note.level, note.field, note.text) == (
        "warning",
        "gateway.fallback",
        "service sm is parked, and takes nothing over until it is on",
    )
    assert parked == plans[1]
