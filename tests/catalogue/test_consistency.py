"""Do the tables agree with each other, and is every price one?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import components.catalogue
from components.catalogue.apis import api_price_date, api_prices, hosted_copies, named_apis
from components.catalogue.discounts import (
    COMMITMENT_TERMS,
    commitment_factor,
    commitments,
    spot_factor,
    spot_price_date,
    spot_prices,
)
from components.catalogue.gpus import gpus
from components.catalogue.images import engine_images
from components.catalogue.instances import (
    HOME_REGION,
    instances,
    known_regions,
    region_price,
    regions_offering,
    usd_per_hour,
)
from components.catalogue.machine_images import machine_image_for, machine_images
from components.catalogue.models import find_model, models
from components.catalogue.prices import service_usd
from components.catalogue.runpod import pool_types, usd_per_gpu_hour
from components.catalogue.sagemaker import sagemaker_instances, sagemaker_regions, sagemaker_usd_per_hour
from components.catalogue.tables import as_of_date, read_table, row_of
from components.errors import CatalogueError
from components.spec.sagemaker import InferenceAmi

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(components.catalogue.__file__).parent / "data"
PRICED = {
    "api_prices": ("usd_per_million_input", "usd_per_million_output"),
    "aws_commitments": ("factor",),
    "aws_instances": ("usd_per_hour",),
    "aws_region_multipliers": ("multiplier",),
    "aws_region_prices": ("usd_per_hour",),
    "aws_services": ("usd",),
    "aws_spot": ("spot_usd_per_hour", "on_demand_usd_per_hour"),
    "runpod_pools": ("usd_per_gpu_second",),
    "runpod_storage": ("usd",),
    "sagemaker_instances": ("usd_per_hour",),
}
MAY_BE_UNKNOWN = {"aws_commitments", "aws_instances", "runpod_pools", "sagemaker_instances"}


@pytest.mark.parametrize("table", PRICED)
def test_no_price_is_zero(table: str) -> None:
    """An empty cell is unknown; a price is above zero; only some tables may have unknown ones."""
    cells = [row[column] for row in read_table(table) for column in PRICED[table]]
    assert [cell for cell in cells if cell and float(cell) <= 0] == []
    assert table in MAY_BE_UNKNOWN or "" not in cells


def test_every_table_with_a_price_is_checked_for_zeros() -> None:
    """A new table of prices must be named above."""
    found = {
        path.stem
        for path in DATA.glob("*.csv")
        if any(column.startswith("usd") or column.endswith("_usd_per_hour") for column in read_table(path.stem)[0])
    }
    assert found <= set(PRICED)


def test_no_price_comes_out_as_zero_in_any_region() -> None:
    """Neither an exact nor an estimated one, whatever the region."""
    everywhere = [*known_regions(), "sa-east-1"]
    prices = [usd_per_hour(name, region) for name in instances() for region in everywhere]
    prices += [sagemaker_usd_per_hour(name, region) for name in sagemaker_instances() for region in everywhere]
    assert [price for price in prices if price is not None and price <= 0] == []


def test_hardware_refers_to_gpus_and_regions_of_the_catalogue() -> None:
    """GPU names, instance types and regions of all tables are known to the tables that define them."""
    named = {row.gpu for row in instances().values()} | {row.gpu for row in sagemaker_instances().values()}
    named |= {row.gpu for row in pool_types() if row.gpu}
    assert named <= set(gpus())
    types = {row["instance_type"] for table in ("aws_region_prices", "aws_spot") for row in read_table(table)}
    assert types <= {*instances(), *sagemaker_instances()}
    regions = {row["region"] for table in ("aws_region_prices", "aws_spot") for row in read_table(table)}
    assert regions <= set(known_regions())
    offered = {name for row in read_table("aws_availability") for name in row["instance_types"].split()}
    assert {name.partition(".")[0] for name in offered} <= {row.family for row in instances().values()} | {
        "inf2",
        "trn1",
    }


def test_families_with_a_price_level_or_a_commitment_exist() -> None:
    """A family that was renamed leaves nothing behind."""
    families = {row.family for row in instances().values()}
    assert {row["family"] for row in read_table("aws_region_multipliers")} <= families
    assert {row.family for row in commitments() if row.target == "ecs"} == families
    hosted = {row.family for row in sagemaker_instances().values()}
    assert {row.family for row in commitments() if row.target == "sagemaker"} == hosted
    assert {row.term for row in commitments()} <= set(COMMITMENT_TERMS)


def test_hosted_copies_refer_to_models_of_the_catalogue() -> None:
    """What an API serves is a model whose shape is known."""
    known = {model_id.lower() for model_id in models()}
    assert {price.serves for price in api_prices() if price.serves} <= known
    assert len({price.serves for price in api_prices() if price.serves}) > 40


def test_an_exact_price_of_a_region_comes_before_an_estimate() -> None:
    """Where the price list of a region was read, its figure is used as it is."""
    exact = region_price("g6e.12xlarge", "ap-northeast-1")
    assert exact is not None
    assert (exact.usd_per_hour, exact.is_estimate) == (15.21742, False)
    estimate = region_price("g6e.2xlarge", "ap-northeast-1")
    assert estimate is not None
    assert estimate.is_estimate
    assert estimate.source.startswith("us-east-1 times 1.45")
    home = region_price("g6e.12xlarge", HOME_REGION)
    assert home is not None
    assert (home.usd_per_hour, home.is_estimate) == (10.49264, False)


def test_region_prices_agree_with_the_price_levels() -> None:
    """An exact price lies within half a percent of what the family's level gives: both are of the same source."""
    for row in read_table("aws_region_prices"):
        at_home = instances()[row["instance_type"]].usd_per_hour
        family = row["instance_type"].partition(".")[0]
        levels = [
            float(one["multiplier"])
            for one in read_table("aws_region_multipliers")
            if (one["family"], one["region"]) == (family, row["region"])
        ]
        assert at_home is not None
        assert [float(row["usd_per_hour"]) / at_home] == pytest.approx(levels, rel=0.005)


@pytest.mark.parametrize(
    ("model_id", "cheapest"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "deepinfra"),
        ("META-LLAMA/llama-3.1-8b-instruct", "deepinfra"),
        ("hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4", "deepinfra"),
    ],
)
def test_hosted_copies_are_sorted_by_price(model_id: str, cheapest: str) -> None:
    """Cheapest first, whatever the case of the id; a quantized copy has the hosts of its original."""
    copies = hosted_copies(model_id)
    assert copies[0].provider == cheapest
    assert [copy.usd(3, 1) for copy in copies] == sorted(copy.usd(3, 1) for copy in copies)
    assert {copy.provider for copy in copies} >= {"bedrock", "fireworks", "nebius"}


def test_the_named_apis_are_the_ones_that_a_reader_expects() -> None:
    """A short list, none of them the hosted copy of an open model."""
    named = [(price.provider, price.model) for price in named_apis()]
    assert named == [
        ("anthropic", "claude-haiku-5-5"),
        ("anthropic", "claude-sonnet-5-5"),
        ("gemini", "gemini-3.8-flash"),
        ("openai", "gpt-4o"),
        ("openai", "gpt-4o-mini"),
        ("openai", "gpt-5.4-mini"),
    ]
    assert [price for price in named_apis() if price.serves] == []


def test_no_api_of_the_table_had_been_retired_when_it_was_written() -> None:
    """An API that is gone is no rival."""
    gone = [price for price in api_prices() if price.retires and as_of_date(price.retires) <= as_of_date(price.as_of)]
    assert gone == []
    assert api_price_date().isoformat() == "2026-10-07"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_tokens_never_cost_less(inputs: int, outputs: int, more: int) -> None:
    """The price of an API is linear in both."""
    api = named_apis()[0]
    assert api.usd(inputs + more, outputs) >= api.usd(inputs, outputs)
    assert api.usd(inputs, outputs + more) >= api.usd(inputs, outputs)


def test_discounts_never_raise_a_price() -> None:
    """Factors lie between 0 and 1; a spot price was below on demand when both were read."""
    assert all(0 < price.factor < 1 for price in spot_prices())
    assert all(0 < row.factor < 1 for row in commitments() if row.factor is not None)
    assert spot_price_date("g6.xlarge", "us-east-1") == date(2025, 7, 1)
    assert spot_price_date("p5.48xlarge", "us-east-1") is None


@pytest.mark.parametrize(
    ("target", "instance_type", "term", "factor"),
    [
        ("ecs", "g5.48xlarge", "3y_partial_upfront", 0.4),
        ("ecs", "g6.xlarge", "1y_partial_upfront", None),
        ("ecs", "g5.xlarge", "1y_no_upfront", None),
        ("sagemaker", "ml.g5.xlarge", "1y_partial_upfront", None),
        ("runpod", "AMPERE_24", "1y_partial_upfront", None),
    ],
)
def test_a_commitment_is_known_or_none(target: str, instance_type: str, term: str, factor: float | None) -> None:
    """EC2's plans do not cover SageMaker, and RunPod publishes none; nothing is guessed from another family."""
    assert commitment_factor(target, instance_type, term) == factor


@pytest.mark.parametrize(
    ("instance_type", "region", "factor"),
    [
        ("g5.xlarge", "us-east-1", 0.3),
        ("g6.2xlarge", "us-east-1", (0.3785 / 0.8048 + 0.9619 / 2.0144 + 1.9626 / 4.6016) / 3),
        ("g6.2xlarge", "eu-west-1", None),
        ("p5.48xlarge", "us-east-1", None),
    ],
)
def test_a_spot_factor_is_its_own_or_its_familys(instance_type: str, region: str, factor: float | None) -> None:
    """In the same region; never that of another region or family."""
    assert spot_factor(instance_type, region) == (None if factor is None else pytest.approx(factor))


def test_machine_images_are_those_that_a_spec_may_choose() -> None:
    """The field of the spec lists the same names."""
    assert set(machine_images()) == set(get_args(InferenceAmi))


@pytest.mark.parametrize("family", ["g4dn", "g5", "g6", "g6e", "p4d", "p5", "p5en"])
def test_every_sagemaker_image_has_a_machine_image_that_carries_it(family: str) -> None:
    """CUDA 12 gets driver 550, CUDA 13 driver 580, and the driver is new enough for the engine."""
    for row in engine_images():
        if row.target == "sagemaker":
            found = machine_image_for(row.cuda, family)
            assert found is not None
            assert found.driver >= row.min_driver
    assert machine_image_for("11.8", family) is None


@pytest.mark.parametrize(
    ("look_up", "message"),
    [
        (
            lambda: usd_per_hour("g6.2xlrge", "us-east-1"),
            "aws_instances.csv has no 'g6.2xlrge'; did you mean g6.2xlarge?",
        ),
        (
            lambda: sagemaker_usd_per_hour("g6.2xlarge", "us-east-1"),
            "sagemaker_instances.csv has no 'g6.2xlarge'; did you mean ml.g6.2xlarge?",
        ),
        (
            lambda: sagemaker_regions("ml.zebra"),
            "sagemaker_instances.csv has no 'ml.zebra'; `berth catalogue list` shows what it has",
        ),
        (lambda: service_usd("alb_hours", "us-east-1"), "aws_services.csv has no 'alb_hours'; did you mean alb_hour?"),
        (lambda: usd_per_gpu_hour("AMPERE24"), "runpod_pools.csv has no 'AMPERE24'; did you mean AMPERE_24?"),
        (lambda: row_of(gpus(), "L44", "gpus"), "gpus.csv has no 'L44'; did you mean L4?"),
        (
            lambda: commitment_factor("ecs", "g5.xlarge", "1y-no-upfrnt"),
            "commitment '1y-no-upfrnt' is not a term of a Savings Plan; did you mean 1y_no_upfront?",
        ),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_nearest(look_up: Callable[[], object], message: str) -> None:
    """Table, name and the nearest one; a name that is like none says how to find out."""
    with pytest.raises(CatalogueError) as caught:
        look_up()
    assert str(caught.value) == message


def test_models_are_found_whatever_the_owner_and_refused_by_nobody() -> None:
    """A lookup that may find nothing returns None: the spec's error says what to do."""
    assert find_model("acme/own-8b") is None
    assert regions_offering("zebra") == []
