"""`berth compare` and `berth advise` from the command line: forms, overrides, refusals, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
LLAMA = str(ROOT / "stacks/services/llama-3-1-8b.yaml")
QWEN = str(ROOT / "stacks/services/qwen-2-5-32b.yaml")


def test_the_example_is_compared_as_text(capsys: Any) -> None:
    """No account, no network; code 0 although one target refuses."""
    assert main(["compare", LLAMA]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("llama-3-1-8b: meta-llama/Llama-3.1-8B-Instruct, in us-east-1 (environment dev)\n")
    assert "SageMaker refuses it" in printed


def test_a_stack_completes_the_comparison(capsys: Any) -> None:
    """Stack local gives SageMaker the weights in S3, and RunPod no worker that waits."""
    assert main(["compare", LLAMA, "--stack", "local", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["environment"] == "local"
    assert [data["targets"][name]["refusal"] for name in ("ecs", "sagemaker", "runpod")] == [[], [], []]
    assert data["targets"]["sagemaker"]["differs"] == [
        "model.source: s3",
        "model.s3_uri: s3://acme-weights/llama-3-1-8b-instruct/",
        "model.token_secret: none",
    ]
    assert data["targets"]["runpod"]["plan"]["scaling"]["min_replicas"] == 0


def test_fields_are_set_for_one_target_or_for_all(capsys: Any) -> None:
    """Values are YAML."""
    arguments = ["--set", "accelerators=[A10G, L4]", "--set", "runpod:scaling.min_replicas=0", "--json"]
    assert main(["compare", LLAMA, "--targets", "runpod,ecs", *arguments]) == 0
    targets = json.loads(capsys.readouterr().out)["targets"]
    assert targets["ecs"]["plan"]["hardware"]["gpu"] == "A10G"
    assert [targets[name]["plan"]["scaling"]["min_replicas"] for name in ("ecs", "runpod")] == [1, 0]


def test_the_targets_stand_in_the_order_in_which_they_are_named(capsys: Any) -> None:
    """And no other is planned."""
    assert main(["compare", QWEN, "--targets", "runpod,ecs"]) == 0
    heads = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith(" " * 18)]
    assert heads[0] == ["RUNPOD", "ECS"]


def test_code_1_when_no_target_can_serve(capsys: Any) -> None:
    """With the reasons on stdout, where the comparison is."""
    assert main(["compare", QWEN, "--set", "accelerators=[T4]"]) == 1
    assert "none: every target refuses this spec" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--region", "moon-1"], "berth: region: moon-1 is not a region of the catalogue; use one of: "),
        (["--targets", "ecs,lambda"], "berth: --targets: lambda is not a target; "),
        (["--targets", ","], "berth: --targets: names none; "),
        (["--set", "nonsense"], "berth: --set: nonsense is not a field and a value; write TARGET:FIELD=VALUE"),
        (["--set", "lambda:name=x"], "berth: --set: lambda is not a target that is compared; "),
        (["--stack", "nope"], "berth: --stack: nope has no Pulumi.nope.yaml above "),
        (["--set", "load.requests_per_hour=0"], f"berth: {QWEN} (as ecs gets it): load.requests_per_hour: 0 is not"),
        (["--set", "load.requests_per_hour=.inf"], f"berth: {QWEN} (as ecs gets it): load.requests_per_hour: "),
        (["--set", "load.input_tokens=99999"], f"berth: {QWEN} (as ecs gets it): load.input_tokens: 99999 and"),
        (["--set", "accelerators=[L4, L4]"], f"berth: {QWEN} (as ecs gets it): accelerators: "),
        (["--html", "/nonexistent/page.html"], "berth: --html: /nonexistent/page.html cannot be written (no such"),
    ],
)
def test_bad_input_is_refused_with_the_place_and_the_fix(arguments: list[str], said: str, capsys: Any) -> None:
    """One message on stderr, nothing on stdout, code 1."""
    assert main(["compare", QWEN, *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(said)
    assert printed.out == ""


def test_a_page_is_written_to_a_file_or_printed(tmp_path: Path, capsys: Any) -> None:
    """The same page both ways."""
    assert main(["compare", QWEN, "--html", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out == f"wrote {tmp_path / 'page.html'}\n"
    assert main(["compare", QWEN, "--html", "-"]) == 0
    assert capsys.readouterr().out == (tmp_path / "page.html").read_text(encoding="utf-8")


def test_two_forms_at_once_are_wrong_usage(capsys: Any) -> None:
    """Code 2, as argparse has it."""
    with pytest.raises(SystemExit) as ended:
        main(["compare", QWEN, "--json", "--markdown"])
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_advice_is_printed_in_every_form(capsys: Any) -> None:
    """Text, JSON, Markdown, and the page with the advice on it."""
    for form in ([], ["--markdown"]):
        assert main(["advise", QWEN, *form]) == 0
        assert "Our arithmetic" in capsys.readouterr().out
    assert main(["advise", QWEN, "--json", "--regulated"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "self-host"
    assert main(["advise", QWEN, "--html", "-"]) == 0
    assert '<h2 id="advice">Host it yourself, or use an API?</h2>' in capsys.readouterr().out


@pytest.mark.parametrize("amount", ["-1", "nan", "inf", "many"])
def test_an_amount_that_is_none_is_wrong_usage(amount: str, capsys: Any) -> None:
    """The option and what was given are named."""
    with pytest.raises(SystemExit) as ended:
        main(["advise", QWEN, "--engineers", amount])
    assert ended.value.code == 2
    assert f"argument --engineers: '{amount}' is not an amount; write a number of 0 or more" in capsys.readouterr().err
