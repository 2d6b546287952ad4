"""What an advice holds: the guides' conditions, each measured on this spec, and the bill that decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from components.compare.comparison import Comparison
    from components.compare.curve import ApiLine
    from components.compare.traffic import Traffic
    from components.plan.model import Target

Verdict = Literal["self-host", "api"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What no spec says. `api_usd_per_month` is what is paid to an API today, None where nobody said."""

    regulated: bool = False
    engineers: float = 0.5
    """Full-time engineers who run a self-hosted service; the low end of what guide A asks to count."""
    usd_per_engineer_month: float = 12_000.0
    """Salary and everything beside it. An assumption, to be replaced by your own figure."""
    api_usd_per_month: float | None = None

    @property
    def operations_usd_per_month(self) -> float:
        """What running it costs beside the bill of the platform.

        >>> Circumstances().operations_usd_per_month
        6000.0
        """
        return self.engineers * self.usd_per_engineer_month


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the guide: what it asks, what this spec has, and whether that meets it.

    `remark` is empty where our arithmetic has nothing to add.
    """

    name: str
    asks: str
    has: str
    is_met: bool
    why: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ApiBill:
    """One API at the expected tokens, and from how many requests per hour on own GPUs are cheaper than it.

    A break-even is None where the API is the cheaper one over the whole range that was looked at, 0 where it is not.
    """

    line: ApiLine
    usd_per_month: float
    break_even: float | None
    break_even_with_operations: float | None

    @property
    def name(self) -> str:
        """The API in words."""
        return self.line.name


@dataclass(frozen=True, slots=True)
class Bill:
    """Own GPUs against APIs at the expected tokens, USD per month; None where no price is known.

    `within_limits` is False where scaling.max_replicas had to be raised to hold the load, and that is what is priced.
    `apis` are the cheapest and the dearest hosted copy of the model, then a well-known API of another model. The first
    one is what the verdict is made against; `has_hosted_copy` says whether it serves the same model.
    """

    target: Target | None
    own_usd_per_month: float | None
    operations_usd_per_month: float
    apis: tuple[ApiBill, ...]
    has_hosted_copy: bool
    within_limits: bool = True

    @property
    def rival(self) -> ApiBill | None:
        """The API that the verdict is made against."""
        return self.apis[0] if self.apis else None

    @property
    def own_with_operations(self) -> float | None:
        """The platform's bill and the engineers."""
        return None if self.own_usd_per_month is None else self.own_usd_per_month + self.operations_usd_per_month


@dataclass(frozen=True, slots=True)
class Advice:
    """Two verdicts on one spec: that of the guide's rule, and that of the bill; `reasons` say why they differ."""

    comparison: Comparison
    traffic: Traffic
    conditions: tuple[Condition, ...]
    guide_verdict: Verdict
    verdict: Verdict
    text: str
    bill: Bill
    reasons: tuple[str, ...]
    findings: tuple[str, ...]
    """What our arithmetic says about the guides' thresholds, for this model."""

    @property
    def met(self) -> int:
        """How many conditions of the guide apply."""
        return sum(condition.is_met for condition in self.conditions)
