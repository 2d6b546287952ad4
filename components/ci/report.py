"""What is said of a change: one value for each stack and service, from which every form of the report is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from components.ci.exit_codes import COST, COULD_NOT_RUN, POLICY, PROGRAM, PROVIDER, worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.ci.changes import Class
    from components.ci.money import CostChange


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a spec; values as a report may show them."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from nothing to the first token: the fast end, as expected, the slow end."""

    low: int
    expected: int
    high: int


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """One service of a stack."""

    name: str
    target: str
    file: str
    """The spec, from the root of the repository; empty for one that is removed."""
    kind: Class
    counts: Mapping[str, int]
    """Resources by operation."""
    resources: tuple[tuple[str, str], ...]
    """Operation and name of each resource that changes."""
    fields: tuple[FieldChange, ...]
    hardware: tuple[str | None, str | None]
    """Before and after."""
    cost: CostChange
    usd_per_million_tokens: tuple[float | None, float | None]
    sleeping: str | None = None
    start: Start | None = None
    notes: tuple[str, ...] = ()
    """What the plan warns of."""
    sizing: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    """What the estimate has no price for."""


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """One outcome of a rule that is worth a line; `blocks` where a deployment must not go on."""

    rule: str
    level: str
    severity: str
    status: Literal["violation", "could-not-run", "exempted"]
    message: str
    service: str
    resource: str
    file: str
    blocks: bool
    until: str | None = None
    """Last day of an exemption."""


@dataclass(frozen=True, slots=True)
class StackReport:
    """One stack; `digest` is what a deployment is compared with."""

    stack: str
    environment: str
    deployed: bool
    compared_with: str
    """What "before" is."""
    services: tuple[ServiceReport, ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    """Operation and name of what belongs to no service and changes."""
    cost: CostChange | None = None
    policies: tuple[PolicyReport, ...] = ()
    rise: str | None = None
    """Why the rise of the cost needs approval."""
    approved_by: str | None = None
    """What approved it."""
    program_errors: tuple[str, ...] = ()
    provider_errors: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why this stack is looked at."""
    digest: str = ""
    seconds: float = 0.0

    @property
    def changes_something(self) -> bool:
        """Whether a reader learns anything new: a change, a price, or something that stops it."""
        differs = self.cost is not None and bool(self.cost.difference)
        touched = any(one.kind != "none" for one in self.services) or bool(self.shared)
        return differs or touched or self.code != 0

    @property
    def codes(self) -> tuple[int, ...]:
        """Every reason that stops it."""
        found: list[int] = []
        if self.program_errors:
            found.append(PROGRAM)
        if self.provider_errors:
            found.append(PROVIDER)
        if any(one.blocks and one.status == "violation" for one in self.policies):
            found.append(POLICY)
        if any(one.blocks and one.status == "could-not-run" for one in self.policies):
            found.append(COULD_NOT_RUN)
        if self.rise and not self.approved_by:
            found.append(COST)
        return tuple(found)

    @property
    def code(self) -> int:
        return worst(self.codes)


@dataclass(frozen=True, slots=True)
class Report:
    """All stacks that a change touches."""

    stacks: tuple[StackReport, ...]
    price_table_date: str | None
    commit: str | None
    made_at: str
    """An instant in UTC."""

    @property
    def code(self) -> int:
        return worst(one.code for one in self.stacks)

    @property
    def changes_something(self) -> bool:
        return any(one.changes_something for one in self.stacks)
