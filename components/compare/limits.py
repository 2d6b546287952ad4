"""Which limits does a target have that no field of the spec can raise, and who says so?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import quota_tiers
from components.compare.comparison import Limit
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.plan.gateway import GatewayPlan
    from components.plan.model import Plan, Target
    from components.spec.service import ServiceSpec

THIS_PLAN = "this plan"
"""The source of what Berth itself decides."""
_SAGEMAKER = "SageMaker Runtime API reference, 2026-11-21"
_RUNPOD = "RunPod's documentation of endpoints, 2026-07-20"
_BALANCER = "RunPod's documentation of load balancing endpoints, 2026-08"
_EVENTS = "server-sent events, OpenAI's API"


def limits_of(spec: ServiceSpec, plan: Plan) -> tuple[Limit, ...]:
    """Return the limits of a plan, the same names in the same order on every target."""
    return tuple(_LIMITS[plan.target](spec, plan))


def _ecs(spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    longest = spec.gateway.max_request
    yield Limit("longest answer", f"{longest}, streamed or not (gateway.max_request, 1h at most)", THIS_PLAN)
    yield Limit("streaming", _EVENTS, THIS_PLAN)
    yield Limit("request body", "16 MiB", "the gateway's default, BERTH_MAX_BODY_BYTES")
    yield Limit("at once", f"{_fitting(plan)} in each replica's cache; more wait in the engine", THIS_PLAN)
    yield Limit("fewest replicas", "1: nothing would wake the service from 0", THIS_PLAN)
    yield Limit("account", "vCPUs of the GPU family, 0 in a new account", "AWS Service Quotas")
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "ECS container health checks")
    yield Limit("callers", _keys(plan.front.gateway if plan.front else plan.gateway), THIS_PLAN)


def _keys(gateway: GatewayPlan | None) -> str:
    given = gateway.keys_secret if gateway else None
    return f"a key of {given}" if given else "whoever reaches it: gateway.keys_secret is not given"


def _sagemaker(_spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    tgi = plan.engine.kind == "tgi"
    yield Limit("longest answer", "60s, or longer when it is streamed", _SAGEMAKER)
    route = "SageMaker's event stream" if tgi else "SageMaker's event stream, server-sent events on its OpenAI route"
    yield Limit("streaming", *_by_front(plan, _EVENTS, (route, _SAGEMAKER)))
    yield Limit("request body", "6 MiB", _SAGEMAKER)
    accepted = plan.engine.environment.get("MAX_CONCURRENT_REQUESTS") if tgi else None
    over = "more are answered with 429" if tgi else "more wait in the engine"
    yield Limit("at once", f"{accepted or _fitting(plan)} in each replica; {over}", THIS_PLAN)
    yield Limit("fewest replicas", "1: an endpoint has one instance or more", _SAGEMAKER)
    yield Limit("account", "instances of this type for endpoints, 0 in a new account", "AWS Service Quotas")
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "SageMaker's start-up timeouts")
    alone = ("AWS credentials with sagemaker:InvokeEndpoint", _SAGEMAKER)
    yield Limit("callers", *_by_front(plan, f"{_keys(plan.front and plan.front.gateway)}, or {alone[0]}", alone))


def _runpod(spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    if plan.runpod and plan.runpod.mode == "load_balancer":
        yield from _balanced(plan)
        return
    longest = spec.gateway.max_request
    yield Limit("longest answer", f"{longest} from when a worker takes it; 24h in the queue", _RUNPOD)
    yield Limit("streaming", *_by_front(plan, _EVENTS, ("server-sent events, passed on by the job queue", _RUNPOD)))
    yield Limit("request body", "10 MB queued, 20 MB when the caller waits", _RUNPOD)
    yield Limit("at once", f"{_fitting(plan)} in each worker; more wait in the queue, 2,000 calls per 10s", _RUNPOD)
    yield Limit("fewest replicas", "0: nothing is billed without requests", _RUNPOD)
    yield _account()
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "worker-vllm, VLLM_STARTUP_TIMEOUT")
    alone = ("a key of the RunPod account, from anywhere", _RUNPOD)
    yield Limit("callers", *_by_front(plan, f"{_keys(plan.front and plan.front.gateway)}, or {alone[0]}", alone))


def _balanced(plan: Plan) -> Iterator[Limit]:
    longest = Duration(plan.gateway.max_request_seconds if plan.gateway else 0)
    yield Limit("longest answer", f"{longest}, streamed or not; RunPod's load balancer ends it after 5m30s", _BALANCER)
    yield Limit("streaming", _EVENTS, THIS_PLAN)
    yield Limit("request body", "16 MiB", "the gateway's default, BERTH_MAX_BODY_BYTES")
    yield Limit("at once", f"{_fitting(plan)} in each worker's cache; more wait in the engine", THIS_PLAN)
    yield Limit("fewest replicas", "0: who finds no worker for 2m is answered 400", _BALANCER)
    yield _account()
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "BERTH_START_SECONDS of the worker")
    keys = plan.gateway.keys_secret if plan.gateway else None
    account = f"a key of the RunPod account{f' that {keys} names' if keys else ''}, from anywhere"
    by_front = f"{_keys(plan.front and plan.front.gateway)}, or {account}"
    yield Limit("callers", *_by_front(plan, by_front, (account, _BALANCER)))


def _account() -> Limit:
    workers = quota_tiers()[0].workers
    return Limit("account", f"{workers} workers over all endpoints of a new account, 80 USD per hour", _RUNPOD)


def _by_front(plan: Plan, text: str, alone: tuple[str, str]) -> tuple[str, str]:
    """Return text and source of a limit: what a front makes of it, else that of the target alone."""
    return (text, THIS_PLAN) if plan.front else alone


def _fitting(plan: Plan) -> str:
    """Return how many requests of the expected length a replica works on at once: those that its cache holds."""
    return f"{plan.performance.full_at_requests:,}" if plan.performance else "unknown"


_LIMITS: Mapping[Target, Callable[[ServiceSpec, Plan], Iterator[Limit]]] = {
    "ecs": _ecs,
    "sagemaker": _sagemaker,
    "runpod": _runpod,
}
