"""A platform, a place for documents and a listener that do what they are told, for tests of the keeper's run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.keeper.runtime.facts import Capacity, Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from components.contracts import KeeperMetric
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Depth, Notice
    from components.keeper.runtime.errors import KeeperError
    from components.keeper.runtime.keep import Kind


@dataclass
class Platform:
    """A service that starts and stops at once; `fails` is raised by every order, `mute` by every question about use."""

    power: str = "off"
    fails: KeeperError | None = None
    mute: KeeperError | None = None
    requests: Traffic = field(default_factory=lambda: Traffic(is_known=True))
    bill: float | None = None
    orders: list[str] = field(default_factory=list)
    accelerator: str = "g6.2xlarge"

    def capacity(self) -> Capacity:
        return Capacity(self.power, {self.accelerator: 1} if self.power != "off" else {})

    def traffic(self, since: datetime, now: datetime) -> Traffic:
        self.orders.append(f"traffic {since:%H:%M}-{now:%H:%M}")
        if self.mute:
            raise self.mute
        return self.requests

    def billed_usd(self, now: datetime) -> float | None:  # noqa: ARG002 - the bill is of the month that it is
        if self.mute:
            raise self.mute
        return self.bill

    def wake(self, capacity: Capacity, attempts: int) -> str:
        if self.fails:
            raise self.fails
        if capacity.power == "on":
            return ""
        self.power = "on"
        self.orders.append(f"wake {attempts}")
        return "started"

    def sleep(self, capacity: Capacity, depth: Depth) -> str:
        if self.fails:
            raise self.fails
        if capacity.power == "off":
            return ""
        self.power = "off"
        self.orders.append(f"sleep {depth}")
        return "stopped"


@dataclass
class Documents:
    """The parameters of one service."""

    texts: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def read(self, kind: Kind) -> str | None:
        return self.texts.get(kind)

    def write(self, kind: Kind, text: str) -> None:
        self.texts[kind] = text
        self.written.append(kind)


@dataclass
class Listener:
    """Who hears figures and notices; `fails` is raised by every call."""

    figures: list[dict[str, float]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    fails: KeeperError | None = None

    def publish(self, config: KeeperConfig, metrics: Mapping[KeeperMetric, float], now: datetime) -> None:  # noqa: ARG002
        if self.fails:
            raise self.fails
        self.figures.append({metric.value: round(value, 4) for metric, value in metrics.items()})

    def tell(self, config: KeeperConfig, notice: Notice) -> None:  # noqa: ARG002
        if self.fails:
            raise self.fails
        self.heard.append(notice.text)
