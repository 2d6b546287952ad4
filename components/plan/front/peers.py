"""Can the services of a stack fall back on each other as their specs say, and in which order are they made then?"""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from components.errors import Problem, did_you_mean
from components.plan.model import Note
from components.plan.notes import sorted_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from components.plan.gateway import Fallback, GatewayPlan
    from components.plan.model import Plan

_CALLED_FROM_ELSEWHERE = ("sagemaker", "runpod")


def answering(plan: Plan) -> GatewayPlan | None:
    """Return the gateway that clients of a service talk to, None where there is none."""
    return plan.front.gateway if plan.front is not None else plan.gateway


def peers_of(plan: Plan) -> tuple[str, ...]:
    """Return the services of the stack that a service falls back on."""
    gateway = answering(plan)
    return tuple(one.service for one in gateway.fallback if one.service is not None) if gateway else ()


def peer_problems(plans: Sequence[Plan]) -> list[Problem]:
    """Return everything that is wrong with services that fall back on services."""
    by_name = {plan.service: plan for plan in plans}
    found = [problem for plan in plans for problem in _problems(plan, by_name)]
    if found:
        return found
    try:
        TopologicalSorter({plan.service: peers_of(plan) for plan in plans}).prepare()
    except CycleError as error:
        names = " -> ".join(error.args[1][::-1])
        return [Problem("gateway.fallback", "", f"goes round in a circle: {names}", "end it with an API, or nowhere")]
    return []


def with_peer_notes(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans; where a service falls back on one that is parked, its plan says so."""
    parked = {plan.service for plan in plans if plan.power == "off"}
    noted: list[Plan] = []
    for plan in plans:
        notes = [
            Note("warning", "gateway.fallback", f"service {name} is parked, and takes nothing over until it is on")
            for name in peers_of(plan)
            if name in parked
        ]
        noted.append(replace(plan, notes=sorted_notes([*plan.notes, *notes])) if notes else plan)
    return noted


def made_in_order(plans: Sequence[Plan]) -> list[str]:
    """Return the names of services so that each comes after those that it falls back on, else in the given order."""
    by_name = {plan.service: plan for plan in plans}
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in ordered:
            for peer in peers_of(by_name[name]):
                add(peer)
            ordered[name] = None

    for name in by_name:
        add(name)
    return list(ordered)


def peer_price(plan: Plan) -> tuple[float, int | None] | None:
    """Return what an hour of a replica costs, and the requests in flight of each where there may be several."""
    usd, scaling = plan.hardware.usd_per_hour, plan.scaling
    if usd is None:
        return None
    several = scaling.metric == "concurrency" and scaling.min_replicas < scaling.max_replicas
    return usd, max(1, round(scaling.target)) if several else None


def _problems(plan: Plan, by_name: Mapping[str, Plan]) -> Iterator[Problem]:
    gateway = answering(plan)
    for index, one in enumerate(gateway.fallback if gateway else ()):
        if one.service is not None:
            yield from _peer_problems(plan, f"{plan.service}: gateway.fallback[{index}]", one, by_name)


def _peer_problems(plan: Plan, place: str, one: Fallback, by_name: Mapping[str, Plan]) -> Iterator[Problem]:
    name = one.service or ""
    peer = by_name.get(name)
    if name == plan.service:
        yield Problem(f"{place}.service", name, "is the service itself", "name another, or give the url of an API")
    elif peer is None:
        others = [other for other in by_name if other != plan.service]
        yield Problem(f"{place}.service", name, "is not a service of this stack", did_you_mean(name, others))
    elif peer.target not in _CALLED_FROM_ELSEWHERE:
        yield Problem(
            f"{place}.service",
            name,
            f"is on {peer.target}, where a gateway answers clients with keys alone",
            "name a service on sagemaker or runpod, or give its address as url, with a client key as key_secret",
        )
    elif peer.target == "runpod" and one.key_secret is None:
        yield Problem(
            f"{place}.key_secret",
            "",
            f"is missing: {name} is on RunPod, which wants a key of its account",
            "store a restricted RunPod key in Secrets Manager and write the secret's name",
        )
    elif peer.target == "sagemaker" and one.key_secret is not None:
        text = f"is not used: {name} is on sagemaker, where the role of the gateway's task is enough"
        yield Problem(f"{place}.key_secret", one.key_secret, text, "remove it")
    gateway = answering(plan)
    if peer is not None and gateway is not None and gateway.counts_spending and peer_price(peer) is None:
        text = f"has no known price ({peer.hardware.instance_type}), and usd_per_month counts what it costs"
        yield Problem(f"{place}.service", name, text, "remove it, or usd_per_month")
