"""A comparison as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.compare.canonical import comparison_dict
from components.compare.make import compare
from components.compare.markdown import comparison_markdown, escaped
from components.compare.text import WIDTH, comparison_text
from tests.compare.conftest import IN_S3, TODAY, Compared, candidates


def test_text_fits_the_terminal_and_has_every_part(llama: dict[str, Any], compared: Compared) -> None:
    """Hardware, months, loads, start, sleep, limits, what is left out."""
    lines = comparison_text(compared(llama, overrides={"sagemaker": IN_S3})).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "                  ECS                               SAGEMAKER                         RUNPOD" in lines
    starts = [line[:18].rstrip() for line in lines]
    for label in ("Hardware", "USD per month", "  floor", "  expected", "  max", "  asleep", "  400 an hour"):
        assert label in starts
    for label in (
        "Cold start",
        "  stages",
        "While asleep",
        "  its callers",
        "Limits",
        "  longest answer",
        "Leaves out",
    ):
        assert label in starts


def test_text_says_the_answer_before_the_table(llama: dict[str, Any], compared: Compared) -> None:
    """Who reads three lines reads these."""
    lines = comparison_text(compared(llama)).splitlines()
    assert lines[0] == "llama-3-1-8b: meta-llama/Llama-3.1-8B-Instruct, in us-east-1 (environment dev)"
    assert any(line.startswith("Recommended: ECS, ") for line in lines[:5])


def test_a_refused_column_is_dashes_and_its_reasons_stand_below(llama: dict[str, Any], compared: Compared) -> None:
    """With the fix."""
    text = comparison_text(compared(llama))
    [hardware] = [line for line in text.splitlines() if line.startswith("Hardware")]
    assert hardware.split("  ")[-1].strip().endswith("1 x L4")
    assert "refused, see below" in hardware
    assert "SageMaker refuses it\n  llama-3-1-8b: model.source: hub is not possible on SageMaker" in text


def test_nothing_but_the_reasons_is_shown_when_all_refuse(qwen: dict[str, Any], compared: Compared) -> None:
    """A table of dashes would say nothing."""
    text = comparison_text(compared(qwen, {"accelerators": ["T4"]}))
    assert "Hardware" not in text
    assert "Recommended: none: every target refuses this spec" in text
    assert text.count("refuses it") == 3


def test_an_assumed_load_says_so(qwen: dict[str, Any], compared: Compared) -> None:
    """Before any number that follows from it."""
    text = comparison_text(compared({**qwen, "load": None}))
    assert text.splitlines()[1].startswith(
        "The spec declares no load: 100, 1,000, 10,000 requests per hour are assumed"
    )


def test_an_override_of_one_target_is_shown(llama: dict[str, Any], compared: Compared) -> None:
    """Else the columns would be compared under a false name."""
    text = comparison_text(compared(llama, overrides={"sagemaker": IN_S3}))
    assert "SageMaker gets another spec than the file\n  model" in text


def test_a_load_on_other_hardware_says_so(qwen: dict[str, Any], compared: Compared) -> None:
    """Where a plan for three times the load chooses another GPU, its price is that of another machine."""
    comparison = compared(qwen)
    ecs = comparison.columns[0]
    moved = replace(ecs, at_loads=(*ecs.at_loads[:2], replace(ecs.at_loads[2], instance_type="g6e.12xlarge")))
    text = comparison_text(replace(comparison, columns=(moved, *comparison.columns[1:])))
    [row, _] = [line for line in text.splitlines() if line.startswith("  900 an hour")]
    assert ", 2.0 replicas, on " in row
    assert text.count("g6e.12xlarge") == 1


def test_markdown_is_one_table_with_a_cell_for_each_target(llama: dict[str, Any], compared: Compared) -> None:
    """Every row has a label and three cells, so that GitHub draws it."""
    lines = comparison_markdown(compared(llama, overrides={"sagemaker": IN_S3})).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[0] == "|  | ECS | SageMaker | RunPod |"
    assert table[1] == "| --- | --- | --- | --- |"
    assert len(table) > 25
    assert {line.replace("\\|", "").count("|") for line in table} == {5}
    assert sum(line == "</details>" for line in lines) == sum(line.startswith("<details>") for line in lines) > 0


def test_markdown_marks_the_lowest_amount(qwen: dict[str, Any], compared: Compared) -> None:
    """One bold cell in a row of amounts."""
    lines = comparison_markdown(compared(qwen)).splitlines()
    [expected] = [line for line in lines if line.startswith("| USD per month, expected |")]
    assert expected.count("**") == 2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", r"a\|b"),
        ("<script>", "&lt;script&gt;"),
        ("[x](y)", r"\[x\](y)"),
        ("two\nlines", "two lines"),
        ("`code` *bold* _it_", r"\`code\` \*bold\* \_it\_"),
    ],
)
def test_nothing_in_markdown_becomes_markup(text: str, written: str) -> None:
    """Model ids and messages are texts."""
    assert escaped(text) == written


def test_json_has_stable_keys_and_the_numbers_of_the_columns(llama: dict[str, Any], compared: Compared) -> None:
    """Canonical: the same spec gives the same bytes."""
    comparison = compared(llama)
    data = comparison_dict(comparison)
    assert sorted(data) == [
        "environment", "load_is_assumed", "loads", "model", "recommendation", "region", "service", "targets",
    ]  # fmt: skip
    assert sorted(data["targets"]) == ["ecs", "runpod", "sagemaker"]
    ecs, refused = data["targets"]["ecs"], data["targets"]["sagemaker"]
    assert sorted(ecs) == ["asleep", "at_loads", "differs", "leaves_out", "limits", "plan", "refusal"]
    assert ecs["plan"]["hardware"]["instance_type"] == "g6.2xlarge"
    assert ecs["at_loads"][1]["usd_per_month"] == ecs["plan"]["cost"]["expected"]
    assert (refused["plan"], refused["asleep"], refused["at_loads"]) == (None, None, [])
    assert len(refused["refusal"]) == 1
    again = compare(candidates(llama), region="us-east-1", today=TODAY)
    assert json.dumps(data, sort_keys=True) == json.dumps(comparison_dict(again), sort_keys=True)
