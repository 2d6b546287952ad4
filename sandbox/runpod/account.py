"""The account of the local RunPod: endpoints with their workers, volumes, what was used, and the clock."""

from __future__ import annotations

from dataclasses import replace
from threading import Condition
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import ProblemError
from sandbox.runpod.clock import Clock
from sandbox.runpod.endpoint import Endpoint
from sandbox.runpod.fleet import Fleet
from sandbox.runpod.ids import new_id
from sandbox.runpod.meter import Meter, volume_rates
from sandbox.runpod.settings import Settings
from sandbox.runpod.surroundings import EndpointSurroundings, limits_of
from sandbox.runpod.volume import Volume
from sandbox.runpod.worker import Worker

if TYPE_CHECKING:
    from sandbox.runpod.endpoint_bodies import Settings as EndpointSettings

DAY_SECONDS = 86_400.0
# Seconds without a request -> the most workers that RunPod leaves to an endpoint (since 2026-06-24).
IDLE_CUTS = ((3 * DAY_SECONDS, 2), (7 * DAY_SECONDS, 0))
# Seconds are sums of fractions: a day that is over is not missed for the last one.
_TOLERANCE = 1e-6


class Account:
    """Everything here happens with `changed` held; who waits for a job waits on it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.changed = Condition()
        self.clock = clock or Clock()
        self.settings = Settings()
        self.meter = Meter()
        self.endpoints: dict[str, Endpoint] = {}
        self.fleets: dict[str, Fleet] = {}
        self.volumes: dict[str, Volume] = {}

    def advance(self) -> float:
        """Let everything happen that is due; the time it is then."""
        now = self.clock.now()
        for fleet in self.fleets.values():
            fleet.advance(now)
        return now

    def skip(self, seconds: float) -> None:
        """Advance the clock, and cut the workers of endpoints that had no request meanwhile."""
        end = self.clock.advanced + seconds
        cuts = {endpoint.used_at + after for endpoint in self.endpoints.values() for after, _ in IDLE_CUTS}
        for stop in sorted({cut for cut in cuts if self.clock.advanced < cut < end} | {end}):
            self.clock.advanced = stop
            self.advance()
            self._cut_idle_endpoints()

    def add_endpoint(self, settings: EndpointSettings) -> Endpoint:
        now = self.advance()
        endpoint = Endpoint(new_id(), settings, now, used_at=self.clock.advanced)
        self.endpoints[endpoint.id] = endpoint
        self.fleets[endpoint.id] = self._fleet(endpoint, now)
        self.advance()
        return endpoint

    def change_endpoint(self, endpoint_id: str, settings: EndpointSettings, *, bounds_given: bool) -> Endpoint:
        """Other settings; workers of the old ones finish their jobs and leave."""
        now = self.advance()
        endpoint = self.endpoints[endpoint_id].changed(settings, new_id(), now)
        if bounds_given:
            endpoint = replace(endpoint, used_at=self.clock.advanced)
        self.endpoints[endpoint_id] = endpoint
        self.fleets[endpoint_id].limits = limits_of(endpoint)
        self.advance()
        return endpoint

    def remove_endpoint(self, endpoint_id: str) -> None:
        now = self.advance()
        self.fleets.pop(endpoint_id).stop_all(now)
        del self.endpoints[endpoint_id]

    def used(self, endpoint_id: str) -> None:
        """A request came: the days without one are counted anew."""
        self.endpoints[endpoint_id] = replace(self.endpoints[endpoint_id], used_at=self.clock.advanced)

    def set_volume(self, volume: Volume) -> None:
        """Add it, or replace it by one of another name or size."""
        now = self.clock.now()
        before = self.volumes.get(volume.id)
        if before is None or before.size_gb != volume.size_gb:
            if before is not None:
                self.meter.end(f"{volume.id}/{before.size_gb}", now)
            self.meter.begin(volume.id, f"{volume.id}/{volume.size_gb}", now, volume_rates(volume.size_gb, volume.type))
        self.volumes[volume.id] = volume

    def remove_volume(self, volume: Volume) -> None:
        users = [e.settings.name for e in self.endpoints.values() if volume.id in e.settings.network_volumes]
        if users:
            raise ProblemError(400, f"network volume is in use by serverless endpoints: {', '.join(users)}")
        self.meter.end(f"{volume.id}/{volume.size_gb}", self.clock.now())
        del self.volumes[volume.id]

    def inventory(self) -> dict[str, Any]:
        """What exists: kinds in the manner of the AWS inventory."""
        kinds = {"runpod.endpoint": self.endpoints, "runpod.network_volume": self.volumes}
        ids = {kind: sorted(members) for kind, members in kinds.items() if members}
        counts = {kind: len(members) for kind, members in ids.items()}
        return {"total": sum(counts.values()), "counts": counts, "ids": ids}

    def to_record(self) -> dict[str, Any]:
        """As it is kept on the disk; jobs are not, they end with the process."""
        return {
            "advanced": self.clock.advanced,
            "settings": self.settings.model_dump(mode="json"),
            "endpoints": [endpoint.to_record() for endpoint in self.endpoints.values()],
            "volumes": [volume.to_record() for volume in self.volumes.values()],
            "workers": {id_: [w.to_record() for w in fleet.workers] for id_, fleet in self.fleets.items()},
            "usages": self.meter.to_record(),
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Account:
        account = cls(Clock(record["advanced"]))
        account.settings = Settings.model_validate(record["settings"])
        account.meter = Meter.from_record(record["usages"])
        account.volumes = {volume["id"]: Volume(**volume) for volume in record["volumes"]}
        now = account.clock.now()
        for entry in record["endpoints"]:
            endpoint = Endpoint.from_record(entry)
            account.endpoints[endpoint.id] = endpoint
            fleet = account.fleets[endpoint.id] = account._fleet(endpoint, now)
            fleet.workers = [Worker(**worker) for worker in record["workers"][endpoint.id]]
            for worker in fleet.workers:
                if worker.ready and worker.idle_since is None:
                    worker.idle_since = now  # its jobs ended with the process
        return account

    def _fleet(self, endpoint: Endpoint, now: float) -> Fleet:
        return Fleet(limits_of(endpoint), EndpointSurroundings(self, endpoint.id), now)

    def _cut_idle_endpoints(self) -> None:
        for endpoint in list(self.endpoints.values()):
            workers = endpoint.settings.workers
            idle = self.clock.advanced - endpoint.used_at
            most = min((left for after, left in IDLE_CUTS if idle + _TOLERANCE >= after), default=workers.max)
            if most < workers.max:
                cut = workers.model_copy(update={"max": most, "min": min(workers.min, most)})
                settings = endpoint.settings.model_copy(update={"workers": cut})
                self.change_endpoint(endpoint.id, settings, bounds_given=False)
