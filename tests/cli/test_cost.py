"""`berth cost` prices specs and stacks line by line, needs no account and no Pulumi, and is quick to load."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.cli.cost import Priced, cost_dict, cost_report
from components.cli.main import main
from components.cost.together import together
from components.plan import UNBUILT, make_plan
from components.spec import load_spec

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "stacks"
LLAMA, QWEN = (str(STACKS / "services" / name) for name in ("llama-3-1-8b.yaml", "qwen-2-5-32b.yaml"))


def _json(capsys: Any, *arguments: str) -> dict[str, Any]:
    assert main(["cost", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _lines(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["name"]: line for line in service["estimate"]["lines"]}


def test_each_spec_is_priced_on_each_target(capsys: Any) -> None:
    """Two specs on three targets; lines add up, and the comparison with APIs is there."""
    priced = _json(capsys, LLAMA, QWEN)
    found = [(Path(row["spec"]).stem, row["target"], "estimate" in row) for row in priced["services"]]
    assert found == [
        ("llama-3-1-8b", "ecs", True),
        ("llama-3-1-8b", "sagemaker", False),
        ("llama-3-1-8b", "runpod", True),
        ("qwen-2-5-32b", "ecs", True),
        ("qwen-2-5-32b", "sagemaker", True),
        ("qwen-2-5-32b", "runpod", True),
    ]
    for row in (row for row in priced["services"] if "estimate" in row):
        estimate = row["estimate"]
        assert round(sum(line["expected"] for line in estimate["lines"]), 2) == estimate["expected"]
        assert row["apis"]["verdict"].startswith("the API is cheaper: ")
    assert priced["total"] is None


def test_a_target_that_refuses_says_why_beside_those_that_do_not(capsys: Any) -> None:
    """Gated weights have no place on SageMaker; the other targets are priced all the same."""
    assert main(["cost", LLAMA]) == 0
    printed = capsys.readouterr().out
    assert "llama-3-1-8b on ecs in us-east-1: 1 to 3 x g6.2xlarge\nCost, USD per month " in printed
    assert (
        "llama-3-1-8b on sagemaker: refused\n  llama-3-1-8b: model.source: hub is not possible on SageMaker" in printed
    )
    assert "llama-3-1-8b on runpod: 1 to 3 x AMPERE_24\n" in printed
    assert printed.count("Against APIs, at ") == 2
    assert printed.count("Cost assumes") == 2


def test_one_target_that_refuses_is_an_error(capsys: Any) -> None:
    """The one that was asked for; nothing is printed."""
    assert main(["cost", LLAMA, "--target", "sagemaker"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("berth: llama-3-1-8b: model.source: hub is not possible on SageMaker")


def test_a_stack_is_priced_with_its_overrides_and_what_is_shared_counts_once(capsys: Any) -> None:
    """Six services of stack local; one NAT gateway for the two on ECS; the file's region and environment."""
    priced = _json(capsys, "--stack", "local", "--directory", str(STACKS))
    services = {row["service"]: row for row in priced["services"]}
    assert list(services) == [
        "llama-3-1-8b",
        "llama-3-1-8b-sm",
        "llama-3-1-8b-rp",
        "qwen-2-5-32b",
        "qwen-2-5-32b-sm",
        "qwen-2-5-32b-rp",
    ]
    assert {row["region"] for row in services.values()} == {"us-east-1"}
    assert services["llama-3-1-8b-rp"]["estimate"]["floor"] == 0.0
    nat = [_lines(services[name])["NAT gateway"]["expected"] for name in ("llama-3-1-8b", "qwen-2-5-32b")]
    assert nat == [36.5, 36.5]
    for amount in ("floor", "expected", "max"):
        whole = sum(row["estimate"][amount] for row in services.values())
        assert priced["total"][amount] == pytest.approx(whole - 36.5, abs=0.005)
    assert priced["total"]["shared"] == ["NAT gateway"]


def test_a_stack_ends_with_a_table_of_its_services(capsys: Any) -> None:
    """Aligned amounts, a total, and what was counted once; one verdict for each service."""
    assert main(["cost", "--stack", "local", "--directory", str(STACKS)]) == 0
    lines = capsys.readouterr().out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("SERVICE"))
    assert lines[head].split() == ["SERVICE", "TARGET", "HARDWARE", "FLOOR", "EXPECTED", "MAX", "USD/MTOK"]
    rows = lines[head + 1 : head + 8]
    assert [row.split()[0] for row in rows] == [
        "llama-3-1-8b", "llama-3-1-8b-sm", "llama-3-1-8b-rp",
        "qwen-2-5-32b", "qwen-2-5-32b-sm", "qwen-2-5-32b-rp", "total",
    ]  # fmt: skip
    column = lines[head].index("EXPECTED") + len("EXPECTED")
    assert all(row[column - 1].isdigit() and row[column : column + 1] in ("", " ") for row in rows)
    assert lines[-1] == "counted once in the total: NAT gateway"
    assert sum(line.startswith("  the API is cheaper: ") for line in lines) == 6


def test_one_target_of_a_stack_can_be_asked_for(capsys: Any) -> None:
    """Its services alone, and the total of them; a target without one is an error."""
    priced = _json(capsys, "--stack", "local", "--directory", str(STACKS), "--target", "runpod")
    assert [row["target"] for row in priced["services"]] == ["runpod", "runpod"]
    assert main(["cost", "--stack", "preview", "--directory", str(STACKS), "--target", "runpod"]) == 1
    assert capsys.readouterr().err == (
        "berth: --target: runpod has no service of stack preview; use one of: all, ecs\n"
    )


def test_a_stack_needs_no_images_to_be_priced(capsys: Any) -> None:
    """Stack dev names none on purpose, and `pulumi preview` would ask for them."""
    priced = _json(capsys, "--stack", "dev", "--directory", str(STACKS))
    assert [row["service"] for row in priced["services"]] == ["llama-3-1-8b"]
    assert priced["services"][0]["estimate"]["expected"] is not None


def test_old_prices_are_a_warning_beside_the_amounts() -> None:
    """In text below the lines of a service, and in JSON; those of today are none."""
    spec = load_spec(Path(QWEN), environment="dev")

    def priced(today: date) -> Priced:
        plan = make_plan(spec, target="ecs", stack="dev", region="us-east-1", images=UNBUILT, today=today)
        return Priced(QWEN, "ecs", plan)

    old = priced(date(2027, 2, 1))
    warning = "prices are of 2026-07-06, more than 180 days old: compare with the AWS price list"
    lines = cost_report([old], None).splitlines()
    assert f"  warning: {warning}" in lines[: lines.index("Cost assumes")]
    assert f"  warning: {warning}" in cost_report([old], together([old.plan.cost])).splitlines()
    assert cost_dict([old], None)["services"][0]["warnings"] == [warning]
    fresh = priced(date(2026, 11, 21))
    assert "warning" not in cost_report([fresh], None)
    assert cost_dict([fresh], None)["services"][0]["warnings"] == []


def test_a_stack_says_what_its_first_month_costs_besides(capsys: Any) -> None:
    """The first starts of all services, outside of every total."""
    folder = ["--stack", "local", "--directory", str(STACKS)]
    priced = _json(capsys, *folder)
    once = [one["usd"] for row in priced["services"] for one in row["estimate"]["oneOff"]]
    assert priced["total"]["once"] == pytest.approx(sum(once), abs=0.005)
    assert main(["cost", *folder]) == 0
    assert f"one-off, in the first month: {sum(once):,.2f}" in capsys.readouterr().out.splitlines()


def test_an_unknown_price_is_shown_as_unknown(capsys: Any) -> None:
    """London has A10G, and the catalogue no price of it."""
    assert main(["cost", LLAMA, "--target", "ecs", "--region", "eu-west-2"]) == 0
    printed = capsys.readouterr().out
    assert "  total                   unknown    unknown    unknown   prices of 2026-07-06" in printed
    assert "  unknown: price of " in printed
    assert "no verdict: what the own deployment costs is unknown" in printed


def _edited(tmp_path: Path, old: str, new: str) -> str:
    """Copy the stacks, with one thing changed in that of local; return the folder."""
    folder = tmp_path / "stacks"
    shutil.copytree(STACKS / "services", folder / "services")
    text = (STACKS / "Pulumi.local.yaml").read_text()
    assert old in text
    (folder / "Pulumi.local.yaml").write_text(text.replace(old, new))
    return str(folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "berth cost needs spec files, or --stack NAME, and not both; see berth cost --help"),
        ([LLAMA, "--stack", "local"], "berth cost needs spec files, or --stack NAME, and not both; see berth cost"),
        (
            ["--stack", "lokal", "--directory", str(STACKS)],
            (f"--stack: lokal has no file {STACKS}/Pulumi.lokal.yaml; did you mean local?"),
        ),
        (
            ["--stack", "local", "--directory", "/nowhere"],
            (
                "--stack: local has no file /nowhere/Pulumi.local.yaml; run "
                "this in a checkout, or name its folder with --directory"
            ),
        ),
        (
            ["--stack", "local", "--region", "us-east-1"],
            ("a stack has its own region and environment; leave --region and --environment out"),
        ),
        ([LLAMA, "--target", "ec2"], "llama-3-1-8b: target: ec2 is not a target; did you mean ecs?"),
        ([QWEN, "--region", "moon-1"], "qwen-2-5-32b: region: moon-1 is not a region of the catalogue; use one of: "),
        (["nothing.yaml"], "nothing.yaml: cannot be read (no such file or directory); check the path of the spec"),
    ],
)
def test_what_is_wrong_ends_with_a_message_and_code_1(capsys: Any, arguments: list[str], message: str) -> None:
    """What was asked, and what to ask instead; nothing is printed beside it."""
    assert main(["cost", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"berth: {message}")


def test_a_stack_without_a_region_is_refused(tmp_path: Path, capsys: Any) -> None:
    """A price needs a place."""
    folder = _edited(tmp_path, "  aws:region: us-east-1\n", "")
    assert main(["cost", "--stack", "local", "--directory", folder]) == 1
    assert capsys.readouterr().err == (
        f"berth: {folder}/Pulumi.local.yaml: aws:region: is missing; pulumi config set --stack local aws:region "
        "us-east-1\n"
    )


def test_a_wrong_stack_file_is_refused_as_by_pulumi(tmp_path: Path, capsys: Any) -> None:
    """The same checks, with the same words."""
    folder = _edited(tmp_path, "target: runpod", "target: runpad")
    assert main(["cost", "--stack", "local", "--directory", folder]) == 1
    assert "runpad is not a target; did you mean runpod?" in capsys.readouterr().err


def test_pricing_loads_no_cloud_sdk() -> None:
    """Pulumi and boto3 would cost more time than the prices themselves."""
    program = (
        "import sys; from components.cli.main import main; "
        "main(['cost', '--stack', 'local', '--directory', sys.argv[1]]);"
        "print(sorted({'pulumi', 'pulumi_aws', 'boto3', 'botocore', 'ssl', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(STACKS)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]"
