"""Event logs, as Pulumi's engine writes them, and the stacks that they are about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.ci.assemble import Previewed, stack_report
from components.ci.events import SERVICE_TYPE, Told, read_events
from components.ci.money import Tolerance
from components.ci.project import Planned, planned_in
from components.ci.report import Report, StackReport
from components.ci.reprice import repriced
from policies.rules import RULES
from policies.settings import read

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STACK_URN = "urn:pulumi:dev::berth::pulumi:pulumi:Stack::berth-dev"
SPEC = """\
name: chat
tags: {owner: ml-platform}
model: {id: meta-llama/Llama-3.1-8B-Instruct, token_secret: huggingface/token}
accelerators: [L4, A10G, L40S]
load: {requests_per_hour: 1200, input_tokens: 1500, output_tokens: 300, peak_concurrency: 12}
scaling: {min_replicas: 1, max_replicas: 3, metric: concurrency, target: 8}
gateway: {keys_secret: berth/client-keys}
runpod: {token_secret: huggingface_token}
"""
STACK = """\
config:
  aws:region: us-east-1
  berth:environment: dev
  berth:images: {gateway: acme/gateway:1.0.0, weight_cache: acme/weight-cache:1.0.0}
  berth:services:
"""


def urn(kind: str, name: str) -> str:
    """The URN of a resource of the stack."""
    return f"urn:pulumi:dev::berth::{kind}::{name}"


def service_urn(name: str) -> str:
    return urn(SERVICE_TYPE, name)


def state(kind: str, name: str, inputs: dict[str, Any], parent: str = STACK_URN) -> dict[str, Any]:
    """One resource as events have it."""
    is_component = kind == SERVICE_TYPE or kind.startswith("pulumi:pulumi:")
    return {
        "type": kind,
        "urn": urn(kind, name),
        "custom": not is_component,
        "parent": "" if kind == "pulumi:pulumi:Stack" else parent,
        "inputs": inputs,
    }


def step(
    op: str,
    kind: str,
    name: str,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    parent: str = STACK_URN,
    diffs: list[str] | None = None,
) -> str:
    """One line of an event log: what happens to a resource."""
    metadata = {
        "op": op,
        "urn": urn(kind, name),
        "type": kind,
        "old": None if old is None else state(kind, name, old, parent),
        "new": None if new is None else state(kind, name, new, parent),
        "diffs": diffs,
        "detailedDiff": None,
    }
    return json.dumps({"sequence": 1, "resourcePreEvent": {"metadata": metadata, "planning": True}})


def policy(rule: str, of: str, message: str, level: str = "mandatory", severity: str = "high") -> str:
    """One line of an event log: what a policy reports."""
    event = {"resourceUrn": of, "message": message, "policyName": rule, "enforcementLevel": level, "severity": severity}
    return json.dumps({"sequence": 2, "policyEvent": event})


def said(message: str, severity: str = "error", of: str = "") -> str:
    """One line of an event log: what the program or a provider says."""
    return json.dumps({"sequence": 3, "diagnosticEvent": {"message": message, "severity": severity, "urn": of}})


def ended(result: str = "succeeded") -> list[str]:
    """The last lines of an event log."""
    return [
        json.dumps({"sequence": 4, "policyAnalyzeStackSummaryEvent": {"policyPackName": "berth", "passed": []}}),
        json.dumps({"sequence": 5, "summaryEvent": {"resourceChanges": {}, "result": result}}),
    ]


@dataclass
class Checkout:
    """A folder of stack files, before and after a change."""

    root: Path
    entries: dict[str, str] = field(default_factory=dict)

    def declare(self, *services: tuple[str, str], spec: str = SPEC, extra: str = "") -> Planned:
        """Plan stack `dev` with these services: name and target, all of one spec."""
        folder = self.root / "stacks"
        (folder / "services").mkdir(parents=True, exist_ok=True)
        (folder / "services" / "chat.yaml").write_text(spec)
        lines = [
            f"    - {{spec: services/chat.yaml, target: {target}, overrides: {{name: {name}{extra}}}}}\n"
            for name, target in services
        ]
        (folder / "Pulumi.dev.yaml").write_text(STACK + "".join(lines))
        return planned_in(folder, "dev", NOW.date())


def run_of(
    before: dict[str, dict[str, Any]],
    after: dict[str, dict[str, Any]],
    *inside: str,
    deployed: bool = True,
    result: str = "succeeded",
) -> Told:
    """What the engine tells of services that were and will be, and of what is `inside` of them."""
    lines = [step("same" if deployed else "create", "pulumi:pulumi:Stack", "berth-dev", {} if deployed else None, {})]
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        op = "create" if old is None else "delete" if new is None else "same" if old == new else "update"
        lines.append(step(op, SERVICE_TYPE, name, old, new))
    return read_events([*lines, *inside, *ended(result)])


def found(
    planned: Planned,
    told: Told,
    folder: Path,
    *,
    code: int = 0,
    output: str = "",
    now: datetime = NOW,
    tolerance: Tolerance | None = None,
    **more: Any,
) -> StackReport:
    """The report of stack `dev`."""
    configuration = read({"all": "mandatory", **_LIMITS}, RULES, place="dev.json")
    return stack_report(
        Previewed(
            stack="dev",
            planned=planned,
            told=told,
            code=code,
            output=output,
            configuration=configuration,
            now=now,
            tolerance=tolerance or Tolerance(),
            reprice=lambda _, deployed: repriced("dev", deployed, folder, now.date()),
            **more,
        )
    )


def whole(*stacks: StackReport) -> Report:
    """A report with fixed instants."""
    return Report(stacks, "2026-06-08", "0123456789abcdef0123456789abcdef01234567", "2026-11-21T12:00:00Z")


_LIMITS = json.loads((Path(__file__).resolve().parents[2] / "policies" / "config" / "dev.json").read_text())
