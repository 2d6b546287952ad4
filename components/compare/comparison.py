"""What a comparison holds: one column for each target, a refused one with its reasons, and a recommendation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.compare.traffic import Traffic
    from components.plan.model import Note, Plan, Target
    from components.spec.service import ServiceSpec

TARGET_NAMES: Mapping[str, str] = {"ecs": "ECS", "sagemaker": "SageMaker", "runpod": "RunPod"}
"""How a person writes them."""

FULL_SHARE = 0.995
"""From here on a load counts as served: the plan's tokens are rounded."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target and the spec as it gets it; `differs` names the fields that are not as in the file, with their value."""

    target: Target
    spec: ServiceSpec
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtLoad:
    """What a target costs at one load, planned anew for it: USD per month, and how much of the load is served.

    `usd_per_million_tokens` counts the tokens that are served. `refusal` is set where the target cannot be planned for
    this load, and everything else is unknown then.
    """

    traffic: Traffic
    usd_per_month: float | None
    usd_per_million_tokens: float | None
    mean_replicas: float | None
    served_share: float | None
    instance_type: str
    refusal: str = ""

    @property
    def is_served(self) -> bool:
        """True when the replicas that the spec allows hold the whole load."""
        return self.served_share is not None and self.served_share >= FULL_SHARE


@dataclass(frozen=True, slots=True)
class Limit:
    """What a target does not do more of, in words; `source` says who says so."""

    name: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Sleep:
    """A parked service: what happens to it, what callers get, and what it still costs in a month."""

    happens: str
    callers: str
    usd_per_month: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One target. `plan` is None when it refuses the spec; `refusal` has the reasons then, one line each."""

    target: Target
    differs: tuple[str, ...]
    plan: Plan | None
    refusal: tuple[str, ...]
    at_loads: tuple[AtLoad, ...] = ()
    sleep: Sleep | None = None
    limits: tuple[Limit, ...] = ()
    unhonoured: tuple[Note, ...] = ()
    """What the spec asks for and this target does not do, in the words of the plan's notes."""

    @property
    def expected(self) -> AtLoad | None:
        """The cost at the declared, or at the middle one of the assumed loads."""
        return self.at_loads[len(self.at_loads) // 2] if self.at_loads else None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Where to run it, None when nothing can be recommended; `changes` are the facts that would change it."""

    target: Target | None
    text: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One spec on several targets. `load_is_assumed`: the spec declares none."""

    service: str
    model_id: str
    environment: str
    region: str
    traffics: tuple[Traffic, Traffic, Traffic]
    load_is_assumed: bool
    columns: tuple[Column, ...]
    recommendation: Recommendation

    @property
    def missed_share(self) -> float:
        """Share of the requests that come while the schedule has the service asleep: nobody answers, or bills, them."""
        weeks = [column.plan.week for column in self.planned if column.plan]
        return next((week.missed_share for week in weeks if week), 0.0)

    @property
    def planned(self) -> tuple[Column, ...]:
        """The columns of the targets that can serve the spec."""
        return tuple(column for column in self.columns if column.plan is not None)
