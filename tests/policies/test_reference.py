"""The page of the rules says what the rules are."""

from __future__ import annotations

from pathlib import Path

from policies.reference import COMMAND, PAGE, written_into
from policies.rules import RULES

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_rules_say() -> None:
    """It is rewritten with every change of a rule or a configuration."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert page == written_into(page), f"run {COMMAND}"


def test_every_rule_has_a_heading_and_a_row() -> None:
    """A reader who has a rule's name from a report finds it."""
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("### ")] == [f"### {rule.name}" for rule in RULES]
    assert all(f"| [{rule.name}](#{rule.name}) |" in page for rule in RULES)
