"""What does RunPod do with one endpoint, as far as the keeper can see?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.targets.runpod import RunpodClients, RunpodTarget
from components.runpod.errors import RunpodError
from components.simulate.events import Kind
from components.simulate.record import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.target import Target
    from components.simulate.platforms.service import World
    from components.simulate.record import Record

ENDPOINT = "simulated"
DRAIN = timedelta(seconds=60)
"""How long a worker that is to go finishes what it has."""
LINGER = timedelta(minutes=1)
"""How long a worker that nobody asked to be always there waits for another request."""
_FORBIDDEN = 403


class Runpod:
    """One endpoint whose workers serve by queue; `get` and `patch` answer as our client of its API does."""

    def __init__(self, world: World, config: KeeperConfig, *, is_awake: bool) -> None:
        """`is_awake`: whether its workers are there already when the span begins."""
        self._world, self._config = world, config
        self._pool = next(iter(config.usd_per_hour), "unknown")
        self._least, self._most = (config.min_replicas, config.max_replicas) if is_awake else (0, 0)
        self._serving = self._least
        self._starting = 0
        self._ending = 0
        self._wanted = self._least
        self._counted = 0
        self._counted_until = world.now
        self._write()

    @property
    def record(self) -> Record:
        """What ran."""
        return self._world.record

    def target(self, config: KeeperConfig) -> Target:
        """Return the keeper's own driver, with this in the place of RunPod."""
        named = replace(config, details={"endpoint_id": ENDPOINT, "pools": [self._pool]})
        client: Any = self
        return RunpodTarget(named, RunpodClients(management=client, jobs=client), Calls(sleep=lambda _: None))

    def advance(self, now: datetime) -> None:
        """Let happen what is due."""
        self._world.advance(now)

    def need(self, replicas: int) -> None:
        """Scale between the limits."""
        self._wanted = replicas
        self._settle()

    def deploy(self, config: KeeperConfig) -> None:
        """Take the new document; the limits of the workers are the keeper's, and stay."""
        self._config = config

    def request(self) -> None:
        """Start a worker where the limits let one start."""
        if self._serving + self._starting == 0 < self._most:
            self._begin(1)

    def _linger(self) -> None:
        """End the workers that a request started, once a minute has passed without one."""
        if self._least or not self._serving:
            return
        trace, now = self._world.trace, self._world.now
        if trace.last(now - LINGER, now) is None:
            self._settle()
        else:
            self._world.after(LINGER, self._linger)

    def _settle(self) -> None:
        there = self._serving + self._starting
        # What is not always there comes with a request alone.
        wanted = min(max(self._wanted, self._least), self._most) if self._least else 0
        if wanted < there:
            ends = min(self._serving, there - wanted)
            self._serving -= ends
            self._starting = max(0, wanted - self._serving)
            self._ending += ends
            self._world.after(DRAIN, lambda: self._ended(ends))
        elif wanted > there:
            self._begin(wanted - there)
        self._write()

    def _begin(self, count: int) -> None:
        self._starting += count
        self._world.after(timedelta(seconds=self._config.start_seconds), self._started)
        self._write()

    def _started(self) -> None:
        if self._starting and self._world.is_short:
            self._world.after(timedelta(minutes=1), self._started)
            return
        self._serving, self._starting = self._serving + self._starting, 0
        if self._least:
            self._settle()
        else:
            self._world.after(LINGER, self._linger)
            self._write()

    def _ended(self, count: int) -> None:
        self._ending -= count
        self._write()

    def _write(self) -> None:
        billed = self._serving + self._ending
        self._world.record.put(
            self._world.now,
            Standing(
                is_serving=self._serving > 0,
                is_starting=self._starting > 0 and not self._serving,
                is_ending=self._ending > 0,
                running={self._pool: billed} if billed else {},
            ),
        )

    def get(self, path: str, **_: Any) -> dict[str, Any]:
        """Answer a question."""
        if path.endswith("/health"):
            return {"jobs": {"inQueue": 0, "inProgress": self._in_progress(), "completed": self._completed()}}
        if path == "/v2/billing/serverless":
            month = self._world.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            usd = self._world.record.usd(self._config.usd_per_hour, month, self._world.now)
            return {"metadata": {"totals": {"totalAmount": usd}}}
        if not path.endswith("/workers"):
            return {"workers": {"min": self._least, "max": self._most}}
        throttled = self._starting if self._world.is_short else 0
        summary = {
            "running": self._serving,
            "idle": 0,
            "initializing": self._starting - throttled,
            "throttled": throttled,
            "unhealthy": 0,
            "total": self._serving + self._starting,
        }
        return {"summary": summary, "workers": [{"status": "RUNNING"}] * self._serving}

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Take other limits."""
        if self._world.events.troubled(Kind.REFUSED, self._world.now):
            raise RunpodError(f"PATCH {path}", _FORBIDDEN, "Forbidden", "simulated: orders are refused", [])
        self._least, self._most = body["workers"]["min"], body["workers"]["max"]
        if self._least or not self._most:
            self._settle()
        else:
            self._world.after(LINGER, self._linger)
        return {}

    def _in_progress(self) -> int:
        trace = self._world.trace
        minute = trace.span.minute(self._world.now)
        return trace.busy[minute] if self._serving and minute < trace.span.minutes else 0

    def _completed(self) -> int:
        """Count the minutes with a request up to now, in which it served."""
        if self._world.events.troubled(Kind.MUTE, self._world.now):
            raise RunpodError("GET /health", _FORBIDDEN, "Forbidden", "simulated: no figures", [])
        trace, span = self._world.trace, self._world.trace.span
        for since, until in self._world.record.serving(self._counted_until, self._world.now):
            self._counted += sum(trace.busy[span.minute(since) : span.minute(until)])
        self._counted_until = self._world.now
        return self._counted
