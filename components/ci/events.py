"""What did Pulumi's engine tell while it previewed or deployed? Its event log, as values.

The digest of `pulumi preview --json` has no word of policies, and no outputs of components; the event log has both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVICE_TYPE = "berth:index:ModelService"
_PARTS = frozenset({"create-replacement", "delete-replaced", "discard-replaced", "refresh", "read", "read-replacement"})
"""Operations that are a part of another, or change nothing."""
_NOT_RUN = "can't run policy"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one resource; `old` and `new` are its states, None where there is none."""

    op: str
    urn: str
    type: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    diffs: tuple[str, ...] = ()
    """Properties that change, as far as the provider says."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def title(self) -> str:
        """Its type as people say it, and its name.

        >>> Step("create", "urn:pulumi:a::b::aws:ecs/cluster:Cluster::chat", "aws:ecs/cluster:Cluster", None, {}).title
        'ecs.Cluster chat'
        """
        module, _, kind = self.type.rpartition(":")
        return f"{module.rpartition(':')[2].partition('/')[0 if module.startswith('aws:') else 2]}.{kind} {self.name}"

    @property
    def parent(self) -> str:
        return str((self.new or self.old or {}).get("parent") or "")

    @property
    def is_component(self) -> bool:
        return not (self.new or self.old or {}).get("custom", False)

    def inputs(self, which: Literal["old", "new"]) -> Mapping[str, Any]:
        """Return the inputs of the `old` or the `new` state."""
        state = self.old if which == "old" else self.new
        return (state or {}).get("inputs") or {}


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What one policy reported on one resource; `could_not_run` where a value was not known."""

    rule: str
    level: str
    severity: str
    urn: str
    message: str
    could_not_run: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the program or a provider said; `urn` is empty where it is about no resource."""

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that one run of the engine told, in order."""

    steps: tuple[Step, ...] = ()
    findings: tuple[PolicyFinding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    ended: bool = False
    """Whether the engine came to an end of its own; it did not where it could not begin."""
    succeeded: bool = False
    judged: bool = False
    """Whether a policy pack was asked about the whole stack."""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def changed(self) -> tuple[Step, ...]:
        return tuple(one for one in self.steps if one.op != "same")


def read_events(lines: Iterable[str]) -> Told:
    """Return what an event log holds; a last line that was cut off by the end of the process is left out."""
    steps: dict[str, Step] = {}
    findings: list[PolicyFinding] = []
    diagnostics: list[Diagnostic] = []
    summary: Mapping[str, Any] | None = None
    judged = False
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if "resourcePreEvent" in event:
            step = _step(event["resourcePreEvent"]["metadata"])
            if step.op not in _PARTS:
                steps[step.urn] = step
        elif "policyEvent" in event:
            findings.append(_finding(event["policyEvent"]))
        elif "diagnosticEvent" in event:
            said = event["diagnosticEvent"]
            if said.get("severity") != "debug" and not said.get("ephemeral"):
                message = str(said.get("message", "")).strip()
                diagnostics.append(Diagnostic(said.get("severity", "info"), message, said.get("urn") or ""))
        elif "policyAnalyzeStackSummaryEvent" in event:
            judged = True
        elif "summaryEvent" in event:
            summary = event["summaryEvent"]
    return Told(
        tuple(steps.values()),
        tuple(findings),
        tuple(diagnostics),
        dict((summary or {}).get("resourceChanges") or {}),
        ended=summary is not None,
        succeeded=summary is not None and summary.get("result") == "succeeded",
        judged=judged,
    )


def _step(metadata: Mapping[str, Any]) -> Step:
    return Step(
        op=metadata["op"],
        urn=metadata["urn"],
        type=metadata["type"],
        old=metadata.get("old"),
        new=metadata.get("new"),
        diffs=tuple(metadata.get("diffs") or ()),
    )


def _finding(event: Mapping[str, Any]) -> PolicyFinding:
    message = str(event.get("message", "")).strip()
    # The engine puts what the rule is about on a line of its own before what it found.
    _, _, found = message.partition("\n")
    return PolicyFinding(
        rule=event["policyName"],
        level=event.get("enforcementLevel", ""),
        severity=event.get("severity", ""),
        urn=event.get("resourceUrn") or "",
        message=found.strip() or message,
        could_not_run=message.startswith(_NOT_RUN),
    )
