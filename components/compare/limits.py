"""Which limits does a target have that no field of the spec can raise, and who says so?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.catalogue.runpod import quota_tiers
from components.compare.comparison import Limit
from components.plan.demand import replica_concurrency
from components.spec.values import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.plan.model import Plan, Target
    from components.spec.service import ServiceSpec

_BERTH = "this plan"
_SAGEMAKER = "SageMaker Runtime API reference, 2026-11-21"
_RUNPOD = "RunPod's documentation of endpoints, 2026-07-20"


def limits_of(spec: ServiceSpec, plan: Plan) -> tuple[Limit, ...]:
    """Return the limits of a plan, the same names in the same order on every target."""
    return tuple(_LIMITS[plan.target](spec, plan))


def _ecs(spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    longest = spec.gateway.max_request
    yield Limit("longest answer", f"{longest}, streamed or not (gateway.max_request, 1h at most)", _BERTH)
    yield Limit("streaming", "server-sent events, OpenAI's API", _BERTH)
    yield Limit("request body", "16 MiB", "the gateway's default, BERTH_MAX_BODY_BYTES")
    yield Limit("at once", f"{_fitting(spec, plan)} in each replica's cache; more wait in the engine", _BERTH)
    yield Limit("fewest replicas", "1: nothing would wake the service from 0", _BERTH)
    yield Limit("account", "vCPUs of the GPU family, 0 in a new account", "AWS Service Quotas")
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "ECS container health checks")
    yield Limit("callers", _keys(plan), _BERTH)


def _keys(plan: Plan) -> str:
    given = plan.gateway.keys_secret if plan.gateway else None
    return f"a key of {given}" if given else "whoever reaches it: gateway.keys_secret is not given"


def _sagemaker(spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    tgi = plan.engine.kind == "tgi"
    yield Limit("longest answer", "60s, or longer when it is streamed", _SAGEMAKER)
    route = "SageMaker's event stream" if tgi else "SageMaker's event stream, server-sent events on its OpenAI route"
    yield Limit("streaming", route, _SAGEMAKER)
    yield Limit("request body", "6 MiB", _SAGEMAKER)
    accepted = plan.engine.environment.get("MAX_CONCURRENT_REQUESTS") if tgi else None
    over = "more are answered with 429" if tgi else "more wait in the engine"
    yield Limit("at once", f"{accepted or _fitting(spec, plan)} in each replica; {over}", _BERTH)
    yield Limit("fewest replicas", "1: an endpoint has one instance or more", _SAGEMAKER)
    yield Limit("account", "instances of this type for endpoints, 0 in a new account", "AWS Service Quotas")
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "SageMaker's start-up timeouts")
    yield Limit("callers", "AWS credentials with sagemaker:InvokeEndpoint", _SAGEMAKER)


def _runpod(spec: ServiceSpec, plan: Plan) -> Iterator[Limit]:
    longest = spec.gateway.max_request
    yield Limit("longest answer", f"{longest} from when a worker takes it; 24h in the queue", _RUNPOD)
    yield Limit("streaming", "server-sent events, passed on by the job queue", _RUNPOD)
    yield Limit("request body", "10 MB queued, 20 MB when the caller waits", _RUNPOD)
    yield Limit(
        "at once", f"{_fitting(spec, plan)} in each worker; more wait in the queue, 2,000 calls per 10s", _RUNPOD
    )
    yield Limit("fewest replicas", "0: nothing is billed without requests", _RUNPOD)
    workers = quota_tiers()[0].workers
    yield Limit("account", f"{workers} workers over all endpoints of a new account, 80 USD per hour", _RUNPOD)
    yield Limit("start", f"given up after {Duration(plan.startup_limit_seconds)}", "worker-vllm, VLLM_STARTUP_TIMEOUT")
    yield Limit("callers", "a key of the RunPod account, from anywhere", _RUNPOD)


def _fitting(spec: ServiceSpec, plan: Plan) -> str:
    """Return how many requests of the expected length the cache of one replica holds."""
    return f"{replica_concurrency(plan.hardware.fit, spec.load):,}"


_LIMITS: Mapping[Target, Callable[[ServiceSpec, Plan], Iterator[Limit]]] = {
    "ecs": _ecs,
    "sagemaker": _sagemaker,
    "runpod": _runpod,
}
