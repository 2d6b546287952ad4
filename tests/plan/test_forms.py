from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

import components.catalogue
import components.cost
import components.plan
import components.sizing
import components.spec
from components.plan import plan_dict
from components.plan.text import WIDTH, plan_text

Planner = "Callable[..., Plan]"
PACKAGES = (components.catalogue, components.cost, components.plan, components.sizing, components.spec)
MODULES = sorted(
    ["components.errors"]
    + [found.name for package in PACKAGES for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    """Each doctest of a pure module passes."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_dictionary_of_a_plan_is_json_with_sorted_keys(llama: dict[str, Any], plan: Planner) -> None:
    """The canonical form can be written, read and compared."""
    data = plan_dict(plan(llama))
    assert json.loads(json.dumps(data)) == data
    assert json.dumps(data) == json.dumps(plan_dict(plan(llama)))
    for group in ("ecs", "engine", "hardware", "model"):
        assert list(data[group]) == sorted(data[group])
    assert data["hardware"]["instance_type"] == "g6.2xlarge"
    assert data["cost"]["priceTableDate"] == "2026-07-06"


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"accelerators": "auto", "model": {"max_context_tokens": None}},
        {"scaling": {"min_replicas": 3}, "network": {"exposure": "internal"}},
    ],
)
def test_the_text_is_at_most_100_columns_wide(llama: dict[str, Any], plan: Planner, spec: dict[str, Any]) -> None:
    """Every line fits a terminal of 100 columns, without trailing spaces."""
    lines = plan_text(plan(llama, spec)).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_text_says_what_was_decided(llama: dict[str, Any], plan: Planner) -> None:
    """Model, hardware with reason, memory that adds up, context, scaling, start and cost are on the page."""
    text = plan_text(plan(llama))
    for line in (
        "llama-3-1-8b on ecs in us-east-1 (stack local, environment dev)",
        "Hardware    g6.2xlarge, 1 x L4 for a replica, 8 vCPUs, 32 GiB, 0.9776 USD per hour",
        "  usable       22.35",
        "  budget       20.12   90% of it",
        "  - weights    14.96",
        "  - runtime     1.50   CUDA, activations, graphs",
        "  = cache       3.66   keys and values of 29,966 tokens, 128 KiB each",
        "Context     16,384 tokens, prompt and answer, leave 1 GiB or more to spare; the cache holds 1.8",
        "Replicas    1 to 3, aiming at 8 requests in flight each; 10m between additions, 10m between removals",
        "Scaling     the alarm that adds a replica takes 1m to 3m to see the load, then a cold start follows",
        "Host        loading takes 20.6 GiB of memory, of 29.0 that the engine may use",
        "            root volume: 59 GB needed, of 107, for the image, twice during a deployment",
        "  total                        4m11s     7m13s    13m26s   given up after 17m",
        "  + download                     39s     2m34s    10m13s   15.0 GiB from the Hub to EFS at 100 MiB/s",
        "  GPU instances            713.65   1,427.30   2,140.94   g6.2xlarge on demand, one per replica",
        "  total                    796.95   1,550.17   2,448.65   prices of 2026-07-06",
        "One-off, in the first month, USD",
        "  EFS traffic                1.45   16.1 GB of weights written, and read by 1 replica",
        "  0.98 USD per million tokens, in and out, at the expected load",
        "Against APIs, at 1,576.8 million tokens a month (1,314.0 in, 262.8 out)",
        "  A10G g5.2xlarge: 16,384 tokens of context, 1.2120 USD per hour",
    ):
        assert line in text.splitlines()


def test_unknown_prices_are_written_as_unknown(llama: dict[str, Any], plan: Planner) -> None:
    """No zero stands where a price is not known."""
    text = plan_text(plan(llama, region="eu-west-2"))
    assert "price unknown" in text
    assert "  total                   unknown    unknown    unknown   prices of 2026-07-06" in text.splitlines()
    assert "  unknown: price of g6.2xlarge in eu-west-2" in text.splitlines()


def test_planning_imports_no_heavy_sdk() -> None:
    """A plan needs neither Pulumi nor boto3 nor the network."""
    code = (
        "import sys, components.plan, components.spec, components.plan.text; "
        "print(sorted({'pulumi', 'pulumi_aws', 'boto3', 'botocore', 'ssl', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("context", "line"),
    [
        (16384, "16,384 tokens, prompt and answer, leave 1 GiB or more to spare; the cache holds 1.8"),
        (28000, "28,000 tokens, prompt and answer, marginal: see the warning below; the cache holds 1.1"),
    ],
)
def test_the_page_says_why_this_gpu_and_how_safely_the_model_fits(
    llama: dict[str, Any], plan: Planner, context: int, line: str
) -> None:
    """The reason stands under the hardware, what is left beside the context."""
    lines = plan_text(plan(llama, {"accelerators": ["L4"], "model": {"max_context_tokens": context}})).splitlines()
    assert "            as the spec asks" in lines
    assert f"Context     {line}" in lines


def test_a_fixed_number_of_replicas_shows_no_scaling(llama: dict[str, Any], plan: Planner) -> None:
    """Nothing scales between 2 and 2."""
    text = plan_text(plan(llama, {"scaling": {"min_replicas": 2, "max_replicas": 2}}))
    assert "Replicas    2, always" in text.splitlines()
