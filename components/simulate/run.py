"""What does the keeper do in a span? Its own runs, in the order of a clock that is moved from event to event."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from components.contracts import WakeAnswer
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.instants import instant_of
from components.keeper.runtime.keep import keep, wake_on_request
from components.keeper.runtime.state import State
from components.schedule import edges
from components.simulate.events import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from components.contracts import KeeperMetric
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Notice
    from components.keeper.runtime.keep import Kind as Document
    from components.keeper.runtime.target import Target
    from components.simulate.events import Events
    from components.simulate.record import Record
    from components.simulate.span import Span
    from components.simulate.traffic import Trace

EVERY = timedelta(minutes=10)
"""How often the keeper runs, besides each edge."""
_ASKS_AGAIN = timedelta(minutes=1)
"""How long a client that was told to come again waits, and with it a front that asks to be woken."""
_PATIENCE = timedelta(minutes=30)
"""How long a client comes again."""


class Platform(Protocol):
    """One service on a platform in memory; its own clock goes by `advance`."""

    @property
    def record(self) -> Record:
        """What ran."""
        ...

    def target(self, config: KeeperConfig) -> Target:
        """Return what the keeper asks and orders by."""
        ...

    def advance(self, now: datetime) -> None:
        """Let happen what is due."""
        ...

    def need(self, replicas: int) -> None:
        """Let autoscaling want a number of replicas, within the limits that are set."""
        ...

    def deploy(self, config: KeeperConfig) -> None:
        """Do what a deployment of the stack does to the platform."""
        ...

    def request(self) -> None:
        """Let a request come; some platforms start at one by themselves."""
        ...


@dataclass
class Memory:
    """Documents and notices of one service, in memory."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    notices: list[Notice] = field(default_factory=list["Notice"])
    runs: int = 0

    def read(self, kind: Document) -> str | None:
        """Return a document."""
        return self.texts.get(kind)

    def write(self, kind: Document, text: str) -> None:
        """Put a document in the place of the last one."""
        self.texts[kind] = text

    def publish(self, config: KeeperConfig, metrics: Mapping[KeeperMetric, float], now: datetime) -> None:
        """Count the run."""
        del config, metrics, now
        self.runs += 1

    def tell(self, config: KeeperConfig, notice: Notice) -> None:
        """Keep a notice."""
        del config
        self.notices.append(notice)


@dataclass
class Year:
    """What came of a span; the platform's record has the rest."""

    memory: Memory
    metered: dict[str, float]
    """What the keeper's meter said at the end of each month."""
    problems: int
    """Runs with one."""


class Simulation:
    """One service through a span."""

    def __init__(
        self,
        config: KeeperConfig,
        span: Span,
        trace: Trace,
        events: Events,
        platform: Platform,
        *,
        replicas: Callable[[datetime], int],
        requests_wake: bool,
    ) -> None:
        """`replicas` says how many the load of an hour wants; `requests_wake`, whether somebody is there to ask."""
        self._config, self._span, self._trace, self._events = config, span, trace, events
        self._platform, self._replicas = platform, replicas
        self._asks = requests_wake and config.wake != "never"
        self._year = Year(Memory(), {}, 0)
        self._queue: list[tuple[datetime, int, str]] = []
        self._last = span.start
        self._is_still = False
        self._retried_until: datetime | None = None
        self._refused_until = span.start

    def run(self, progress: Callable[[datetime], None] = lambda _: None) -> Year:
        """Go through the span; `progress` is called at the start of each month."""
        self._fill()
        while self._queue:
            now, _, what = heapq.heappop(self._queue)
            if what == "month":
                progress(now)
            self._until(now)
            self._happen(now, what)
        self._platform.advance(self._span.end)
        self._settle()
        return self._year

    def _fill(self) -> None:
        span = self._span
        ticks = ((span.start + number * EVERY, "run") for number in range(span.minutes // 10))
        hours = ((span.start + timedelta(hours=number), "hour") for number in range(span.minutes // 60))
        self._queue = [(at, rank, what) for rank, (at, what) in enumerate([*hours, *self._others(), *ticks])]
        heapq.heapify(self._queue)

    def _others(self) -> Iterator[tuple[datetime, str]]:
        span, schedule = self._span, self._config.schedule
        for number in range(1, 13):
            at = span.start.replace(day=1) + timedelta(days=31 * number)
            at = at.replace(day=1, hour=0, minute=0)
            if at < span.end:
                yield at, "month"
        for number, order in enumerate(self._events.orders):
            yield order.at, f"order {number}"
        for number, deployment in enumerate(self._events.deployments):
            yield deployment.at, f"deploy {number}"
        if schedule is None:
            return
        for edge in edges(schedule, span.start):
            if edge.at >= span.end:
                return
            yield edge.at, "edge"

    def _happen(self, now: datetime, what: str) -> None:
        kind, _, number = what.partition(" ")
        if kind == "hour":
            self._platform.need(self._replicas(now))
            return
        if kind == "run" and self._is_still:
            return
        if kind == "month":
            self._settle()
            self._is_still = False
            return
        self._refused_until = now if kind in ("order", "deploy") else self._refused_until
        if kind == "order":
            # `berth awake` and `berth sleep` write the order, and run the keeper at once.
            self._year.memory.write("awake_until", self._events.orders[int(number)].to_json())
        elif kind == "deploy":
            self._config = self._events.deployments[int(number)].config
            self._platform.deploy(self._config)
        self._keep(now)

    def _keep(self, now: datetime) -> None:
        self._is_still = False
        if self._events.troubled(Kind.SILENCE, now):
            return
        memory = self._year.memory
        try:
            report = keep(self._config, now=now, store=memory, target=self._platform.target(self._config), voice=memory)
            self._year.problems += bool(report.problems)
            # Asleep, nothing billed, nothing ordered: until something happens, each run would find and leave the same.
            self._is_still = (report.decision.wanted, report.capacity.power, report.did) == ("asleep", "off", "")
        except KeeperError:
            self._year.problems += 1

    def _until(self, now: datetime) -> None:
        """Let the requests and the platform's own changes happen that come before an instant."""
        since = self._last
        while (asked := self._asked(since, now)) is not None:
            self._platform.advance(asked)
            if self._platform.record.now.is_serving:
                self._retried_until = None
                break
            self._platform.request()
            if self._asks and not self._events.troubled(Kind.SILENCE, asked):
                self._wake(asked)
            self._retried_until = self._retried_until or asked + _PATIENCE
            since = asked + _ASKS_AGAIN
        self._platform.advance(now)
        self._last = now

    def _asked(self, since: datetime, until: datetime) -> datetime | None:
        """Return when somebody asks next: a client who was told to come again, or a new one."""
        if self._retried_until is not None and since < until:
            if since <= self._retried_until:
                return since
            self._retried_until = None
        return self._trace.first(since, until)

    def _wake(self, now: datetime) -> None:
        if now < self._refused_until or State.parse(self._year.memory.read("state")).state == "awake":
            return
        self._is_still = False
        memory = self._year.memory
        try:
            status, body = wake_on_request(
                self._config,
                now=now,
                key_id="simulated",
                store=memory,
                target=self._platform.target(self._config),
                voice=memory,
            )
        except KeeperError:
            self._year.problems += 1
            return
        # Whoever was told when it wakes by itself does not ask before that.
        until = body.get("next_wake")
        if status == WakeAnswer.OUTSIDE_HOURS and isinstance(until, str):
            self._refused_until = instant_of(until)

    def _settle(self) -> None:
        """Write down what the meter says of the month that ends."""
        spend = State.parse(self._year.memory.read("state")).spend
        if spend is not None:
            self._year.metered[spend.month] = spend.usd
