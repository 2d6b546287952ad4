"""`berth plan` prints what a spec would get, needs no account, and is quick to load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SPEC = str(ROOT / "stacks/services/llama-3-1-8b.yaml")


def test_the_example_is_planned_on_the_cheapest_host_of_its_first_accelerator(capsys: Any) -> None:
    """An L4 with enough host memory to load the checkpoint."""
    assert main(["plan", SPEC]) == 0
    printed = capsys.readouterr().out
    assert "g6.2xlarge, 1 x L4 for a replica" in printed
    assert "L4 g6.xlarge, A10G g5.xlarge: loading a checkpoint of 15.0 GiB needs 20.6 GiB of host" in printed


def test_json_has_the_same_decisions(capsys: Any) -> None:
    """Machine readable, with the cost lines that add up to the total."""
    assert main(["plan", SPEC, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["hardware"]["instance_type"] == "g6.2xlarge"
    assert round(sum(line["expected"] for line in plan["cost"]["lines"]), 2) == plan["cost"]["expected"]


def test_a_region_without_the_gpu_falls_back_in_the_order_of_the_spec(capsys: Any) -> None:
    """Ireland offers no L4, so the A10G that the spec names next is used."""
    assert main(["plan", SPEC, "--region", "eu-west-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hardware"]["gpu"] == "A10G"


def test_a_wrong_spec_ends_with_one_message_and_code_1(tmp_path: Path, capsys: Any) -> None:
    """The file, the field and the fix; no traceback."""
    spec = tmp_path / "chat.yaml"
    spec.write_text(Path(SPEC).read_text().replace("scaling:", "scalling:"))
    assert main(["plan", str(spec)]) == 1
    assert capsys.readouterr().err == f"berth: {spec}: scalling: is an unknown field; did you mean scaling?\n"


def test_wrong_usage_ends_with_code_2(capsys: Any) -> None:
    """As argparse has it."""
    with pytest.raises(SystemExit) as ended:
        main(["plan"])
    assert ended.value.code == 2
    assert "the following arguments are required: spec" in capsys.readouterr().err


def test_planning_loads_no_cloud_sdk() -> None:
    """Pulumi and boto3 would cost more time than the plan itself."""
    program = (
        "import sys; from components.cli.main import main; main(['plan', sys.argv[1]]);"
        "print(sorted({'pulumi', 'pulumi_aws', 'boto3', 'botocore', 'grpc'} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program, SPEC], capture_output=True, text=True, check=True)
    assert result.stderr == "[]\n"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """`berth plan SPEC | head -1` ends quietly."""
    command = f"{sys.executable} -m components.cli.main plan {SPEC} | head -1; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["llama-3-1-8b on ecs in us-east-1 (environment dev)", "0"]
    assert result.stderr == ""
