"""`berth catalogue` shows the facts with source and date, and compares them with their sources."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import components.catalogue
from components.cli.catalogue import KINDS
from components.cli.catalogue import SOURCES as NAMES
from components.cli.catalogue_rows import listed
from components.cli.main import main
from components.errors import CatalogueError
from components.refresh.sources import SOURCES
from tests.catalogue.hub.known_configs import CONFIGS
from tests.refresh.fake_hub import serving_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 11, 21)
QWEN = "Qwen/Qwen3-8B"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_listed_with_source_and_date(kind: str, capsys: Any) -> None:
    """One row for each fact, none without who says so and when."""
    assert main(["catalogue", "list", kind, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) > 5
    assert [row for row in rows if not row["source"] or not row["as_of"]] == []
    assert main(["catalogue", "list", kind]) == 0
    head = capsys.readouterr().out.splitlines()[0].split()
    assert head[-2:] == ["AS_OF", "SOURCE"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ca-central-1"])
def test_no_price_is_zero(kind: str, region: str) -> None:
    """What is not known is null in JSON and a word in the table."""
    found = listed(kind, region, TODAY)
    prices = [value for fact in found.facts for name, value in fact.items() if name.startswith("usd")]
    assert 0 not in prices
    unknown = sum(None in [value for name, value in fact.items() if name.startswith("usd")] for fact in found.facts)
    assert sum("unknown" in row for row in found.rows) == unknown or kind == "prices"


def test_prices_are_those_of_the_region() -> None:
    """The region's own where the catalogue has it, else one that follows and says so, else unknown."""
    facts = {fact["instance_type"]: fact for fact in listed("instances", "eu-west-1", TODAY).facts}
    own, follows, unknown = facts["g5.8xlarge"], facts["g5.xlarge"], facts["p4d.24xlarge"]
    assert (own["usd_per_hour"], own["basis"]) == (2.73271, "list price")
    assert (follows["usd_per_hour"], follows["basis"]) == (1.123, "~ us-east-1")
    assert (unknown["usd_per_hour"], unknown["basis"]) == (None, "-")
    assert "g6.xlarge" not in facts


def test_stale_rows_are_marked() -> None:
    """Prices of July are stale by February; facts that are no prices do not age."""
    fresh = listed("instances", "us-east-1", TODAY)
    assert not any(fact["stale"] for fact in fresh.facts)
    old = listed("instances", "us-east-1", date(2027, 2, 1))
    assert all(fact["stale"] for fact in old.facts)
    assert all(row[-2] == "2026-07-06 (stale)" for row in old.rows)
    count = len(old.facts)
    assert old.footnotes[0] == (f"{count} of {count} rows are stale, more than 180 days old: `berth catalogue refresh`")
    assert not any("stale" in fact for fact in listed("gpus", "us-east-1", date(2027, 2, 1)).facts)


def test_missing_prices_are_counted_below_the_table() -> None:
    """A reader of a long table sees it at its end."""
    footnotes = listed("sagemaker", "us-east-1", TODAY).footnotes
    assert "5 of 42 rows have no known price; a plan with one of them says so" in footnotes


def test_an_unknown_region_is_refused_with_the_nearest(capsys: Any) -> None:
    """Exit code 1 and one line."""
    assert main(["catalogue", "list", "instances", "--region", "eu-wst-1"]) == 1
    assert capsys.readouterr().err == ("berth: region 'eu-wst-1' is not in the catalogue; did you mean eu-west-1?\n")
    with pytest.raises(CatalogueError):
        listed("prices", "mars-1", TODAY)


def test_the_commands_names_are_those_of_the_sources() -> None:
    """The command names them without loading them."""
    assert tuple(SOURCES) == NAMES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the packaged tables."""
    folder = tmp_path / "data"
    shutil.copytree(Path(components.catalogue.__file__).parent / "data", folder)
    return folder


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A hub on which Qwen3 8B has a layer more."""
    with serving_hub() as hub:
        hub.put(QWEN, json.dumps({**CONFIGS[QWEN], "num_hidden_layers": 37}).encode())
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield QWEN


def test_refresh_prints_a_diff_and_writes_nothing(changed: str, data: Path, capsys: Any) -> None:
    """The diff alone is on stdout, so that it can be saved; what it means is on stderr."""
    before = (data / "models.csv").read_text()
    assert main(["catalogue", "refresh", "--model", changed, "--data", str(data)]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "--- a/components/catalogue/data/models.csv"
    assert [line.split(",")[3] for line in lines[3:]] == ["36", "37"]
    assert "models: 1 changed, 0 confirmed, 0 added, 62 not spoken of and left as they are" in printed.err
    assert printed.err.endswith("nothing is written: review the diff, then --write\n")
    assert (data / "models.csv").read_text() == before


def test_refresh_writes_when_it_is_told_to(changed: str, data: Path, capsys: Any) -> None:
    """The tables are then what the diff said; a second run has nothing to say but the same day."""
    assert main(["catalogue", "refresh", "--model", changed, "--data", str(data), "--write"]) == 0
    assert "written: review with git diff" in capsys.readouterr().err
    [row] = [line for line in (data / "models.csv").read_text().splitlines() if line.startswith(f"{QWEN},")]
    assert row.split(",")[3] == "37"
    assert main(["catalogue", "refresh", "--model", changed, "--data", str(data)]) == 0
    assert capsys.readouterr().out == ""


def test_refresh_as_json(changed: str, data: Path, capsys: Any) -> None:
    """For CI: what was asked, what would change."""
    assert main(["catalogue", "refresh", "--model", changed, "--data", str(data), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["written"] is False
    assert report["sources"] == [{"name": "models", "answered": True, "remarks": [], "failures": []}]
    [table] = report["tables"]
    assert (table["table"], table["changed"], table["silent"]) == ("models", 1, 62)


def test_refresh_fails_when_a_source_does(data: Path, tmp_path: Path, capsys: Any) -> None:
    """One clear line and exit code 1."""
    command = ["catalogue", "refresh", "--only", "images", "--data", str(data), "--sdk-python", str(tmp_path / "no")]
    assert main(command) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"berth: images: sagemaker SDK: no interpreter at {tmp_path}/no" in printed.err


def test_an_unknown_source_is_refused_with_the_nearest(capsys: Any) -> None:
    """Before anything is asked."""
    assert main(["catalogue", "refresh", "--only", "runpodd"]) == 1
    assert capsys.readouterr().err == "berth: --only: runpodd is not a source; did you mean runpod?\n"


def test_listing_loads_no_cloud() -> None:
    """Facts are packaged: neither boto3 nor urllib3 nor Pulumi is imported to show them."""
    code = (
        "import sys; from components.cli.main import main; main(['catalogue', 'list', 'gpus']);"
        "print([name for name in ('boto3', 'botocore', 'urllib3', 'pulumi') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
