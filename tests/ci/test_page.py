"""What others wrote stays text on the page, nothing secret is on it, and it is never longer than a forge takes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from components.ci.document import document
from components.ci.findings import sarif, workflow_commands
from components.ci.markdown import GITHUB_LIMIT, MARKER, cut, markdown
from components.ci.report import PolicyReport, StackReport
from components.ci.written import annotated, summarise, write
from tests.ci.test_pull_requests import report_of
from tests.ci.told import whole

EVIL = f"x|y\n| --- |\n<img src=x onerror=1> [a](https://evil.example) @everyone #1 `code` \n/close\n{MARKER}"


def violation(message: str, **more: object) -> PolicyReport:
    one = PolicyReport(
        "max-replicas", "mandatory", "high", "violation", message, "chat", "chat", "stacks/services/chat.yaml", True
    )
    return replace(one, **more)


@pytest.fixture
def stack(tmp_path: Path) -> StackReport:
    return report_of("size_change", tmp_path)


def test_a_message_cannot_write_the_page(stack: StackReport) -> None:
    """No table, tag, link, mention, reference or command of somebody else is on it."""
    page = markdown(whole(replace(stack, policies=(violation(EVIL),), provider_errors=("/close\n/approve",))))
    assert page.count(MARKER) == 1
    for live in ("<img", "](https://", "@everyone", " #1 ", "\n/close", "\n/approve", "\n| --- |\n<"):
        assert live not in page
    assert "&lt;img src=x onerror=1&gt;" in page


def test_a_credential_in_a_message_or_a_field_is_hidden_everywhere(stack: StackReport) -> None:
    """Also in the document, in SARIF and in the annotations."""
    from components.ci.fields import field_changes
    from components.ci.hidden import scrubbed

    # Put together here, so that no scanner takes the file for one that holds some.
    secrets = tuple(start + "ABCDEFGHIJKLMNOP" for start in ("hf_", "AKIA", "sk-", "rpa_"))
    fields = field_changes(
        {"engine": {"extra_args": []}, "tags": {}},
        {"engine": {"extra_args": [f"--key={secrets[0]}"]}, "tags": {"api_key": "plain-as-day"}},
    )
    service = replace(stack.services[0], fields=fields)
    told = tuple(violation(scrubbed(f"{secret} is refused")) for secret in secrets)
    report = whole(replace(stack, services=(service,), policies=told))
    shown = markdown(report) + json.dumps(document(report)) + json.dumps(sarif(report))
    shown += "".join(workflow_commands(report))
    for secret in (*secrets, "plain-as-day"):
        assert secret not in shown
    assert [one.after for one in fields] == ["[--key=[hidden]]", "[hidden]"]


def test_the_name_of_a_secret_is_no_secret() -> None:
    """Nor is a number of tokens: both are what a reviewer has to see."""
    from components.ci.fields import field_changes

    changes = field_changes(
        {"model": {"token_secret": "a", "max_context_tokens": 1}},
        {"model": {"token_secret": "b", "max_context_tokens": 2}},
    )
    assert [(one.path, one.before, one.after) for one in changes] == [
        ("model.max_context_tokens", "1", "2"),
        ("model.token_secret", "a", "b"),
    ]


def test_a_long_page_loses_details_first_and_says_so(stack: StackReport) -> None:
    """What stops the change, and the table of the stacks, stay to the last."""
    resources = tuple(("update", f"ecs.Service service-{at}") for at in range(2000))
    service = replace(stack.services[0], resources=resources)
    report = whole(replace(stack, services=(service,), policies=(violation("too many"),)))
    page = markdown(report, GITHUB_LIMIT)
    assert len(page.encode()) <= GITHUB_LIMIT
    assert "Left out, as the page is too long; the artifact has all of it: resources of dev." in page
    assert "`max-replicas` (mandatory, violated): too many" in page
    assert "fields, start, sizing" in page
    assert len(markdown(report, 1_000_000).encode()) > GITHUB_LIMIT


def test_a_page_of_many_violations_is_cut_at_a_line(stack: StackReport) -> None:
    """Even what cannot be left out: the marker and the digests are its first lines, whatever comes after."""
    report = whole(*(replace(stack, stack=f"s{at}", policies=(violation("é" * 900),) * 40) for at in range(60)))
    page = markdown(report, 20_000)
    assert len(page.encode()) <= 20_000
    assert page.startswith(f"{MARKER}\n<!-- berth-digests s0=sha256:")
    assert "the page is too long" in page
    assert cut("é\n" * 1000, 1000).endswith("the artifact has all of it.\n")
    assert len(cut("é\n" * 1000, 1000).encode()) <= 1000


def test_an_unknown_price_is_never_zero(stack: StackReport) -> None:
    """It is `unknown` on the page and null in the document."""
    from components.ci.money import Amounts, CostChange

    cost = CostChange(Amounts(1.0, 2.0, 3.0), Amounts(1.0, 2.0, 3.0), Amounts(None, None, None))
    report = whole(replace(stack, cost=cost, rise="what it will cost is unknown, because a price is"))
    assert "| `dev` | 2.00 | unknown | unknown | unknown | 0.00 |" in markdown(report)
    told = document(report)["projects"][0]["cost"]
    assert (told["totalMonthlyCost"], told["diffTotalMonthlyCost"], told["pastTotalMonthlyCost"]) == (None, None, "2")


def test_sarif_has_a_result_for_each_finding(stack: StackReport) -> None:
    """What blocks is an error, advice a warning, and an exemption is suppressed with its reason."""
    advice = violation("dear", rule="cost-per-mtok", level="advisory", blocks=False)
    exempt = violation("one replica: until Monday", rule="prod-ha", status="exempted", blocks=False, until="2027-01-31")
    run = sarif(whole(replace(stack, policies=(violation("too many"), advice, exempt))))["runs"][0]
    assert [(one["ruleId"], one["level"], "suppressions" in one) for one in run["results"]] == [
        ("max-replicas", "error", False),
        ("cost-per-mtok", "warning", False),
        ("prod-ha", "note", True),
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "stacks/services/chat.yaml"
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["max-replicas", "cost-per-mtok", "prod-ha"]


def test_an_annotation_is_one_command_whatever_its_message(stack: StackReport) -> None:
    """A line of its own would be a command of somebody else's."""
    report = whole(replace(stack, rise=None, policies=(violation("a\n::set-env name=A::b", rule="max-replicas"),)))
    assert list(workflow_commands(report)) == [
        "::error file=stacks/services/chat.yaml,line=1,title=max-replicas::stack dev: a%0A::set-env name=A::b"
    ]
    assert list(annotated(report, {})) == []
    assert len(list(annotated(report, {"GITHUB_ACTIONS": "true"}))) == 1


def test_all_three_files_are_written_and_the_summary_is_added_to(stack: StackReport, tmp_path: Path) -> None:
    """A job uploads the folder; the summary of a step may have something in it already."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    write(whole(stack), tmp_path / "out" / "deep")
    summarise("page\n", {"GITHUB_STEP_SUMMARY": str(summary)})
    summarise("page\n", {})
    assert sorted(path.name for path in (tmp_path / "out" / "deep").iterdir()) == [
        "policies.sarif",
        "report.json",
        "report.md",
    ]
    assert summary.read_text() == "before\npage\n\n"
