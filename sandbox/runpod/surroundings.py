"""What does an account provide to the workers of one of its endpoints? Machines, the script, and the meter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.runpod.fleet_contract import SCALE_IN_SECONDS, Limits
from sandbox.runpod.ids import new_id
from sandbox.runpod.meter import worker_rates
from sandbox.runpod.places import DATA_CENTERS, runs_cuda, types_of
from sandbox.runpod.worker_script import Reply, engine_of, reply

if TYPE_CHECKING:
    from sandbox.runpod.account import Account
    from sandbox.runpod.endpoint import Endpoint
    from sandbox.runpod.endpoint_bodies import Settings
    from sandbox.runpod.job import Job
    from sandbox.runpod.worker import Worker

# worker-vllm's default for MAX_CONCURRENCY.
CONCURRENCY = 30
WITHOUT_LIMIT = 1_000_000


@dataclass(frozen=True)
class EndpointSurroundings:
    account: Account
    endpoint_id: str

    @property
    def cold_start_seconds(self) -> float:
        return self.account.settings.cold_start_seconds

    @property
    def token_seconds(self) -> float:
        return self.account.settings.token_seconds

    def new_worker_id(self) -> str:
        return new_id()

    def place(self) -> tuple[str, str] | None:
        """The first type in the order of the pools that is in stock, with the driver that is asked for."""
        settings = self._endpoint.settings
        gpu = settings.gpu
        if not runs_cuda(gpu.min_cuda_version, gpu.allowed_cuda_versions):
            return None
        pools = [pool for pool in gpu.pools if pool not in self.account.settings.out_of_stock]
        types = types_of(pools, gpu.excluded_types)
        return (types[0].id, self._data_center()) if types else None

    def reply(self, job: Job, now: float, /) -> Reply:
        """What the worker makes of it; the first jobs fail when that was set."""
        account = self.account
        if account.settings.fail_jobs:
            account.settings = account.settings.model_copy(update={"fail_jobs": account.settings.fail_jobs - 1})
            return Reply(error="the worker failed, as it was told to")
        return reply(engine_of(self._endpoint.settings.env, self._endpoint.settings.args), job.input, job.id, int(now))

    def started(self, worker: Worker, now: float) -> None:
        """It is ready: initialising was free."""
        rates = worker_rates(worker.gpu_type or "", worker.gpu_count, self._endpoint.settings.disk)
        self.account.meter.begin(self.endpoint_id, worker.id, now, rates)

    def stopped(self, worker: Worker, now: float) -> None:
        self.account.meter.end(worker.id, now)

    @property
    def _endpoint(self) -> Endpoint:
        return self.account.endpoints[self.endpoint_id]

    def _data_center(self) -> str:
        settings = self._endpoint.settings
        volumes = [self.account.volumes[id_].data_center for id_ in settings.network_volumes]
        allowed = settings.data_center_ids or list(DATA_CENTERS)
        return next((place for place in volumes if place in allowed), allowed[0])


def _concurrency(settings: Settings) -> int:
    """How many requests a worker takes at once: a load balancer hands on whatever comes."""
    if settings.type == "LOAD_BALANCER":
        return WITHOUT_LIMIT
    told = settings.env.get("MAX_CONCURRENCY", "")
    return int(told) if told.isdecimal() and int(told) else CONCURRENCY


def limits_of(endpoint: Endpoint) -> Limits:
    """An endpoint's settings as its fleet needs them."""
    settings = endpoint.settings
    scaling, workers = settings.scaling, settings.workers
    return Limits(
        version=endpoint.version,
        image=settings.image,
        gpu_count=settings.gpu.count,
        min=workers.min,
        max=workers.max,
        idle_seconds=workers.idle_timeout if settings.shows_idle_timeout else SCALE_IN_SECONDS,
        timeout_seconds=settings.timeout / 1000,
        concurrency=_concurrency(settings),
        queue_delay=scaling.queue_delay if scaling.type == "QUEUE_DELAY" else None,
        request_count=scaling.request_count if scaling.type == "REQUEST_COUNT" else 1,
    )
