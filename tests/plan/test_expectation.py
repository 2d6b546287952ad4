"""What do load, schedule and scaling make of the bill of a month?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.catalogue.images import engine_image
from components.plan import UNBUILT, Plan, make_plan
from components.plan.draft import Request, draft, engine_of
from components.plan.ecs.market import ecs_market
from components.plan.expectation import expectation, on_demand_of
from components.spec import parse_spec

if TYPE_CHECKING:
    from components.cost import CostEstimate

Planner = "Callable[..., Plan]"

OFFICE = {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"}
AWAKE = 60 / 168 * 730
LATE = 5 / 168 * 730 / 6
"""Hours of a month in which an instance is paid for after one of 5 closings a week, ten minutes each."""
TWO_A10G = {"accelerators": ["A10G"], "load": {"requests_per_hour": 2200, "peak_concurrency": None}}
"""A load for which two of these replicas are expected."""
USD = 0.9776
"""Of an hour of a g6.2xlarge."""


def _gpu(plan: Plan, name: str = "GPU instances") -> tuple[float | None, float | None, float | None]:
    line = next(line for line in plan.cost.lines if line.name == name)
    return line.floor, line.expected, line.max


def _cents(usd: float) -> object:
    return pytest.approx(usd, abs=0.006)


def test_asleep_costs_no_gpu(llama: dict[str, Any], plan: Planner) -> None:
    """Floor and expected are 1 and 2 replicas in 260.7 hours; the maximum is 3 all month, as if it never slept.

    ECS gives an instance back up to ten minutes after each of 21.7 closings.
    """
    assert _gpu(plan(llama, {"schedule": OFFICE})) == (
        _cents((AWAKE + LATE) * USD),
        _cents(2 * (AWAKE + LATE) * USD),
        _cents(3 * 730 * USD),
    )


def test_what_nobody_wakes_has_a_floor_without_a_gpu(llama: dict[str, Any], plan: Planner) -> None:
    """`start: manual`: the expectation is that somebody wakes it in each window."""
    made = plan(llama, {"schedule": {**OFFICE, "start": "manual"}})
    assert _gpu(made) == (0.0, _cents(2 * (AWAKE + LATE) * USD), _cents(3 * 730 * USD))
    assert made.cost.floor < plan(llama, {"schedule": OFFICE}).cost.floor


def test_a_schedule_that_never_opens_costs_no_gpu_and_answers_nothing(llama: dict[str, Any], plan: Planner) -> None:
    """No token, so no price of one, and nothing to compare with an API."""
    made = plan(llama, {"schedule": {"hours": "never"}})
    assert _gpu(made)[:2] == (0.0, 0.0)
    assert (made.cost.usd_per_million_tokens, made.apis) == (None, None)


def test_parked_costs_what_is_not_a_gpu(llama: dict[str, Any], plan: Planner) -> None:
    """In all three amounts the same."""
    made = plan(llama, {"power": "off"})
    assert _gpu(made) == (0.0, 0.0, 0.0)
    assert made.cost.floor == made.cost.expected == pytest.approx(made.cost.max, abs=6)
    assert made.apis is None


def test_replicas_follow_the_hours_of_the_load(llama: dict[str, Any], plan: Planner) -> None:
    """3 replicas in 60 hours of the week, 1 in the other 108; 2 go 5 times a week, a quarter of an hour late."""
    made = plan(llama, {"load": {"requests_per_hour": {"Mon-Fri 08:00-20:00": 3000, "otherwise": 200}}})
    assert _gpu(made)[1] == _cents(((3 * 60 + 108) / 168 * 730 + 2 * LATE * 1.5) * USD)
    text = next(text for text in made.cost.assumptions if text.startswith("the busiest hour"))
    assert text.startswith("the busiest hour, with 3,000 requests, needs ")
    lag = next(text for text in made.cost.assumptions if text.startswith("autoscaling follows the load late"))
    assert lag.endswith(
        "with 10m between additions and 10m between removals; what runs too long or comes too late is not counted"
    )


def test_starts_are_counted_from_load_and_schedule(llama: dict[str, Any], plan: Planner) -> None:
    """5 openings a week of 2 replicas, and 8 deployments of 2: 10 x 730 / 168 + 16 starts, each reads 16.06 GB of EFS.

    At the floor 5 openings of 1 replica; at most 60 deployments of 3 and 5 openings of 3.
    """
    openings = 5 * 730 / 168
    made = plan(llama, {"schedule": OFFICE})
    line = next(line for line in made.cost.lines if line.name == "EFS traffic")
    gb = made.model.checkpoint_gib * 1.073741824
    for amount, starts in (
        (line.floor, openings),
        (line.expected, 16 + 2 * openings),
        (line.max, 180 + 3 * openings),
    ):
        assert amount == _cents(gb * 0.03 * starts)
    assert line.basis == "16.1 GB of weights read at 22/59/245 starts"


def test_the_load_of_sleeping_hours_is_not_answered(llama: dict[str, Any], plan: Planner) -> None:
    """60 of 168 hours of a flat load: the tokens of the others are not counted, which is a warning."""
    always, office = plan(llama), plan(llama, {"schedule": OFFICE})
    assert always.apis is not None
    assert office.apis is not None
    assert office.apis.million_input_tokens == pytest.approx(always.apis.million_input_tokens * 60 / 168)
    notes = [note for note in office.notes if note.field == "load.requests_per_hour"]
    assert [(note.level, note.text) for note in notes] == [
        (
            "warning",
            (
                "64% of the requests come while the service sleeps: they are not answered, and the cost per million "
                "tokens does not count them"
            ),
        )
    ]
    assert not [note for note in always.notes if note.field == "load.requests_per_hour"]


def test_a_peak_below_what_is_in_flight_all_the_time_is_a_warning(llama: dict[str, Any], plan: Planner) -> None:
    """The busiest hour alone keeps more requests in flight than the peak that was declared."""
    notes = plan(llama, {"load": {"requests_per_hour": 9000, "peak_concurrency": 12}}).notes
    text = next(note.text for note in notes if note.text.startswith("12 is less than"))
    assert text.endswith(" s or more each on L4")
    assert not [note for note in plan(llama).notes if "is less than the" in note.text]


@pytest.mark.parametrize(
    ("count", "spot_percent", "on_demand"),
    [(1, 50, 1), (2, 50, 1), (3, 50, 2), (3, 100, 0), (3, 0, 3), (0, 50, 0), (10, 33, 7)],
)
def test_a_group_rounds_in_favour_of_on_demand(count: int, spot_percent: int, on_demand: int) -> None:
    """As an Auto Scaling group does."""
    assert on_demand_of(count, spot_percent) == on_demand


def test_spare_capacity_is_a_line_of_its_own(llama: dict[str, Any], plan: Planner) -> None:
    """Half of 1, 2 and 3 replicas of A10G: 1, 1 and 2 on demand, 0, 1 and 1 spare at the catalogue's factor.

    A spot price may rise to that on demand, which is the maximum.
    """
    made = plan(llama, {**TWO_A10G, "pricing": {"spot_percent": 50}})
    price = made.hardware.usd_per_hour
    assert _gpu(made) == (_cents(730 * price), _cents(730 * price), _cents(2 * 730 * price))
    floor, expected, most = _gpu(made, "GPU spot")
    assert floor == 0.0
    assert 0 < expected < 730 * price
    assert most == _cents(730 * price)
    assert made.cost.expected < plan(llama, TWO_A10G).cost.expected


def test_nothing_is_on_demand_where_all_is_spare(llama: dict[str, Any], plan: Planner) -> None:
    """The line of the other way of paying is left out."""
    made = plan(llama, {"accelerators": ["A10G"], "pricing": {"spot_percent": 100}})
    assert [line.name for line in made.cost.lines][:2] == ["GPU spot", "root volumes"]


def test_spare_instances_are_given_back_late_too(llama: dict[str, Any], plan: Planner) -> None:
    """All spare: 1 at the floor and 2 as expected, ten minutes after each of 21.7 closings."""
    spot = {"accelerators": ["A10G"], "pricing": {"spot_percent": 100}, "load": TWO_A10G["load"]}
    always, office = plan(llama, spot), plan(llama, {**spot, "schedule": OFFICE})
    hour = (_gpu(always, "GPU spot")[0] or 0) / 730
    floor, expected, _ = _gpu(office, "GPU spot")
    assert floor == pytest.approx((AWAKE + LATE) * hour, rel=1e-4)
    assert expected == pytest.approx(2 * (AWAKE + LATE) * hour, rel=1e-4)
    text = f"counted: {2 * LATE:,.0f} hours a month"
    assert any(assumption.endswith(text) for assumption in office.cost.assumptions)


def test_only_ecs_gives_instances_back_late(llama: dict[str, Any], plan: Planner) -> None:
    """An instance of SageMaker ends with its endpoint."""
    change = {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}
    made = plan(llama, {**change, "schedule": OFFICE, "scaling": {"max_replicas": 1}}, target="sagemaker")
    assert _gpu(made)[0] == _cents(AWAKE * (made.hardware.usd_per_hour or 0))


def test_the_first_start_is_in_no_month(llama: dict[str, Any], plan: Planner) -> None:
    """16.06 GB of weights written and read once, and with the image through the NAT gateway; parked there is none."""
    made = plan(llama)
    gb = made.model.checkpoint_gib * 1.073741824
    assert [(once.name, once.usd) for once in made.cost.one_off] == [
        ("EFS traffic", _cents(gb * 0.09)),
        ("NAT traffic", _cents((gb + engine_image("ecs", "vllm", None).compressed_gb) * 0.045)),
    ]
    assert plan(llama, {"power": "off"}).cost.one_off == ()
    on_sagemaker = {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}
    assert plan(llama, on_sagemaker, target="sagemaker").cost.one_off == ()


def test_a_volume_of_runpod_is_filled_once(llama: dict[str, Any], plan: Planner) -> None:
    """The download of 15 GiB at 100 MiB/s is paid for as a worker on L4; without a volume every start downloads."""
    change = {"runpod": {"token_secret": "hf", "volume": {"size": "50GB", "data_center": "EU-RO-1"}}}
    filled = plan(llama, change, target="runpod").cost
    assert [(once.name, once.usd) for once in filled.one_off] == [("volume download", _cents(154 / 3600 * 0.684))]
    assert plan(llama, {"runpod": {"token_secret": "hf"}}, target="runpod").cost.one_off == ()
    assert plan(llama, {**change, "power": "off"}, target="runpod").cost.one_off == ()


@pytest.mark.parametrize(("scale", "replicas"), [(0.5, 1.0), (1.0, 2.0), (3.0, 3.0)])
def test_a_multiple_of_the_load_has_its_own_replicas(llama: dict[str, Any], scale: float, replicas: float) -> None:
    """600, 1,200 and 3,600 requests an hour on replicas of about 1,195, of which there may be 3.

    The week that a plan shows is that of the declared load alone.
    """
    spec = parse_spec(llama, "chat.yaml")
    request = Request(
        spec=spec,
        target="ecs",
        stack="dev",
        region="us-east-1",
        images=UNBUILT,
        today=date(2026, 11, 21),
        tags={},
        engine=engine_of(spec, "ecs"),
    )
    made = draft(request, ecs_market("us-east-1"))
    assert made.wanted is not None
    found = expectation(made, start_seconds=60, scale=scale)
    assert found.usage.replicas == (1.0, replicas, 3)
    assert found.usage.traffic is not None
    most = 3 * made.wanted.per_replica.expected
    assert found.usage.traffic.requests == pytest.approx(730 * min(1200 * scale, most))
    assert found.week.replicas == ((2.0,) * 168 if scale == 1 else None)


def test_a_commitment_is_for_the_fewest_replicas_and_never_sleeps(llama: dict[str, Any], plan: Planner) -> None:
    """One A10G at 0.6 of its price for all 730 hours; the second replica on demand, in the awake hours."""
    change = {**TWO_A10G, "schedule": OFFICE, "pricing": {"commitment": "1y_partial_upfront"}}
    made = plan(llama, change)
    price = made.hardware.usd_per_hour
    assert _gpu(made, "GPU committed") == (_cents(0.6 * 730 * price),) * 3
    assert _gpu(made) == (0.0, _cents((AWAKE + LATE) * price), _cents(2 * 730 * price))
    warning = next(note for note in made.notes if note.field == "pricing.commitment" and note.level == "warning")
    assert warning.text.startswith("1y_partial_upfront is paid for in the 64% of the hours in which the service sleeps")


def test_a_discount_that_nobody_publishes_is_unknown(llama: dict[str, Any], plan: Planner) -> None:
    """L4 instances have no published rate of a Savings Plan: the totals are open, and the estimate says why."""
    made = plan(llama, {"pricing": {"commitment": "1y_partial_upfront"}})
    assert made.cost.expected is None
    assert made.cost.unknowns == ("price of g6.2xlarge under 1y_partial_upfront",)
    assert made.apis.verdict == "no verdict: what the own deployment costs is unknown"


def test_break_even_is_where_the_least_deployment_costs_what_the_api_does(llama: dict[str, Any], plan: Planner) -> None:
    """One replica, always: its expected month over gpt-4o's price of a million tokens of this mix, 3.75 USD."""
    made = plan(llama, {"scaling": {"max_replicas": 1}, "load": {"requests_per_hour": 300}})
    row = next(row for row in made.apis.rows if row.model == "gpt-4o")
    assert row.usd_per_million_tokens == 3.75
    assert row.break_even_million_tokens == pytest.approx(made.cost.expected / 3.75, rel=0.001)
    again = plan(
        llama,
        {
            "scaling": {"max_replicas": 1},
            "load": {"requests_per_hour": row.break_even_million_tokens * 1e6 / 1800 / 730},
        },
    )
    there = next(one for one in again.apis.rows if one.model == "gpt-4o")
    assert there.usd_per_month == pytest.approx(again.cost.expected, rel=0.001)


def test_on_runpod_break_even_counts_that_idle_workers_cost_nothing(llama: dict[str, Any], plan: Planner) -> None:
    """Scaled to zero the own month shrinks with the load, and still crosses the API's where both are equal."""
    change = {
        "scaling": {"min_replicas": 0, "metric": "queue_wait", "target": 4},
        "accelerators": ["L4"],
        "runpod": {"token_secret": "huggingface_token"},
    }
    made = plan(llama, change, target="runpod")
    assert made.apis is not None
    row = next(row for row in made.apis.rows if row.model == "gpt-4o")
    assert row.break_even_million_tokens is not None
    at = {"requests_per_hour": row.break_even_million_tokens * 1e6 / 1800 / 730, "peak_concurrency": None}
    there = plan(llama, {**change, "load": at}, target="runpod")
    assert there.apis is not None
    api = next(one for one in there.apis.rows if one.model == "gpt-4o")
    assert api.usd_per_month == pytest.approx(there.cost.expected, rel=0.1)


def test_a_fine_tune_is_not_compared_as_if_it_were_hosted(llama: dict[str, Any], plan: Planner) -> None:
    """Weights from a bucket may be anybody's own: the comparison names the base model."""
    made = plan(llama, {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}})
    assert " for the base model at " in made.apis.verdict
    assert any("no fine-tune of it" in caveat for caveat in made.apis.caveats)


WINDOWS = st.sampled_from(["Mon-Fri 08:00-20:00", "Sat/Sun 22:00-02:00", "Daily 06:30-07:45"])
SCHEDULES = st.sampled_from(
    [
        None,
        {"hours": "always"},
        {"hours": "never"},
        {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"},
        {"hours": "Daily 23:30-00:15 Asia/Kolkata", "start": "manual"},
    ]
)
LOADS = st.one_of(
    st.none(),
    st.floats(0.01, 50_000),
    st.dictionaries(WINDOWS, st.floats(0.5, 20_000), min_size=1, max_size=1),
    st.dictionaries(WINDOWS, st.floats(0.5, 20_000), min_size=1, max_size=1).map(lambda load: {**load, "otherwise": 3}),
)


def _spec(load: Any, schedule: Any, least: int, span: int, pricing: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "chat",
        "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192},
        "accelerators": ["A10G"],
        "load": None if load is None else {"requests_per_hour": load, "input_tokens": 1500, "output_tokens": 300},
        "schedule": schedule,
        "scaling": {"min_replicas": least, "max_replicas": max(1, least + span)},
        **({"pricing": pricing} if pricing else {}),
    }


def _priced(spec: dict[str, Any], target: Any) -> CostEstimate:
    return make_plan(
        parse_spec(spec, "chat.yaml"),
        target=target,
        stack="dev",
        region="us-east-1",
        images=UNBUILT,
        today=date(2026, 11, 21),
    ).cost


def _faults(cost: CostEstimate) -> list[str]:
    """Return what does not add up: an amount above the next one, in a line or in total, or a total that is no sum."""
    totals = {name: getattr(cost, name) for name in ("floor", "expected", "max")}
    rows = {"total": totals, **{row.name: {name: getattr(row, name) for name in totals} for row in cost.lines}}
    known = {name: [usd for usd in amounts.values() if usd is not None] for name, amounts in rows.items()}
    faults = [f"{name}: {amounts}" for name, amounts in known.items() if amounts != sorted(amounts)]
    sums = {name: round(sum(getattr(line, name) or 0 for line in cost.lines), 2) for name in totals}
    return faults + [
        f"{name}: {total} is not {sums[name]}" for name, total in totals.items() if total not in (None, sums[name])
    ]


@settings(max_examples=60, deadline=None)
@given(
    LOADS,
    SCHEDULES,
    st.integers(1, 3),
    st.integers(0, 4),
    st.fixed_dictionaries(
        {
            "spot_percent": st.integers(0, 100),
            "commitment": st.sampled_from(["on_demand", "1y_partial_upfront", "3y_partial_upfront"]),
        }
    ),
)
def test_on_ecs_every_amount_is_between_floor_and_maximum(
    load: Any, schedule: Any, least: int, span: int, pricing: dict[str, Any]
) -> None:
    """Whatever week is declared, and however it is paid for."""
    assert _faults(_priced(_spec(load, schedule, least, span, pricing), "ecs")) == []


@settings(max_examples=40, deadline=None)
@given(LOADS, SCHEDULES, st.integers(1, 3), st.integers(0, 4))
def test_on_sagemaker_every_amount_is_between_floor_and_maximum(
    load: Any, schedule: Any, least: int, span: int
) -> None:
    """As on ECS."""
    spec = {**_spec(load, schedule, least, span, {}), "engine": {"kind": "vllm"}}
    assert _faults(_priced(spec, "sagemaker")) == []


@settings(max_examples=40, deadline=None)
@given(LOADS, SCHEDULES, st.integers(0, 3), st.integers(0, 4))
def test_on_runpod_every_amount_is_between_floor_and_maximum(load: Any, schedule: Any, least: int, span: int) -> None:
    """With workers that come and go, on several pools."""
    spec = {**_spec(load, schedule, least, span, {}), "accelerators": ["L4", "L40S"]}
    assert _faults(_priced(spec, "runpod")) == []
