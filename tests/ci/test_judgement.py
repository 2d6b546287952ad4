"""What counts as a violation, as not run, as a program's or a provider's fault, and which code is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.ci.events import read_events
from components.ci.exit_codes import COST, COULD_NOT_RUN, OK, POLICY, PROGRAM, PROVIDER
from components.ci.failures import failure_of
from components.ci.money import Amounts, CostChange, Tolerance, rise_problem
from components.ci.report import StackReport
from tests.ci.told import SPEC, Checkout, ended, found, policy, run_of, said, service_urn, step, urn

ASLEEP = (
    "asleep by its hours, and this deployment wakes nothing; its next start is at 2026-11-23 08:00 UTC, and a smoke"
    " test waits for it"
)
AWAKE = "in its hours until 2026-11-21 19:00 UTC: changed limits reach the keeper with this deployment"
ENDPOINT = "pulumi-python:dynamic/runpod:Endpoint"
NOT_RUN = (
    "can't run policy 'iam-wildcard' from policy pack 'berth@v0.0.1' during preview: string value at .policy can't be"
    " known during preview\n"
)


def report(root: Path, *inside: str, spec: str = SPEC, result: str = "succeeded", **more: object) -> StackReport:
    """A stack of one service that stays as it is, with something more in the event log."""
    planned = Checkout(root).declare(("chat", "ecs"), spec=spec)
    told = run_of(planned.registered, planned.registered, *inside, result=result)
    return found(planned, told, root / "stacks", code=0 if result == "succeeded" else 1, **more)


def test_a_mandatory_policy_that_could_not_be_run_is_a_failure_of_its_own(tmp_path: Path) -> None:
    """The engine calls it advisory, and goes on; the same rule would stop the deployment half-way."""
    one = report(tmp_path, policy("iam-wildcard", service_urn("chat"), NOT_RUN, level="advisory"))
    assert [(each.rule, each.level, each.status, each.blocks) for each in one.policies] == [
        ("iam-wildcard", "mandatory", "could-not-run", True)
    ]
    assert one.code == COULD_NOT_RUN


def test_an_advisory_policy_that_could_not_be_run_stops_nothing(tmp_path: Path) -> None:
    """It would stop nothing later, either."""
    text = NOT_RUN.replace("iam-wildcard", "nat-and-egress")
    one = report(tmp_path, policy("nat-and-egress", service_urn("chat"), text, level="advisory"))
    assert (one.policies[0].blocks, one.code) == (False, OK)


def test_advice_is_listed_and_stops_nothing(tmp_path: Path) -> None:
    """With the sentence of the rule, and not with what the rule is about."""
    one = report(tmp_path, policy("spot-share", service_urn("chat"), "About spot.\nchat: buy spot\n", level="advisory"))
    assert [(each.message, each.blocks) for each in one.policies] == [("chat: buy spot", False)]
    assert one.code == OK


def test_an_exemption_is_listed_with_its_reason_and_its_last_day(tmp_path: Path) -> None:
    """The engine says nothing of it; the rules do."""
    spec = (
        SPEC + 'policy_exemptions: [{rule: max-replicas, reason: until the quota is granted, expires: "2026-12-31"}]\n'
    )
    spec = spec.replace("max_replicas: 3", "max_replicas: 40")
    one = report(tmp_path, spec=spec)
    (exempt,) = [each for each in one.policies if each.status == "exempted"]
    assert (exempt.rule, exempt.until, exempt.blocks) == ("max-replicas", "2026-12-31", False)
    assert exempt.message.endswith(": until the quota is granted")


def test_a_provider_is_told_from_the_program_by_whose_resource_it_is(tmp_path: Path) -> None:
    """A message on a resource is the provider's, one on the stack or a component the program's."""
    refused = said("AccessDenied: not allowed", of=urn(ENDPOINT, "chat-endpoint"))
    wrong = said("stacks/services/chat.yaml: scaling.max_replicas: 0 is less than 1; use 1 or more")
    one = report(tmp_path, refused, result="failed")
    assert (one.provider_errors, one.code) == (("chat-endpoint: AccessDenied: not allowed",), PROVIDER)
    both = report(tmp_path, refused, wrong, said("preview failed"), result="failed")
    assert both.program_errors == ("stacks/services/chat.yaml: scaling.max_replicas: 0 is less than 1; use 1 or more",)
    assert both.code == PROGRAM


def test_a_failure_that_the_engine_says_nothing_about_shows_the_end_of_its_output(tmp_path: Path) -> None:
    """Without a stack, a password or a plugin it never comes to events."""
    told = read_events([])
    assert failure_of(told, 255, "a\n\nerror: passphrase must be set\n").program == (
        "a\nerror: passphrase must be set",
    )
    assert failure_of(told, 255, "").program == ("pulumi ended with exit code 255 and said nothing",)
    assert failure_of(read_events(ended()), 0, "fine") == failure_of(read_events(ended()), 0, "")


def test_a_violation_alone_is_no_error_of_the_program(tmp_path: Path) -> None:
    """Pulumi ends with 1 for both."""
    one = report(tmp_path, policy("max-replicas", service_urn("chat"), "About.\nchat: 9"), result="failed")
    assert (one.program_errors, one.provider_errors, one.code) == ((), (), POLICY)


def test_a_locked_stack_says_who_holds_it() -> None:
    """As Pulumi's backend of files or of a bucket says it."""
    text = (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the"
        " lock file with `pulumi cancel`.\n  file:///s/locks/x.json: created by ci@runner-7 (pid 24059) at"
        " 2026-11-21T20:23:50Z\n"
    )
    assert failure_of(read_events([]), 255, text).locked == "ci@runner-7 (process 24059) since 2026-11-21T20:23:50Z"


def test_a_line_that_was_cut_off_loses_itself_alone() -> None:
    """The process was killed while it wrote."""
    lines = [step("create", ENDPOINT, "a", None, {}), '{"sequence": 9, "resourcePreEv']
    told = read_events(lines)
    assert ([one.name for one in told.steps], told.ended, told.succeeded) == (["a"], False, False)


def test_a_replacement_is_one_step_and_not_three() -> None:
    """The engine tells of its parts, too."""
    lines = [step(op, ENDPOINT, "a", {}, {}) for op in ("create-replacement", "replace", "delete-replaced")]
    assert [one.op for one in read_events(lines).steps] == ["replace"]


@pytest.mark.parametrize(
    ("before", "repriced", "after", "message"),
    [
        (100, 100, 109, None),
        (1000, 1000, 1100, None),
        (
            1000,
            1000,
            1100.01,
            "1,100.01 USD per month is 100.01 (+10%) above 1,000.00; the tolerance is 10% and 50.00 USD",
        ),
        (100, 100, 150, None),
        (0, 0, 50.01, "50.01 USD per month is 50.01 above 0.00; the tolerance is 10% and 50.00 USD"),
        (100, 400, 420, None),
        (100, None, 420, "420.00 USD per month is 320.00 (+320%) above 100.00; the tolerance is 10% and 50.00 USD"),
        (100, 100, None, "what it will cost is unknown, because a price is"),
        (500, 500, 100, None),
    ],
)
def test_a_rise_needs_approval_above_both_tolerances(
    before: float, repriced: float | None, after: float | None, message: str | None
) -> None:
    """Measured from what it costs by today's tables; where that is not known, from what was recorded."""
    again = None if repriced is None else Amounts(0, repriced, 0)
    cost = CostChange(Amounts(0, before, 0), again, Amounts(0, after, 0))
    assert rise_problem(cost, Tolerance(10, 50)) == message


def test_an_approved_rise_is_shown_and_stops_nothing(tmp_path: Path) -> None:
    """With who or what approved it."""
    planned = Checkout(tmp_path).declare(("chat", "ecs"))
    more = Checkout(tmp_path).declare(("chat", "ecs"), ("chat-2", "ecs"))
    told = run_of(planned.registered, more.registered)
    assert found(more, told, tmp_path / "stacks").code == COST
    approved = found(more, told, tmp_path / "stacks", approved_by="label cost-approved")
    assert (approved.code, approved.approved_by, approved.rise is None) == (OK, "label cost-approved", False)


def test_a_stack_that_is_not_deployed_is_compared_with_the_base(tmp_path: Path) -> None:
    """Or with nothing, and then no rise is told of: the ceilings hold."""
    planned = Checkout(tmp_path).declare(("chat", "ecs"))
    told = run_of({}, planned.registered, deployed=False)
    alone = found(planned, told, tmp_path / "stacks")
    assert (alone.deployed, alone.compared_with, alone.code) == (False, "", OK)
    assert alone.cost is not None
    assert alone.cost.before is None
    base = found(planned, told, tmp_path / "stacks", base=planned.registered, base_name="main")
    assert base.compared_with == "main, as it is not deployed"
    assert base.cost is not None
    assert base.cost.difference == 0


def test_a_preview_that_ended_early_compares_nothing(tmp_path: Path) -> None:
    """A service that the engine did not reach is not one that was removed."""
    planned = Checkout(tmp_path).declare(("chat", "ecs"), ("chat-2", "ecs"))
    told = run_of({"chat": planned.registered["chat"]}, {"chat": planned.registered["chat"]}, result="failed")
    one = found(planned, told, tmp_path / "stacks", code=1, output="error: boom")
    assert one.compared_with == "not known: the preview did not get as far as every service"
    assert one.cost is not None
    assert one.cost.before is None
    assert one.digest == ""


@pytest.mark.parametrize(
    ("spec", "then", "expected"),
    [
        ("power: off\n", "", "parked now: this deployment starts it, in about 7 min"),
        ("", "power: off\n", "will be parked: its GPUs are given back with this deployment, and it answers nobody"),
        ("power: off\n", "power: off\n", "parked, and stays so: what changes is there when it is started"),
        (
            'schedule: {hours: "Mon-Fri 08:00-20:00 Europe/Berlin"}\n',
            'schedule: {hours: "Mon-Fri 09:00-20:00 Europe/Berlin"}\n',
            ASLEEP,
        ),
        (
            "",
            'schedule: {hours: "Mon-Fri 09:00-20:00 Europe/Berlin"}\n',
            f"the keeper takes over its replicas; {ASLEEP}",
        ),
        (
            "",
            'schedule: {hours: "Sat-Sun 09:00-20:00 Europe/Berlin"}\n',
            f"the keeper takes over its replicas; {AWAKE}",
        ),
        ("", "", None),
    ],
)
def test_what_the_deployment_does_to_a_sleeping_service_is_said(
    spec: str, then: str, expected: str | None, tmp_path: Path
) -> None:
    """It is Saturday noon."""
    checkout = Checkout(tmp_path)
    before = checkout.declare(("chat", "ecs"), spec=SPEC + spec).registered
    planned = checkout.declare(("chat", "ecs"), spec=SPEC + then)
    one = found(
        planned, run_of(before, planned.registered), tmp_path / "stacks", now=datetime(2026, 11, 21, 12, tzinfo=UTC)
    )
    assert one.services[0].sleeping == expected


CHANGES = [
    ("update", "aws:ecs/service:Service", ["desiredCount"], "live"),
    ("update", "aws:ecs/service:Service", ["taskDefinition"], "rolling"),
    ("replace", "aws:ecs/taskDefinition:TaskDefinition", ["containerDefinitions"], "rolling"),
    ("update", "aws:ec2/launchTemplate:LaunchTemplate", ["userData"], "rolling"),
    ("replace", "aws:sagemaker/endpointConfiguration:EndpointConfiguration", ["name"], "rolling"),
    ("update", "aws:appautoscaling/target:Target", ["maxCapacity"], "live"),
    ("replace", "aws:appautoscaling/policy:Policy", ["name"], "live"),
    ("replace", "aws:lb/loadBalancer:LoadBalancer", ["internal"], "replace"),
    ("delete", "aws:efs/fileSystem:FileSystem", [], "replace"),
    ("create", "aws:cloudwatch/metricAlarm:MetricAlarm", [], "live"),
]


@pytest.mark.parametrize(("op", "kind", "diffs", "expected"), CHANGES)
def test_each_change_has_its_class(op: str, kind: str, diffs: list[str], expected: str, tmp_path: Path) -> None:
    """By what it does to replicas, addresses and data."""
    old, new = ({} if op != "create" else None), ({} if op != "delete" else None)
    one = report(tmp_path, step(op, kind, "x", old, new, service_urn("chat"), diffs))
    assert one.services[0].kind == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"workers": {"max": 3}}, {"workers": {"max": 2}}, "live"),
        ({"env": {}}, {"env": {"A": "1"}}, "rolling"),
        ({"__provider": "a"}, {"__provider": "b"}, "live"),
    ],
)
def test_a_resource_of_ours_is_classed_by_its_inputs(
    old: dict[str, object], new: dict[str, object], expected: str, tmp_path: Path
) -> None:
    """Its provider tells the engine no differences."""
    one = report(tmp_path, step("update", ENDPOINT, "x", old, new, service_urn("chat")))
    assert one.services[0].kind == expected
