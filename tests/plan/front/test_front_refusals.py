"""What is refused and noted of gateways and fronts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.errors import SpecError
from components.plan import StackImages
from components.plan.text import plan_text
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]

API: dict[str, Any] = {"url": "https://api.groq.com/openai/v1"}
PRICED: dict[str, Any] = {**API, "usd_per_million_input": 0.05, "usd_per_million_output": 0.08}


def notes(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in plan.notes:
        found.setdefault(note.field, []).append(f"{note.level}: {note.text}")
    return found


@pytest.mark.parametrize(("target", "called"), [("sagemaker", "sagemaker"), ("runpod", "RunPod")])
def test_a_limit_that_nobody_would_keep_is_refused(on: Planner, target: str, called: str) -> None:
    """Left out, it would let every key spend what it likes; the fix is a front."""
    with pytest.raises(SpecError) as caught:
        on(target, {"usd_per_month": 25.5, "tokens_per_minute": 1_000_000})
    assert str(caught.value).splitlines() == [
        f"llama-3-1-8b: gateway.{name}: {value} is kept by a gateway, and {called} has none without a front; set "
        "gateway.front: true, or remove it (in the stack's overrides where another target has the same spec)"
        for name, value in (("tokens_per_minute", "1,000,000"), ("usd_per_month", "25.5"))
    ]


@pytest.mark.parametrize("target", ["sagemaker", "runpod"])
def test_what_only_serves_clients_is_noted_without_a_gateway(on: Planner, target: str) -> None:
    """Fallback, templates, pages and logs are left out, and the plan says what would bring them."""
    given = {
        "fallback": [API],
        "templates": {"a": {"system": "x"}},
        "cors_origins": ["*"],
        "log_prompts": True,
        "hold_seconds": 5,
    }
    said = notes(on(target, given))
    for name in ("fallback", "templates", "cors_origins", "log_prompts"):
        assert said[f"gateway.{name}"] == [
            f"info: is not used: {target} has no gateway without a front; set gateway.front: true"
        ]
    assert said["gateway.hold_seconds"] == [
        "info: 5 is not used: without a front nobody is there while the service sleeps; set gateway.front: true"
    ]


def test_a_gateway_beside_the_engine_sleeps_with_it(on: Planner) -> None:
    """Waiting needs somebody who waits: on ECS too."""
    assert "gateway.hold_seconds" in notes(on("ecs", {"hold_seconds": 5}))


def test_a_front_before_runpod_needs_a_key(front: Planner) -> None:
    """The key is named, and how to make one is said."""
    with pytest.raises(SpecError) as caught:
        front("runpod", runpod={"api_key_secret": None, "token_secret": "huggingface_token"})
    assert str(caught.value) == (
        "llama-3-1-8b: runpod.api_key_secret: is missing: the front calls the endpoint with a RunPod key; make a "
        "restricted key for it in RunPod's console, store it in AWS Secrets Manager (aws secretsmanager create-secret "
        "--name runpod/api-key --secret-string file:///dev/stdin) and write the secret's name: "
        "runpod: {api_key_secret: runpod/api-key}"
    )


@pytest.mark.parametrize("target", ["sagemaker", "runpod"])
def test_what_the_network_says_holds_for_a_front(front: Planner, target: str) -> None:
    """Sources, exposure and domain, which these targets cannot honour themselves, are the front's."""
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    public = {"exposure": "public", "certificate_arn": arn, "domain": "llm.example.com"}
    made = front(target, network={**public, "allowed_cidrs": ["198.51.100.0/24"]})
    assert made.front.network.allowed_cidrs == ("198.51.100.0/24",)
    assert notes(made)["network.domain"] == ["info: make llm.example.com a CNAME of the output load_balancer"]
    assert "network.exposure" not in notes(made)
    assert front(target, network={"exposure": "internal"}).front.network.exposure == "internal"


@pytest.mark.parametrize("target", ["ecs", "sagemaker", "runpod"])
def test_a_certificate_elsewhere_is_refused(front: Planner, target: str) -> None:
    """A load balancer takes one of its region alone."""
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
    with pytest.raises(SpecError, match="is not in us-east-1, where the load balancer is"):
        front(target, network={"certificate_arn": arn, "domain": "llm.example.com"})


def test_the_image_of_a_front_in_prod_has_a_digest(front: Planner) -> None:
    """On a target that has no gateway of its own, too."""
    images = StackImages("berth/gateway:1", None)
    digest = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/tgi@sha256:{'0' * 64}"
    with pytest.raises(SpecError) as caught:
        front("sagemaker", environment="prod", images=images, engine={"image": digest})
    assert str(caught.value) == (
        "berth:images.gateway: berth/gateway:1 has no digest, which environment prod asks for; resolve it with "
        "`docker buildx imagetools inspect berth/gateway:1` and append @sha256:DIGEST"
    )


def test_the_way_around_a_front_is_said(front: Planner) -> None:
    """Limits bind those who come by the front; the platform's own door stays open to its own keys."""
    assert notes(front("sagemaker"))["gateway.front"] == [
        (
            "info: limits hold for those who come by the front: the endpoint still answers everyone whose AWS "
            "credentials may sagemaker:InvokeEndpoint"
        )
    ]
    assert notes(front("runpod"))["gateway.front"] == [
        (
            "info: limits hold for those who come by the front: the endpoint stays on the internet, and answers "
            "everyone with a RunPod key that may call it"
        )
    ]
    assert "gateway.front" not in notes(front("ecs"))


def test_rates_of_several_gateways_add_up_and_that_is_said(on: Planner, front: Planner) -> None:
    """Three gateways beside three engines allow three times the rate; one front keeps it."""
    assert notes(on("ecs", {"requests_per_minute": 60, "concurrency": 4}))["gateway.requests_per_minute"] == [
        (
            "info: holds in each gateway, of which up to 3 run: a key may have that many times requests_per_minute, "
            "concurrency"
        )
    ]
    assert "gateway.requests_per_minute" not in notes(front("ecs", {"requests_per_minute": 60}))


def test_the_price_that_money_is_counted_at_is_said(front: Planner) -> None:
    """Whose hour is paid for, and by whom."""
    assert notes(front("ecs", {"usd_per_month": 20}))["gateway.usd_per_month"] == [
        (
            "info: 0.9776 USD for an hour of a replica, shared by the requests that run at once: one by itself pays "
            "for all of it, and hours without requests are on no key's account"
        )
    ]


def test_waiting_for_a_wake_that_never_comes_is_said(front: Planner) -> None:
    """Requests are held while a service wakes; one that never sleeps holds none."""
    assert notes(front("ecs", {"hold_seconds": 30}))["gateway.hold_seconds"] == [
        "info: 30: nothing puts the service to sleep, so no request waits for that"
    ]


def test_waiting_for_less_than_a_start_is_said(front: Planner) -> None:
    """The first request wakes the service, and is not answered; later ones may be."""
    kept: dict[str, Any] = {"idle": {"after": "1h"}}
    planned = front("ecs", {"hold_seconds": 30}, **kept)
    start = Duration(planned.startup_seconds)
    assert notes(planned)["gateway.hold_seconds"] == [
        (
            f"info: 30 s are less than a start of about {start}: the request that wakes the service is answered 503 "
            "all the same"
        )
    ]
    long = front("ecs", {"hold_seconds": 1800, "max_request": "1h"}, **kept)
    assert "gateway.hold_seconds" not in notes(long)


def test_where_prompts_go_is_said(front: Planner) -> None:
    """To whom a fallback sends them, and who may read them in a log."""
    said = notes(front("ecs", {"fallback": [API, {"service": "other"}], "log_prompts": True}))
    assert said["gateway.fallback"] == [
        "info: api.groq.com is sent the prompts of requests that it takes over",
        "info: service other is sent the prompts of requests that it takes over",
    ]
    assert said["gateway.log_prompts"] == [
        (
            "warning: true: prompts and answers lie in log group /berth/local/llama-3-1-8b/front, for everyone who may "
            "read it"
        )
    ]


def test_the_page_of_a_plan_shows_the_front(front: Planner) -> None:
    """Its tasks, what each key may use, who takes over, and where clients reach it."""
    made = front(
        "sagemaker", {"usd_per_month": 20, "requests_per_minute": 60, "fallback": [PRICED], "hold_seconds": 30}
    )
    lines = plan_text(made).splitlines()
    [tasks] = [line for line in lines if line.startswith("Front ")]
    assert "on Fargate" in tasks
    assert "Each key    60 requests a minute, 20.00 USD a month" in lines
    assert "Fallback    api.groq.com" in lines
    assert "Address     internal, in a VPC of the stack, HTTP" in lines
