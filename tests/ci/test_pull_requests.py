"""Eight typical pull requests: the page that each of them gets, and what must be in it."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from components.ci.document import document
from components.ci.exit_codes import COST, OK, POLICY
from components.ci.markdown import MARKER, markdown
from components.ci.report import StackReport
from tests.ci.told import SPEC, Checkout, found, policy, run_of, service_urn, step, whole

GOLDEN = Path(__file__).parent / "golden"
ALWAYS = SPEC
DAYS = SPEC + 'schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}\n'
TASK = "aws:ecs/taskDefinition:TaskDefinition"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLUSTER = "aws:ecs/cluster:Cluster"


@dataclass
class Case:
    """A stack before and after a change."""

    before: str = SPEC
    after: str = SPEC
    services_before: tuple[tuple[str, str], ...] = (("chat", "ecs"),)
    services_after: tuple[tuple[str, str], ...] = (("chat", "ecs"),)
    inside: tuple[str, ...] = ()
    old: dict[str, Any] = field(default_factory=dict)
    """What the state recorded otherwise than today's tables say."""
    result: str = "succeeded"


def _inside(kind: str, name: str, op: str, old: Any, new: Any, *diffs: str) -> str:
    return step(op, kind, name, old, new, service_urn("chat"), list(diffs))


CASES = {
    "size_change": Case(
        after=SPEC.replace("[L4, A10G, L40S]", "[L40S]"),
        inside=(
            _inside(CLUSTER, "chat-cluster", "replace", {"name": "a"}, {"name": "b"}, "name"),
            _inside(TASK, "chat-task", "replace", {}, {"a": 1}, "containerDefinitions"),
        ),
    ),
    "new_service": Case(services_after=(("chat", "ecs"), ("chat-rp", "runpod"))),
    "target_switch": Case(services_after=(("chat", "runpod"),)),
    "price_table_bump": Case(old={"factor": 0.8, "date": "2026-01-05"}),
    "schedule_removed": Case(before=DAYS, after=ALWAYS),
    "budget_breach": Case(
        after=SPEC.replace("max_replicas: 3", "max_replicas: 6"),
        inside=(
            policy(
                "cost-ceiling-worst-case",
                service_urn("chat"),
                "All replicas cost no more.\nchat: 9,999.00 USD per month is above the ceiling of 5,000.00; lower it\n",
            ),
        ),
        result="failed",
    ),
    "replace": Case(
        after=SPEC.replace("name: chat\n", "name: chat\nnetwork: {exposure: public, domain: chat.example.com, "
                           'certificate_arn: "arn:aws:acm:us-east-1:123456789012:certificate/ab"}\n'),
        inside=(_inside(BALANCER, "chat-alb", "replace", {}, {"internal": False}, "internal"),),
    ),
    "nothing": Case(),
}  # fmt: skip


def recorded(registered: dict[str, dict[str, Any]], case: Case) -> dict[str, dict[str, Any]]:
    """What the state holds of services that were deployed with other price tables."""
    made = deepcopy(registered)
    for one in made.values() if case.old else ():
        estimate = one["costEstimate"]
        for key in ("floor", "expected", "max"):
            estimate[key] = round(estimate[key] * case.old["factor"], 2)
            for line in estimate["lines"]:
                line[key] = round(line[key] * case.old["factor"], 2)
        estimate["priceTableDate"] = case.old["date"]
    return made


def report_of(name: str, root: Path) -> StackReport:
    """The report of one of the cases."""
    case, checkout = CASES[name], Checkout(root)
    before = recorded(checkout.declare(*case.services_before, spec=case.before).registered, case)
    planned = checkout.declare(*case.services_after, spec=case.after)
    told = run_of(before, planned.registered, *case.inside, result=case.result)
    return found(planned, told, root / "stacks", code=0 if case.result == "succeeded" else 1)


@pytest.mark.parametrize("name", CASES)
def test_the_page_of_a_pull_request_is_the_stored_one(name: str, tmp_path: Path) -> None:
    """`BERTH_GOLDEN=1 pytest tests/ci` writes the pages anew; what must be in each is asserted below."""
    report = whole(report_of(name, tmp_path))
    page, stored = markdown(report), GOLDEN / f"{name}.md"
    data = json.dumps(document(report), indent=2, sort_keys=True) + "\n"
    if os.environ.get("BERTH_GOLDEN"):
        stored.write_text(page, encoding="utf-8")
        stored.with_suffix(".json").write_text(data, encoding="utf-8")
    assert page == stored.read_text(encoding="utf-8")
    assert data == stored.with_suffix(".json").read_text(encoding="utf-8")


def test_a_size_change_is_a_replacement_with_its_hardware_and_needs_approval(tmp_path: Path) -> None:
    """The class is that of the worst resource; the rise is the spec's own, as the prices are the same."""
    report = report_of("size_change", tmp_path)
    (service,) = report.services
    assert (service.kind, service.hardware) == ("replace", ("g6.2xlarge", "g6e.xlarge"))
    assert [(one.path, one.before, one.after) for one in service.fields] == [
        ("accelerators", "[L4, A10G, L40S]", "[L40S]")
    ]
    assert service.cost.by_prices == 0
    assert service.cost.by_change == service.cost.difference
    assert service.resources == (("replace", "ecs.Cluster chat-cluster"), ("replace", "ecs.TaskDefinition chat-task"))


def test_a_new_service_is_all_rise(tmp_path: Path) -> None:
    """Before, it cost nothing: all that it costs needs approval."""
    report = report_of("new_service", tmp_path)
    service = next(one for one in report.services if one.name == "chat-rp")
    assert (service.kind, service.cost.before.expected if service.cost.before else None) == ("new", 0.0)
    assert report.cost is not None
    assert report.cost.by_change == pytest.approx(service.cost.after.expected)
    assert report.code == COST


def test_a_target_switch_compares_the_two_targets(tmp_path: Path) -> None:
    """The service keeps its name; what it cost on ECS is priced again on ECS."""
    (service,) = report_of("target_switch", tmp_path).services
    assert service.target == "runpod"
    assert service.hardware == ("g6.2xlarge", "AMPERE_24")
    assert service.cost.by_prices == 0


def test_a_price_table_bump_is_no_rise_of_the_change(tmp_path: Path) -> None:
    """The same spec at other prices: shown apart, recorded alone, and nobody has to approve it."""
    report = report_of("price_table_bump", tmp_path)
    assert report.cost is not None
    assert report.cost.by_change == 0
    assert report.cost.by_prices == report.cost.difference
    assert report.cost.difference is not None
    assert report.cost.difference > 300
    assert (report.code, report.rise, report.services[0].kind) == (OK, None, "recorded")
    risen = f"{report.cost.difference:+,.2f}"
    assert f"| {risen} (+25%) | 0.00 | {risen} |" in markdown(whole(report))


def test_a_removed_schedule_wakes_what_sleeps_and_is_priced(tmp_path: Path) -> None:
    """It is Saturday, so the service sleeps: the reader is told that the deployment wakes it."""
    report = report_of("schedule_removed", tmp_path)
    assert report.services[0].sleeping == (
        "no longer kept: this deployment sets its replicas, so it wakes if it sleeps, and runs at all hours"
    )
    assert report.code == COST


def test_a_budget_breach_stops_it_and_says_what_to_do(tmp_path: Path) -> None:
    """The policy counts before the cost; the sentence is the rule's own."""
    report = report_of("budget_breach", tmp_path)
    assert report.code == POLICY
    (one,) = [each for each in report.policies if each.blocks]
    assert one.message == "chat: 9,999.00 USD per month is above the ceiling of 5,000.00; lower it"
    assert (one.service, one.file) == ("chat", "stacks/services/chat.yaml")


def test_a_replaced_load_balancer_is_a_replacement(tmp_path: Path) -> None:
    """Clients hold its address, whatever else stays."""
    assert report_of("replace", tmp_path).services[0].kind == "replace"


def test_nothing_is_nothing(tmp_path: Path) -> None:
    """No news, no code, and a page of a few lines for whoever asks for one."""
    report = report_of("nothing", tmp_path)
    assert (report.changes_something, report.code) == (False, OK)
    assert "Nothing changes." in markdown(whole(report))


def test_every_page_begins_with_the_marker_and_the_digests(tmp_path: Path) -> None:
    """The next run finds the comment by the first, a deployment what was reviewed by the second."""
    for name in CASES:
        report = report_of(name, tmp_path)
        first, second = markdown(whole(report)).splitlines()[:2]
        assert first == MARKER
        assert second == f"<!-- berth-digests {f'dev={report.digest}' if report.digest else ''} -->"
