"""Does the keeper keep a year? Its own code on platforms in memory, judged by a clock on the wall."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from components.errors import PlanError
from components.plan import UNBUILT, make_plan
from components.simulate.events import Deployment, Events, Kind, Trouble, usual
from components.simulate.judge import judged
from components.simulate.make import Question, simulated
from components.simulate.platforms.ecs import Ecs
from components.simulate.platforms.runpod import Runpod
from components.simulate.platforms.sagemaker import Sagemaker
from components.simulate.platforms.service import World
from components.simulate.record import Record, Standing
from components.simulate.result import parked_minutes
from components.simulate.run import Simulation
from components.simulate.span import Span
from components.simulate.text import result_text
from components.simulate.traffic import Trace, no_traffic
from components.spec import parse_spec
from tests.keeper.situation import at, awake_order, budget, config, sleep_order

PLATFORMS = {"ecs": Ecs, "sagemaker": Sagemaker, "runpod": Runpod}
WEEK = Span(at("2027-03-22 00:00"), 9 * 1440, "Europe/Berlin")
"""Over the night on which Berlin's clocks go forward, 28 March."""


def kept(target, *, events=None, trace=None, span=WEEK, **settings):
    """Simulate a span; return the record, the verdict and the year."""
    events, trace = events or Events(), trace or no_traffic(span)
    one = config(target=target, **settings)
    platform = PLATFORMS[target](World(span.start, trace, events), one, is_awake=False)
    asks = target != "runpod"
    year = Simulation(one, span, trace, events, platform, replicas=lambda _: 1, requests_wake=asks).run()
    verdict = judged(
        one,
        span,
        trace,
        events.orders,
        platform.record.minutes(span),
        parked=parked_minutes(one, span, platform.record, events),
        requests_wake=asks,
        starts_by_itself=target == "runpod",
    )
    return platform.record, verdict, year


def busy(span, *instants):
    """Return a trace with a request in each of these minutes."""
    minutes = bytearray(span.minutes)
    for instant in instants:
        minutes[span.minute(at(instant))] = 1
    return Trace(span, bytes(minutes))


@pytest.mark.parametrize("target", PLATFORMS)
def test_office_hours_over_a_change_of_the_clock(target):
    """Seven working days of twelve hours; the first start of each takes seven minutes, and nothing is wrong."""
    record, verdict, year = kept(target)
    assert verdict.expected.count(1) == 7 * 720
    assert (verdict.wrongly_awake_minutes, verdict.wrongly_asleep_minutes) == (0, 0)
    assert verdict.starting_minutes == 7 * 7
    assert verdict.awake_minutes == 7 * 713
    assert year.problems == 0
    first: dict[int, datetime] = {}
    for instant, standing in record.changes:
        if standing.is_serving:
            first.setdefault(instant.day, instant)
    assert (first[26], first[29]) == (at("2027-03-26 07:07"), at("2027-03-29 06:07"))


@pytest.mark.parametrize("target", PLATFORMS)
@pytest.mark.parametrize("kind", list(Kind))
def test_a_failure_at_an_edge_is_made_up_for_when_it_is_over(target, kind):
    """On the evening of the 24th, for an hour and five minutes; no failure keeps a GPU running for a night."""
    trouble = Trouble(kind, at("2027-03-24 18:55"), at("2027-03-24 20:00"))
    record, verdict, _ = kept(target, events=Events(troubles=(trouble,)))
    late = kind in (Kind.REFUSED, Kind.SILENCE)
    assert verdict.wrongly_awake_minutes == (60 if late else 0)
    assert verdict.wrongly_asleep_minutes == 0
    night = record.hours(at("2027-03-24 20:15"), at("2027-03-25 07:00"))
    assert night == 0


@pytest.mark.parametrize("target", PLATFORMS)
def test_a_start_that_fails_is_tried_until_it_succeeds(target):
    """Capacity is short from the opening to 8:40 local time; SageMaker goes to its second kind at once."""
    trouble = Trouble(Kind.SHORTAGE, at("2027-03-24 06:50"), at("2027-03-24 07:40"))
    two = {"g6.2xlarge": 1.0, "g6e.xlarge": 2.0}
    record, verdict, year = kept(target, events=Events(troubles=(trouble,)), usd_per_hour=two)
    first = next(
        instant for instant, standing in record.changes if standing.is_serving and instant > at("2027-03-24 06:00")
    )
    assert first < at("2027-03-24 07:50")
    assert (first < trouble.until) == (target == "sagemaker")
    assert verdict.wrongly_awake_minutes == 0
    assert [notice.kind for notice in year.memory.notices] == ["failed"]


def test_an_idle_service_sleeps_and_a_request_wakes_it():
    """The last request at 10:00 UTC, the next at 14:00: asleep from 10:40 at the latest until then."""
    trace = busy(WEEK, "2027-03-24 07:30", "2027-03-24 10:00", "2027-03-24 14:00")
    record, verdict, _ = kept("ecs", trace=trace, idle_seconds=1800)
    day = [(instant, one.is_serving) for instant, one in record.changes if instant.day == 24]
    turns = [day[0], *(now for before, now in pairwise(day) if before[1] != now[1])]
    assert [(f"{instant:%H:%M}", serves) for instant, serves in turns if serves or instant.hour != 0] == [
        ("07:00", False),
        ("07:07", True),
        ("08:10", False),
        ("10:07", True),
        ("10:40", False),
        ("14:07", True),
        ("14:40", False),
    ]
    assert verdict.wrongly_asleep_minutes == 0
    assert verdict.wrongly_awake_minutes < 10 * 12


def test_orders_by_hand():
    """An evening of three hours, and an afternoon off until the next morning."""
    orders = (awake_order("2027-03-24 20:00", "2027-03-24 23:00"), sleep_order("2027-03-25 12:00"))
    record, verdict, _ = kept("ecs", events=Events(orders=orders))
    assert verdict.expected.count(1) == 7 * 720 + 180 - 7 * 60
    assert (verdict.wrongly_awake_minutes, verdict.wrongly_asleep_minutes) == (0, 0)
    assert record.hours(at("2027-03-25 12:12"), at("2027-03-26 07:00")) == 0


def test_a_spent_budget_parks_for_the_rest_of_the_month():
    """20 USD are spent within the second day, half an hour later the service sleeps until April."""
    record, verdict, year = kept("ecs", budget=budget(monthly_usd=20.0))
    parked = record.changes[-1][0]
    assert timedelta() < parked - at("2027-03-23 15:00") < timedelta(hours=1)
    assert record.hours(parked, WEEK.end) == 0
    assert [notice.kind for notice in year.memory.notices] == ["budget", "parked"]
    assert verdict.wrongly_awake_minutes < 30


def test_the_meter_agrees_with_the_bill():
    """Within a hundredth, over a month of starts and stops."""
    span = Span(at("2027-03-01 00:00"), 31 * 1440, "Europe/Berlin")
    record, _, year = kept("ecs", span=span, fixed_usd_per_hour=0.1)
    bill = record.usd({"g6.2xlarge": 1.0}, span.start, span.end) + 744 * 0.1
    assert year.metered["2027-03"] == pytest.approx(bill, rel=0.01)


def test_a_deployment_at_night_wakes_nothing():
    """It allows one replica more, and changes the configurations of an endpoint."""
    for target in PLATFORMS:
        changed = config(target=target, max_replicas=5)
        night = Deployment(at("2027-03-24 23:17"), changed)
        record, verdict, _ = kept(target, events=Events(deployments=(night,)))
        assert record.hours(at("2027-03-24 20:00"), at("2027-03-25 07:00")) == 0
        assert verdict.wrongly_awake_minutes == 0


SPEC = {
    "name": "chat",
    "model": {"id": "Qwen/Qwen3-8B", "max_context_tokens": 8192},
    "accelerators": ["L4"],
    "load": {"requests_per_hour": {"Mon-Fri 09:00-18:00": 60}, "input_tokens": 1000, "output_tokens": 300},
    "schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin", "holidays": ["2027-05-01"]},
    "scaling": {"min_replicas": 1, "max_replicas": 2},
}


def planned(**changes):
    """Return the plan of a service with office hours."""
    spec = parse_spec({**SPEC, **changes}, "chat.yaml", environment="dev")
    return make_plan(
        spec, target="sagemaker", stack="dev", region="us-east-1", images=UNBUILT, today=date(2026, 11, 21)
    )


def test_a_whole_quiet_year():
    """261 working days in 2027, of which the holiday is a Saturday; both nights on which the clocks change."""
    result = simulated(planned(), Question(2027, is_eventful=False))
    assert result.verdict.expected.count(1) == 261 * 720
    assert result.verdict.wrongly_awake_minutes == 0
    assert result.verdict.wrongly_asleep_minutes == 0
    assert result.runs > 261 * 72
    assert sum(month.replica_hours for month in result.months) == pytest.approx(261 * 12, abs=0.01)
    figures = result.to_dict()
    assert (figures["hours"], figures["runs_with_a_problem"], len(figures["months"])) == (8760.0, 0, 12)
    lines = result_text(result).splitlines()
    assert lines[0] == (
        "chat on sagemaker in us-east-1, 2027-01-01 00:00 to 2028-01-01 00:00 UTC: Mon-Fri 08:00-20:00 Europe/Berlin;"
        " not on 2027-05-01"
    )
    assert lines[3].startswith("MONTH     SHOULD H  AWAKE H  BILLED H")
    assert "wrong           0 min awake that should be asleep, 0 min asleep that should be awake" in lines


def test_what_nothing_keeps_cannot_be_simulated():
    """Each of its years is the same."""
    with pytest.raises(PlanError) as error:
        simulated(planned(schedule=None), Question(2027))
    assert str(error.value) == (
        "chat: nothing keeps it, so each year is the same; add schedule, idle or budget to the spec"
    )


def test_the_bill_of_a_record():
    """Two replicas for a quarter of an hour, and one for the next."""
    record = Record()
    record.put(at("2027-03-24 08:00"), Standing(running={"a": 2}))
    record.put(at("2027-03-24 08:15"), Standing(running={"a": 1}))
    record.put(at("2027-03-24 08:30"), Standing())
    assert record.usd({"a": 4.0}, at("2027-03-24 00:00"), at("2027-03-25 00:00")) == pytest.approx(3.0)
    assert record.hours(at("2027-03-24 08:10"), at("2027-03-24 08:20")) == pytest.approx(0.25)
    minutes = record.minutes(WEEK)
    assert minutes.billed.count(1) == 30


def test_the_same_question_has_the_same_answer():
    """Chance has a seed; every eleventh day brings something of each kind."""
    span = Span.of_year(2027, "Europe/Berlin")
    events = usual(span, config(), 3)
    assert events == usual(span, config(), 3)
    assert events != usual(span, config(), 4)
    assert (len(events.orders), len(events.troubles), len(events.deployments)) == (33, 33, 33)
    assert {trouble.kind for trouble in events.troubles} == set(Kind)
