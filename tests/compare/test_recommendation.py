"""The cheapest target that honours everything is recommended, with the facts that would change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.compare.comparison import AtLoad, Column
from components.compare.recommendation import recommended
from components.compare.traffic import Traffic
from components.plan.model import Note
from tests.compare.conftest import Compared

KEYS = Note("info", "gateway.keys_secret", "not used")
TRAFFICS = (
    Traffic("a third", 400, 1500, 300),
    Traffic("as declared", 1200, 1500, 300),
    Traffic("three times", 3600, 1500, 300),
)


def _at(usd: tuple[float | None, ...], served: tuple[float, ...]) -> tuple[AtLoad, ...]:
    return tuple(
        AtLoad(traffic, amount, None, 1.0, share, "g6.2xlarge")
        for traffic, amount, share in zip(TRAFFICS, usd, served, strict=True)
    )


@pytest.fixture
def columns(qwen: dict[str, Any], compared: Compared) -> dict[str, Column]:
    """Three targets that hold every load and honour everything: 100, 200 and 300 USD at the expected load."""
    amounts = {"ecs": (80.0, 100.0, 300.0), "sagemaker": (150.0, 200.0, 350.0), "runpod": (250.0, 300.0, 400.0)}
    return {
        column.target: replace(column, unhonoured=(), at_loads=_at(amounts[column.target], (1.0, 1.0, 1.0)))
        for column in compared(qwen).columns
    }


def test_the_cheapest_that_honours_everything_is_recommended(columns: dict[str, Column]) -> None:
    """All three do: the lowest amount at the expected load, and nothing would change it."""
    found = recommended(list(columns.values()))
    assert found.target == "ecs"
    assert found.text == "ECS, 100 USD a month at the expected load: the cheapest that honours all of this spec"
    assert found.changes == ()


def test_a_cheaper_one_that_leaves_something_out_is_named_with_what(columns: dict[str, Column]) -> None:
    """200 is recommended; 100 is for who can do without keys."""
    columns["ecs"] = replace(columns["ecs"], unhonoured=(KEYS,))
    found = recommended(list(columns.values()))
    assert found.target == "sagemaker"
    assert found.changes == ("ECS is 100 USD a month (50%) cheaper for who can do without gateway.keys_secret",)


def test_when_none_honours_everything_the_cheapest_says_what_it_leaves_out(columns: dict[str, Column]) -> None:
    """Better a known gap than no answer."""
    found = recommended([replace(column, unhonoured=(KEYS,)) for column in columns.values()])
    assert found.target == "ecs"
    assert found.text.endswith("no target honours all of this spec, and it leaves out gateway.keys_secret")


def test_a_target_that_does_not_hold_the_load_is_not_recommended(columns: dict[str, Column]) -> None:
    """The cheapest serves 60% of the expected load: its price is no price for the load."""
    columns["ecs"] = replace(columns["ecs"], at_loads=_at((80.0, 100.0, 100.0), (1.0, 0.6, 0.2)))
    found = recommended(list(columns.values()))
    assert found.target == "sagemaker"
    assert found.changes == ("at 400 requests per hour ECS is the cheapest: 80 USD a month",)


def test_the_only_one_that_holds_the_load_is_not_called_the_only_one_that_honours_the_spec(
    columns: dict[str, Column],
) -> None:
    """All three honour it; two of them are too small."""
    for target in ("ecs", "runpod"):
        columns[target] = replace(columns[target], at_loads=_at((80.0, 100.0, 100.0), (1.0, 0.6, 0.2)))
    assert recommended(list(columns.values())).text.endswith(
        "the only one that honours all of this spec and holds the load"
    )


def test_another_winner_at_another_load_is_named(columns: dict[str, Column]) -> None:
    """Three times the load is cheaper on RunPod."""
    columns["runpod"] = replace(columns["runpod"], at_loads=_at((250.0, 300.0, 290.0), (1.0, 1.0, 1.0)))
    assert recommended(list(columns.values())).changes == (
        "at 3,600 requests per hour RunPod is the cheapest: 290 USD a month",
    )


def test_a_load_that_only_a_lesser_target_holds_is_named(columns: dict[str, Column]) -> None:
    """The recommended one, and all that honour as much, are too small there."""
    small = {
        name: replace(column, at_loads=_at((80.0, 100.0, 100.0), (1.0, 1.0, 0.5))) for name, column in columns.items()
    }
    small["runpod"] = replace(columns["runpod"], unhonoured=(KEYS,))
    [change] = recommended(list(small.values())).changes
    assert change == (
        "at 3,600 requests per hour ECS needs more than scaling.max_replicas 2; RunPod holds the load, 400 USD a "
        "month, and leaves out gateway.keys_secret"
    )


def test_a_load_that_nobody_holds_asks_for_more_replicas(columns: dict[str, Column]) -> None:
    """With the number that the spec has."""
    small = [replace(column, at_loads=_at((80.0, 100.0, 100.0), (1.0, 1.0, 0.5))) for column in columns.values()]
    assert recommended(small).changes == (
        "at 3,600 requests per hour no target holds the load with scaling.max_replicas 2: raise it",
    )


def test_an_unknown_price_is_not_a_low_one(columns: dict[str, Column]) -> None:
    """Unknown is never zero: the target is named, and not recommended."""
    columns["ecs"] = replace(columns["ecs"], at_loads=_at((None, None, None), (1.0, 1.0, 1.0)))
    found = recommended(list(columns.values()))
    assert found.target == "sagemaker"
    assert found.changes == ("ECS has no known price at the expected load",)


def test_a_refused_target_is_named(columns: dict[str, Column]) -> None:
    """The comparison lacks it until the spec is changed."""
    refused = Column("runpod", (), None, ("chat: model.source: s3 is not possible on RunPod",))
    found = recommended([columns["ecs"], columns["sagemaker"], refused])
    assert found.changes == ("RunPod refuses the spec as it is; its reasons are below",)


def test_where_no_load_is_held_nothing_is_recommended(columns: dict[str, Column]) -> None:
    """No target is known to serve the expected load."""
    small = [replace(column, at_loads=_at((80.0, 100.0, 100.0), (0.9, 0.8, 0.5))) for column in columns.values()]
    found = recommended(small)
    assert (found.target, found.changes) == (None, ())
