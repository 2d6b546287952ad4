"""A refresh asks all sources, whatever one of them does, and writes nothing by itself."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import components.catalogue
from components.refresh.report import refresh
from components.refresh.source import RefreshError
from components.refresh.sources import SOURCES, Access
from components.refresh.table import FORMS
from components.runpod.client import RunpodClient
from components.runpod.keys import api_key
from tests.catalogue.hub.known_configs import CONFIGS
from tests.components.runpod.fake_runpod import KEY, FakeRunpod, serving
from tests.refresh.recorded import ec2, page

if TYPE_CHECKING:
    from tests.refresh.fake_hub import Hub

TODAY = date(2026, 11, 21)
QWEN = "Qwen/Qwen3-8B"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the packaged tables."""
    folder = tmp_path / "data"
    shutil.copytree(Path(components.catalogue.__file__).parent / "data", folder)
    return folder


class PriceList:
    """A pricing client that has some products, whatever it is asked for."""

    def __init__(self, *products: dict[str, Any]) -> None:
        self.products = products

    def get_paginator(self, _: str) -> PriceList:
        return self

    def paginate(self, *, Filters: list[dict[str, str]], **_: object) -> list[dict[str, Any]]:  # noqa: N803 (boto3's)
        wanted = {one["Field"]: one["Value"] for one in Filters}
        return [
            page(*(one for one in self.products if wanted.items() <= one["product"]["attributes"].items())),
        ]


def no_aws(_service: str, _region: str) -> Any:
    raise RefreshError("AWS: no account here")


def no_runpod() -> RunpodClient:
    return RunpodClient("http://127.0.0.1:9", api_key({}))


def test_a_changed_price_is_one_line_of_a_diff(data: Path) -> None:
    """Before and after, with source and day; rows that nobody spoke of are not in it."""
    access = Access(aws=lambda _service, _region: PriceList(ec2("g6.2xlarge", "0.8888")))
    report = refresh(["ec2"], access, data, TODAY)
    [compared] = report.compared
    lines = compared.diff.splitlines()
    assert lines[:2] == [
        "--- a/components/catalogue/data/aws_instances.csv",
        "+++ b/components/catalogue/data/aws_instances.csv",
    ]
    assert [line for line in lines[3:] if line.startswith("+")] == [
        '+g6.2xlarge,L4,1,8,32.0,0.8888,us-east-1,"AWS Price List API, AmazonEC2: Linux, shared, on demand",2026-11-21'
    ]
    assert len(lines) == 5
    assert (compared.change.changed, compared.change.confirmed) == (1, 0)
    assert report.failures == ()


def test_nothing_is_written(data: Path) -> None:
    """Comparing leaves the folder as it was."""
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    refresh(["ec2"], Access(aws=lambda _service, _region: PriceList(ec2("g6.2xlarge", "0.8888"))), data, TODAY)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_a_source_that_fails_is_one_line_and_the_others_are_asked(data: Path, hub: Hub, tmp_path: Path) -> None:
    """No AWS account, no RunPod key, no SDK: the hub is asked all the same."""
    hub.put(QWEN, json.dumps({**CONFIGS[QWEN], "num_hidden_layers": 40}).encode())
    access = Access(
        aws=no_aws,
        runpod=no_runpod,
        sdk_python=tmp_path / "python",
        environment={"HF_ENDPOINT": hub.url},
        model_ids=(QWEN,),
    )
    report = refresh(SOURCES, access, data, TODAY)
    assert [one.name for one in report.asked if one.answer is None] == [
        "ec2",
        "sagemaker",
        "spot",
        "offers",
        "runpod",
        "images",
    ]
    assert [one.table for one in report.compared] == ["models"]
    assert report.failures[:4] == tuple(
        f"{name}: AWS: no account here" for name in ("ec2", "sagemaker", "spot", "offers")
    )
    assert report.failures[4].startswith("runpod: RUNPOD_API_KEY: is not set; export it")
    assert report.failures[5].startswith("images: sagemaker SDK: no interpreter at ")
    assert all("\n" not in failure for failure in report.failures)


def test_a_model_that_the_hub_refuses_is_a_failure_beside_the_others(data: Path, hub: Hub) -> None:
    """Its row stays, the others are compared, and the exit code can tell."""
    hub.put(QWEN, json.dumps(CONFIGS[QWEN]).encode())
    access = Access(environment={"HF_ENDPOINT": hub.url}, model_ids=(QWEN, "acme/gone"))
    report = refresh(["models"], access, data, TODAY)
    assert report.failures == (
        "models: acme/gone does not exist there, or has no config.json: its row is left as it is",
    )
    assert report.compared[0].change.confirmed == 1


def test_all_models_of_the_catalogue_are_asked_for_when_none_is_named(data: Path, hub: Hub) -> None:
    """63 files; with none of them there is nothing to compare."""
    report = refresh(["models"], Access(environment={"HF_ENDPOINT": hub.url}), data, TODAY)
    assert len(hub.asked) == len(report.failures) == 63
    assert report.compared == ()


def test_runpod_is_asked_through_the_client_that_deploys(data: Path) -> None:
    """Types without a price leave their rows as they are."""
    fake = FakeRunpod()
    with serving(fake, fake.handle):
        report = refresh(["runpod"], Access(runpod=lambda: RunpodClient(fake.url, KEY)), data, TODAY)
    assert report.failures == ()
    assert report.asked[0].answer is not None
    assert any("NVIDIA L4 has no serverless price" in remark for remark in report.asked[0].answer.remarks)


def test_each_source_is_announced_before_it_is_asked(data: Path) -> None:
    """Asking all of AWS takes half a minute."""
    told: list[str] = []
    refresh(["ec2", "spot"], Access(aws=no_aws), data, TODAY, told.append)
    assert told == [
        "asking ec2: AWS Price List API: EC2, Linux on demand",
        "asking spot: EC2: spot prices of each region",
    ]


def test_findings_go_to_tables_that_have_a_form() -> None:
    """Every table that a source can change has its keys written down."""
    assert {"aws_instances", "aws_region_prices", "sagemaker_instances", "aws_spot", "aws_availability"} <= set(FORMS)
    assert {"runpod_pools", "images", "sagemaker_registries", "models"} <= set(FORMS)
