"""What the plan says about RunPod: what it cannot honour, what it does by itself, what must be prepared."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

Planner = "Callable[..., Plan]"


def _texts(plan: Any, field: str) -> list[str]:
    return [note.text for note in plan.notes if note.field == field]


def _warnings(plan: Any) -> list[str]:
    return [note.field for note in plan.notes if note.level == "warning"]


def test_the_example_warns_about_exposure_and_its_token_alone(on_runpod: Planner) -> None:
    """Everything else is good to know."""
    plan = on_runpod()
    assert _warnings(plan) == ["network.exposure", "runpod.token_secret"]
    assert _texts(plan, "network.exposure") == [
        "internal is not possible: a RunPod endpoint is on the internet, behind the account's keys alone"
    ]
    assert _texts(plan, "runpod.token_secret") == [
        (
            "make the RunPod secret huggingface_token before the deployment, from a token that can only read: whether "
            "it is there shows when a worker starts, and the worker's log may show its value"
        )
    ]


def test_who_may_call(on_runpod: Planner) -> None:
    """Keys of a gateway are named as unused; without them nothing is missing."""
    assert _texts(on_runpod(), "gateway.keys_secret") == [
        (
            "berth/client-keys is not used: there is no gateway, callers send a key of the RunPod account; make a "
            "restricted one for this endpoint"
        )
    ]
    assert _texts(on_runpod({"gateway": {"keys_secret": None}}), "gateway.keys_secret") == [
        "there is no gateway: callers send a key of the RunPod account; make a restricted one for this endpoint"
    ]


def test_fields_without_a_meaning_are_named_with_their_values(on_runpod: Planner) -> None:
    """VPC, domain and certificate, cooldowns, tags and the secret in AWS, each with what was written."""
    plan = on_runpod(
        {
            "tags": {"owner": "ml"},
            "scaling": {"scale_in_cooldown": "5m"},
            "network": {
                "exposure": "public",
                "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
                "domain": "a.example.com",
                "vpc": {
                    "id": "vpc-1a",
                    "private_subnet_ids": ["subnet-1a", "subnet-2a"],
                    "public_subnet_ids": ["subnet-3a", "subnet-4a"],
                },
            },
        }
    )
    assert _texts(plan, "tags") == ["RunPod has none: owner=ml cannot divide its bill, the endpoint's name can"]
    assert _texts(plan, "scaling.scale_in_cooldown") == [
        "scale_in_cooldown of 5m is not used: RunPod's scaling has no pauses"
    ]
    assert _texts(plan, "network.domain") == [
        (
            "a.example.com and arn:aws:acm:us-east-1:123456789012:certificate/1 are not used: RunPod names its "
            "endpoints itself"
        )
    ]
    assert _texts(plan, "network.vpc") == [
        (
            "vpc-1a (subnet-1a, subnet-2a, subnet-3a, subnet-4a) is not used: workers run in RunPod's data centers, "
            "outside every VPC"
        )
    ]
    assert _texts(plan, "model.token_secret") == [
        "huggingface/token is in AWS, where RunPod cannot read: runpod.token_secret is used"
    ]
    assert _texts(plan, "network.exposure") == []


def test_a_field_that_nobody_wrote_is_not_mentioned(qwen: Planner) -> None:
    """Defaults of other targets are no news here."""
    plan = qwen()
    for field in ("tags", "scaling.scale_in_cooldown", "network.vpc", "network.domain", "model.token_secret"):
        assert _texts(plan, field) == []


def test_what_serves_and_why_the_context_is_what_it_is(on_runpod: Planner) -> None:
    """Several GPUs share one environment; one alone is scarce."""
    assert _texts(on_runpod(), "accelerators") == [
        (
            "workers run on whatever is free of L4 (AMPERE_24), L40S (ADA_48_PRO); all have one environment, so "
            "context and requests at once are what fits L4, the smallest"
        )
    ]
    turned = _texts(on_runpod({"accelerators": ["L40S", "L4"]}), "accelerators")
    assert turned[0].endswith("so context and requests at once are what fits L4, the smallest")
    assert _texts(on_runpod({"accelerators": ["L40S"]}), "accelerators") == [
        "workers run on L40S (ADA_48_PRO) alone; name more GPUs, in order of preference, where it is scarce"
    ]
    assert _texts(on_runpod({"accelerators": ["L4:2"]}), "accelerators")[:2] == [
        "2 L4 exchange every layer over PCIe, not NVLink, which costs latency",
        "a worker needs a host with 2 of its GPUs free at once",
    ]


def test_the_quota_and_the_automatic_scale_down(on_runpod: Planner) -> None:
    """RunPod lowers the maximum of a service without requests; in prod that is a warning."""
    texts = _texts(on_runpod(), "scaling.max_replicas")
    assert texts == [
        "3 of the workers that all endpoints of the account share: 5 in a new account, more with its balance",
        "RunPod itself lowers it, to 2 after 3 days without a request, to 0 after 7: `pulumi up --refresh` raises it",
    ]
    assert "scaling.max_replicas" in _warnings(on_runpod({"environment": "prod"}))


def test_a_fleet_beyond_the_spend_limit_is_a_warning(on_runpod: Planner) -> None:
    """12 workers with 2 H100 each are more than the 80 USD per hour of a new account."""
    plan = on_runpod({"accelerators": ["H100:2"], "scaling": {"max_replicas": 12}})
    assert (
        "12 workers cost up to 100.22 USD per hour, and RunPod stops a new account at 80: have the account's spend "
        "limit raised"
    ) in _texts(plan, "scaling.max_replicas")


def test_scale_to_zero_says_what_the_first_request_waits_for(on_runpod: Planner) -> None:
    """The start of a worker, in the queue."""
    plan = on_runpod({"scaling": {"min_replicas": 0}})
    assert _texts(plan, "scaling.min_replicas") == [
        "0: a request that finds no worker waits in the queue for a start, about 4m55s"
    ]
    assert _texts(plan, "load.peak_concurrency") == []


def test_a_default_target_is_said_in_the_words_of_its_metric(on_runpod: Planner) -> None:
    """Seconds in the queue are no requests."""
    plan = on_runpod({"scaling": {"metric": "queue_wait", "target": None}})
    assert _texts(plan, "scaling.target") == [
        "not given: a replica is added when a request has waited 4 s in the queue"
    ]


@pytest.mark.parametrize(("size", "held"), [("20GB", "one revision"), ("100GB", "5 revisions")])
def test_weights_with_and_without_a_volume(on_runpod: Planner, size: str, held: str) -> None:
    """Each start downloads; with a volume the first does, and it has room for so many revisions."""
    assert _texts(on_runpod(), "runpod.volume") == [
        "not given: each start downloads 16.1 GB of weights, about 2m34s that are paid for"
    ]
    plan = on_runpod({"runpod": {"volume": {"size": size, "data_center": "EU-RO-1"}}})
    assert _texts(plan, "runpod.volume") == [
        (
            f"the first start downloads 16.1 GB of weights to it, about 2m34s; it has room for {held}, and all workers "
            "run in EU-RO-1"
        )
    ]


def test_stale_prices_are_runpods_own(on_runpod: Planner) -> None:
    """Half a year after June 2026, and named as RunPod's."""
    assert _texts(on_runpod(today=date(2026, 12, 5)), "") == []
    assert _texts(on_runpod(today=date(2026, 12, 6)), "") == [
        "prices are of 2026-06-08, more than 180 days old: compare with RunPod's price list"
    ]
