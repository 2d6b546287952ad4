"""Which settings of an endpoint does the API refuse although their types are right?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.runpod.answers import ProblemError
from sandbox.runpod.places import DATA_CENTERS, GPU_TYPES, POOL_PRICES, types_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.runpod.endpoint_bodies import CreateEndpoint, Gpu, Settings, UpdateEndpoint
    from sandbox.runpod.volume import Volume

# The job API's range of `executionTimeout`; that the field of an endpoint has the same one is our reading.
SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS = 5_000, 604_800_000


def check_body(body: CreateEndpoint | UpdateEndpoint, settings: Settings) -> None:
    """Refuse what depends on what the caller wrote; `settings` is what would come of it.

    Raises:
        ProblemError: 400, or 404 for a template.
    """
    given = body.model_fields_set
    if "template_id" in given:
        raise ProblemError(404, "template not found")
    if body.registry is not None:
        raise ProblemError(400, f"registry: credential {body.registry!r} does not exist")
    if "image" in given and not body.image.strip():
        raise ProblemError(400, "image: must not be empty")
    if "workers" in given and "idle_timeout" in body.workers.model_fields_set and not settings.shows_idle_timeout:
        raise ProblemError(
            400, "workers.idleTimeout is not applicable to queue-based endpoints scaling on requestCount"
        )


def check_compute(given: set[str], *, creates: bool) -> None:
    """Exactly one family at creation, and never the other one afterwards.

    Raises:
        ProblemError: 400; 501 for a CPU endpoint, which this RunPod does not have.
    """
    if {"gpu", "cpu"} <= given:
        raise ProblemError(400, "exactly one of gpu and cpu may be set")
    if not creates:
        if "cpu" in given:
            raise ProblemError(400, "cpu: the compute family of an endpoint cannot be changed")
    elif "cpu" in given:
        raise ProblemError(501, "the sandbox has no CPU endpoints")
    elif "gpu" not in given:
        raise ProblemError(400, "exactly one of gpu and cpu must be set")


def check_settings(settings: Settings, volumes: Mapping[str, Volume]) -> None:
    """Refuse combinations, whoever of their parts was written last.

    Raises:
        ProblemError: 400.
    """
    if settings.type == "LOAD_BALANCER" and settings.scaling.type != "REQUEST_COUNT":
        raise ProblemError(400, "scaling: a LOAD_BALANCER endpoint scales on REQUEST_COUNT")
    if settings.workers.min > settings.workers.max:
        raise ProblemError(400, f"workers.min {settings.workers.min} exceeds workers.max {settings.workers.max}")
    if not SHORTEST_TIMEOUT_MS <= settings.timeout <= LONGEST_TIMEOUT_MS:
        raise ProblemError(
            400, f"timeout: {settings.timeout} is not from {SHORTEST_TIMEOUT_MS} to {LONGEST_TIMEOUT_MS}"
        )
    _check_gpu(settings.gpu)
    for data_center in settings.data_center_ids:
        if data_center not in DATA_CENTERS:
            raise ProblemError(400, f"dataCenterIds: {data_center!r} is not a data center")
    _check_volumes(settings, volumes)


def check_quota(total_of_others: int, settings: Settings, quota: int) -> None:
    """The maxima of all endpoints together.

    Raises:
        ProblemError: 400; the words are ours, the real ones are not published.
    """
    total = total_of_others + settings.workers.max
    if total > quota:
        raise ProblemError(
            400, f"workers.max: all endpoints together would have {total} workers, over the account's quota of {quota}"
        )


def _check_gpu(gpu: Gpu) -> None:
    for pool in gpu.pools:
        if pool not in POOL_PRICES:
            raise ProblemError(400, f"gpu.pools: {pool!r} is not a serverless GPU pool")
    for excluded in gpu.excluded_types:
        if excluded not in GPU_TYPES or GPU_TYPES[excluded].pool not in gpu.pools:
            raise ProblemError(400, f"gpu.excludedTypes: {excluded!r} is not a GPU type in any of the selected pools")
    if not types_of(gpu.pools, gpu.excluded_types):
        raise ProblemError(400, "gpu.excludedTypes: no GPU type is left in the selected pools")
    if gpu.allowed_cuda_versions and gpu.min_cuda_version:
        raise ProblemError(400, "gpu.allowedCudaVersions and gpu.minCudaVersion are mutually exclusive")


def _check_volumes(settings: Settings, volumes: Mapping[str, Volume]) -> None:
    places: list[str] = []
    for volume_id in settings.network_volumes:
        if volume_id not in volumes:
            raise ProblemError(400, f"networkVolumes: {volume_id!r} does not exist")
        places.append(volumes[volume_id].data_center)
    if len(set(places)) < len(places):
        raise ProblemError(400, "networkVolumes: at most one volume per data center")
    # A worker runs where its volume is: no worker could be placed elsewhere.
    if places and settings.data_center_ids and not set(places) & set(settings.data_center_ids):
        raise ProblemError(400, f"dataCenterIds: none of them has the network volume, which is in {', '.join(places)}")
