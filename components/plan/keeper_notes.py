"""What should be known of a service that is put to sleep and woken: who answers meanwhile, and who wakes it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.plan.front.refusals import FRONT as ASK_FOR_ONE
from components.plan.idle import hears_requests
from components.plan.model import Note
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.keeper import KeeperPlan
    from components.plan.model import Plan
    from components.spec.service import ServiceSpec


def keeper_notes(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    """Yield what is to be said of a service that the keeper starts and stops."""
    kept = plan.keeper
    if kept is None or not kept.owns_capacity or plan.power == "off":
        yield from _unused_sleep(plan, spec)
        return
    why = "schedule" if spec.schedule else "idle" if spec.idle else "budget.on_breach"
    if plan.runpod is None or plan.front is not None or why != "idle":
        # RunPod starts a worker for whoever asks a service that is idle alone, which is said below.
        yield Note("info", why, f"asleep, {_answer(plan, spec)}")
    yield from _wake_notes(plan, spec, kept, why)
    yield from _unused_sleep(plan, spec)
    if plan.runpod is not None and plan.runpod.sleep == "soft" and spec.schedule is not None:
        yield _soft(plan)
    if spec.idle is not None and plan.runpod is not None and plan.runpod.workers_min == 0:
        text = f"{spec.idle.after}: without a request RunPod stops all workers by itself, as scaling.min_replicas is 0"
        yield Note("info", "idle.after", text)
    if spec.idle is not None and spec.load is None:
        yield Note("info", "idle", "no load is declared: nobody can say how long the service is awake, and costs")


def _answer(plan: Plan, spec: ServiceSpec) -> str:
    """Return what a client gets."""
    if plan.front is not None:
        return "the front answers 503 with Retry-After and the time of the next opening"
    if plan.target == "ecs":
        return (
            "a function behind the load balancer answers 503 with Retry-After and the time of the next opening; it "
            "costs next to nothing"
        )
    if plan.target == "sagemaker":
        return f"there is no endpoint, and AWS answers with a validation error; for a 503 with the time: {ASK_FOR_ONE}"
    if plan.runpod is not None and plan.runpod.sleep == "soft" and spec.schedule is not None:
        return "a request starts a worker, as RunPod always does"
    waits = "requests wait in RunPod's queue, 24h at most, and run at the next opening"
    if plan.runpod is not None and plan.runpod.mode == "load_balancer":
        waits = "RunPod's load balancer answers 400 after 2m"
    return f"{waits}; for a 503 with the time: {ASK_FOR_ONE}"


def _wake_notes(plan: Plan, spec: ServiceSpec, kept: KeeperPlan, why: str) -> Iterator[Note]:
    if spec.schedule is None and spec.idle is None:
        return
    command, start = f"berth awake {plan.service}", Duration(kept.start_seconds)
    asked = spec.schedule is not None and "wake" in spec.schedule.model_fields_set
    may_be_woken = spec.idle is not None or kept.start == "manual" or asked
    if not may_be_woken or kept.wake == "never":
        return
    if plan.target == "runpod" and plan.front is None:
        if spec.idle is not None:
            text = f"stopped for want of requests, no worker is kept; the next request starts one, about {start}"
            yield Note("info", "idle", text)
        is_soft = plan.runpod is not None and plan.runpod.sleep == "soft"
        if kept.start == "manual" or (kept.wake == "any_time" and not is_soft):
            text = f"{kept.wake}: RunPod tells nobody of a request, so {command} alone opens it; {ASK_FOR_ONE}"
            yield Note("warning", "schedule.wake" if asked else why, text)
        return
    field = "schedule.wake" if asked else why
    if not hears_requests(spec, plan.target):
        until = "the next window or " if kept.hours is not None and kept.start == "auto" else ""
        lacks, fix = "nobody hears a request", ASK_FOR_ONE
        if plan.front is not None or plan.target == "ecs":
            lacks, fix = "no request may wake it", "set gateway.keys_secret, with keys that have may_wake"
        yield Note("warning", field, f"{lacks} while it sleeps: it stays asleep until {until}{command}; {fix}")
        return
    when = {"within_hours": " in its hours" if kept.hours else "", "any_time": " at any hour", "never": ""}[kept.wake]
    text = f"a request of a key with may_wake wakes it{when}; it answers after about {start}"
    yield Note("info", field, text)


def _soft(plan: Plan) -> Note:
    prices = [row.usd_per_hour for row in (plan.hardware, *plan.fallbacks)]
    known = [price for price in prices if price is not None]
    most = plan.scaling.max_replicas
    price = f", up to {max(known) * most:.2f} USD per hour" if known and len(known) == len(prices) else ""
    return Note(
        "warning" if plan.environment == "prod" else "info",
        "runpod.sleep",
        f"soft: requests outside the hours are answered, by up to {most} workers that are paid for{price}; hard alone "
        "keeps them off",
    )


def _unused_sleep(plan: Plan, spec: ServiceSpec) -> Iterator[Note]:
    if plan.runpod is not None and plan.runpod.sleep == "soft" and spec.schedule is None:
        yield Note("info", "runpod.sleep", "soft is not used: without hours nothing puts the service to sleep by them")
