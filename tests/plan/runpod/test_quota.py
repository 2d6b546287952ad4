"""May the services of a stack start as many workers as they say?"""

from __future__ import annotations

from dataclasses import replace

from components.catalogue.runpod import quota_tiers
from components.plan.runpod.quota import worker_quota_problems

Planner = "Callable[..., Plan]"

OF_A_NEW_ACCOUNT = quota_tiers()[0].workers


def test_the_sum_of_all_services_is_what_counts(on_runpod: Planner) -> None:
    """Three and three are more than five: the message names each share and how the quota grows."""
    chat = replace(on_runpod(), service="chat")
    code = replace(chat, service="code")
    assert worker_quota_problems([chat], OF_A_NEW_ACCOUNT) == []
    assert worker_quota_problems([chat, code], 6) == []
    (problem,) = worker_quota_problems([chat, code], OF_A_NEW_ACCOUNT)
    assert str(problem) == (
        "berth:runpod.worker_quota: 5 is less than the 6 workers that the services on RunPod may start together "
        "(chat 3, code 3); lower scaling.max_replicas, or put money on the account (5 workers at first, 10 from "
        "100 USD, 20 from 200 USD, 30 from 300 USD, 40 from 500 USD, 50 from 700 USD, 60 from 900 USD) and raise the "
        "setting to what RunPod's console then shows"
    )


def test_parked_services_and_other_targets_take_no_share(on_runpod: Planner, plan: Planner, llama: object) -> None:
    """A parked service has no worker, one on ECS none of RunPod's."""
    parked = on_runpod({"power": "off"})
    assert worker_quota_problems([on_runpod(), parked, plan(llama)], 3) == []
    assert worker_quota_problems([], 0) == []
