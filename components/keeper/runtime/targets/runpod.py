"""How is an endpoint on RunPod put to sleep and woken? By the limits of its workers, and by nothing else."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.errors import BerthError
from components.keeper.runtime.errors import DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import UNKNOWN_TRAFFIC, Capacity, Traffic
from components.keeper.runtime.gateway_traffic import gateway_traffic
from components.runpod.client import RunpodClient, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Depth
    from components.keeper.runtime.facts import Power

_BILLED = ("RUNNING", "IDLE")
"""RunPod does not charge for a worker that starts, waits for a GPU, or is not healthy."""


@dataclass(frozen=True, slots=True)
class RunpodClients:
    """Who is asked."""

    management: RunpodClient
    jobs: RunpodClient
    cloudwatch: Any = None
    """Where a front publishes what it counts; None without one."""


class RunpodTarget:
    """One service on RunPod; see `target.Target`."""

    def __init__(self, config: KeeperConfig, clients: RunpodClients, calls: Calls) -> None:
        """Nothing is asked yet."""
        try:
            self._id: str = config.details["endpoint_id"]
            self._pools: Sequence[str] = config.details["pools"]
        except KeyError as error:
            raise DocumentError("config", f"runpod.{error.args[0]} is missing; deploy the stack") from None
        self._config, self._clients, self._calls = config, clients, calls
        self._path = path_of("serverless", self._id)

    def capacity(self) -> Capacity:
        """Return what there is now."""
        with _told():
            limits = self._limits()
            found = self._clients.management.get(f"{self._path}/workers")
        summary: Mapping[str, int] = found["summary"]
        billed = Counter(self._pool(worker) for worker in found["workers"] if worker["status"] in _BILLED)
        shown = ", ".join(f"{count} {name}" for name, count in summary.items() if count and name != "total")
        return Capacity(self._power(limits, summary), dict(billed), shown or "no workers")

    def traffic(self, since: datetime, now: datetime) -> Traffic:
        """Return the jobs of this moment, and how many ever ended; with a front, what that counted."""
        if self._config.details.get("front") and self._clients.cloudwatch is not None:
            return gateway_traffic(self._calls, self._clients.cloudwatch, self._config, since, now)
        if self._config.details.get("mode") == "load_balancer":
            # Its requests are no jobs, and only a front would count them.
            return UNKNOWN_TRAFFIC
        with _told():
            jobs: Mapping[str, int] = self._clients.jobs.get(f"/{self._id}/health")["jobs"]
        return Traffic(
            is_known=True,
            in_flight=jobs.get("inQueue", 0) + jobs.get("inProgress", 0),
            total=sum(jobs.get(name, 0) for name in ("completed", "failed", "retried")),
        )

    def billed_usd(self, now: datetime) -> float | None:  # noqa: ARG002 - RunPod's month is that of its own clock
        """Return what RunPod has billed this month, in UTC and minutes late."""
        with _told():
            bill = self._clients.management.get(
                "/v2/billing/serverless", serverlessId=self._id, bucketSize="month", lastN=1
            )
            return float(bill["metadata"]["totals"]["totalAmount"])

    def wake(self, capacity: Capacity, attempts: int) -> str:  # noqa: ARG002 - all pools are in the endpoint already
        """Put both limits where they belong, also where RunPod itself has lowered them after days without a request."""
        config = self._config
        did = self._set(config.min_replicas, config.max_replicas)
        if not did and capacity.power == "failed":
            raise KeeperError(f"RunPod endpoint {self._id}: {capacity.detail}; see its logs in RunPod's console")
        if not did and capacity.power == "starting" and "throttled" in capacity.detail:
            raise NoCapacityError(
                f"RunPod has no GPU of {', '.join(self._pools)} for endpoint {self._id}: {capacity.detail}"
            )
        return did

    def sleep(self, capacity: Capacity, depth: Depth) -> str:  # noqa: ARG002 - what is ordered follows from a new look
        """Take the workers away; running jobs end first. soft: a request may still start one."""
        return self._set(0, self._config.max_replicas if depth == "soft" else 0)

    def _power(self, limits: Mapping[str, int], summary: Mapping[str, int]) -> Power:
        serving, starting = summary["running"] + summary["idle"], summary["initializing"] + summary["throttled"]
        if not limits["max"]:
            return "stopping" if serving else "off"
        if serving:
            return "on"
        if starting or limits["min"]:
            return "failed" if summary["unhealthy"] and not starting else "starting"
        # Without a worker it answers all the same, where that is how it is meant to be: a request starts one.
        return "off" if self._config.min_replicas else "on"

    def _pool(self, worker: Mapping[str, Any]) -> str:
        """Return the pool whose price holds for a worker; of one that does not say, the dearest."""
        by_type: Mapping[str, str] = self._config.details.get("pool_of", {})
        prices = self._config.usd_per_hour
        dearest = max(self._pools, key=lambda pool: prices.get(pool, 0.0))
        return by_type.get(worker.get("gpuTypeId") or "", dearest)

    def _limits(self) -> dict[str, int]:
        return self._clients.management.get(self._path)["workers"]

    def _set(self, least: int, most: int) -> str:
        wanted = {"min": least, "max": most}
        with _told():
            now = self._limits()
            if {name: now[name] for name in wanted} == wanted:
                return ""
            self._clients.management.patch(self._path, {"workers": wanted})
            # A zero that is dropped on the way would leave a GPU running, with an answer that says OK.
            then = self._limits()
        if {name: then[name] for name in wanted} != wanted:
            raise KeeperError(
                f"RunPod endpoint {self._id}: workers are {then['min']} to {then['max']} and not {least} to {most},"
                " although RunPod took the change"
            )
        return f"workers {least} to {most}"


@contextmanager
def _told() -> Iterator[None]:
    """Raise what RunPod refuses, or answers in another form, as the keeper knows it."""
    try:
        yield
    except KeeperError:
        raise
    except BerthError as error:
        raise KeeperError(str(error)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise KeeperError(
            f"RunPod: an answer is not what its API describes ({type(error).__name__}: {error})"
        ) from None
