"""Self-host or API: the guide's conditions measured on a spec, the bill, and where the two verdicts differ."""

from __future__ import annotations

from typing import Any

import pytest

from components.compare.advice import Advice, ApiBill, Bill, Circumstances, Condition
from components.compare.advice_text import advice_dict, advice_markdown, advice_text, volume_line
from components.compare.advise import advise, verdict_of
from components.compare.curve import ApiLine, Reach, curves
from components.spec import parse_spec
from components.spec.document import merged
from tests.compare.conftest import TODAY, Compared, candidates

RANGE = Reach(100.0, 2)
SHAPE = {
    "parameters_b": 8.0,
    "layers": 32,
    "hidden": 4096,
    "intermediate": 14336,
    "heads": 32,
    "kv_heads": 8,
    "vocab": 128256,
    "max_context_tokens": 131072,
}


def _advice(spec: dict[str, Any], compared: Compared, change: dict[str, Any] | None = None, **said: Any) -> Advice:
    changed = merged(spec, change or {})
    comparison = compared(changed)
    found = curves(comparison, candidates(changed), TODAY, RANGE)
    return advise(parse_spec(changed, "chat.yaml"), comparison, found, Circumstances(**said))


def _condition(advice: Advice, name: str) -> Condition:
    return next(one for one in advice.conditions if one.name == name)


def test_the_five_conditions_of_the_guide_are_measured(llama: dict[str, Any], compared: Compared) -> None:
    """1,200 requests of 1,800 tokens an hour are 51.8 million tokens a day: volume alone is met."""
    advice = _advice(llama, compared)
    assert [(one.name, one.is_met) for one in advice.conditions] == [
        ("monthly API spend", False),
        ("data sensitivity", False),
        ("latency", False),
        ("custom model", False),
        ("volume", True),
    ]
    assert _condition(advice, "volume").has == "51.8M tokens a day"
    assert _condition(advice, "volume").asks == "more than 5M tokens a day"
    assert (advice.met, advice.guide_verdict) == (1, "api")


def test_a_hosted_copy_of_a_small_model_is_far_cheaper(llama: dict[str, Any], compared: Compared) -> None:
    """The bill is made with the cheapest copy of the same model, not with a dear API of another one."""
    advice = _advice(llama, compared)
    assert advice.verdict == "api"
    rival = advice.bill.rival
    assert rival is not None
    assert rival.name.startswith("this model at ")
    assert advice.bill.own_usd_per_month is not None
    assert rival.usd_per_month * 10 < advice.bill.own_usd_per_month
    assert [api.name for api in advice.bill.apis][-1] == "gpt-4o"
    assert (rival.break_even, rival.break_even_with_operations) == (None, None)


def test_a_dear_api_is_undercut_from_some_load_on_and_people_move_it(llama: dict[str, Any], compared: Compared) -> None:
    """GPUs alone cross the line of gpt-4o early, with half an engineer later."""
    last = _advice(llama, compared).bill.apis[-1]
    assert last.break_even is not None
    assert last.break_even_with_operations is not None
    assert last.break_even * 3 < last.break_even_with_operations


def test_the_break_even_of_the_advice_is_that_of_the_plan(llama: dict[str, Any], compared: Compared) -> None:
    """On the target of the bill, not on the cheapest one: in tokens a month it is what `berth plan` prints there."""
    comparison = compared(llama)
    advice, plan = _advice(llama, compared), comparison.columns[0].plan
    assert plan is not None
    assert plan.apis is not None
    assert advice.bill.target == "ecs"
    printed = next(row.break_even_million_tokens for row in plan.apis.rows if row.model == "gpt-4o")
    rate = advice.bill.apis[-1].break_even
    assert rate is not None
    assert rate * 730 * 1800 / 1e6 == pytest.approx(printed, rel=0.01)


def test_own_gpus_are_priced_for_the_whole_load(llama: dict[str, Any], compared: Compared) -> None:
    """3 replicas hold 3% of 40,000 requests per hour: the bill is for as many as hold all, and says so."""
    advice = _advice(llama, compared, {"load": {"requests_per_hour": 40_000, "peak_concurrency": None}})
    assert advice.comparison.recommendation.target is None
    assert not advice.bill.within_limits
    assert advice.bill.own_usd_per_month is not None
    floors = [column.plan.cost.max for column in advice.comparison.planned if column.plan]
    assert all(usd is not None and advice.bill.own_usd_per_month > usd for usd in floors)
    assert "(with more replicas than scaling.max_replicas allows)" in advice.text


def test_an_api_that_is_dearer_at_every_load_is_not_called_without_break_even(
    llama: dict[str, Any], compared: Compared
) -> None:
    """From 300 requests per hour on, the least load looked at here, gpt-4o costs more than own GPUs do."""
    advice = _advice(llama, compared, {"load": {"requests_per_hour": 90_000, "peak_concurrency": None}})
    assert advice.bill.apis[-1].break_even == 0
    row = next(line for line in advice_text(advice).splitlines() if line.startswith("gpt-4o"))
    assert row.split()[2:4] == ["any", "load"]


def test_a_share_that_nobody_answers_changes_no_price_of_a_million_tokens(
    llama: dict[str, Any], compared: Compared
) -> None:
    """5M answered tokens a day cost an API the same with nights off; the spec's own volume is what is answered."""
    nights_off = {"schedule": {"hours": "Mon-Sun 08:00-20:00 Europe/Berlin"}}
    always, half = _advice(llama, compared), _advice(llama, compared, nights_off)
    paid = [_condition(one, "volume").remark.partition(", own GPUs")[0] for one in (always, half)]
    assert paid[0] == paid[1]
    assert _condition(half, "volume").has == "25.9M tokens a day"
    assert volume_line(half).endswith("; 50% of them come while it sleeps, and nobody answers those")


def test_two_conditions_make_the_rule_and_the_bill_disagree(llama: dict[str, Any], compared: Compared) -> None:
    """Volume and a goal below 100 ms: the guide says self-host, the bill does not, and the reason is given."""
    goal = {"slo": {"ttft_ms_p95": 90}, "load": {"input_tokens": 100}, "accelerators": ["L40S"]}
    advice = _advice(llama, compared, goal)
    assert [one.name for one in advice.conditions if one.is_met] == ["latency", "volume"]
    assert (advice.guide_verdict, advice.verdict) == ("self-host", "api")
    assert advice.reasons[0].startswith("the guide counts conditions (latency, volume)")
    assert "a hosted copy of this one is far cheaper" in advice.reasons[1]


def test_regulated_data_decide_whatever_the_bill_says(llama: dict[str, Any], compared: Compared) -> None:
    """Declared by the user; with the remark that an API in one's own account keeps them too."""
    advice = _advice(llama, compared, regulated=True)
    assert (advice.guide_verdict, advice.verdict) == ("self-host", "self-host")
    assert advice.text.startswith("data sensitivity decides, whatever the bill says")
    assert "RunPod is outside of every VPC" in _condition(advice, "data sensitivity").remark


def test_weights_of_ones_own_decide_too_and_one_condition_is_enough(compared: Compared) -> None:
    """A model that nobody hosts, at a small load: the rule says API, and no API could serve it."""
    own = {
        "name": "own",
        "model": {"id": "acme/own-8b", "shape": SHAPE},
        "load": {"requests_per_hour": 20, "input_tokens": 1500, "output_tokens": 300},
    }
    advice = _advice(own, compared)
    assert _condition(advice, "custom model").is_met
    assert (advice.met, advice.guide_verdict, advice.verdict) == (1, "api", "self-host")
    assert advice.reasons[-1] == "one condition that no price can outweigh is enough"


def test_published_weights_in_a_bucket_may_be_no_custom_model(llama: dict[str, Any], compared: Compared) -> None:
    """Gated weights have to be copied for SageMaker: then a hosted copy serves the same ones, and that is said."""
    in_s3 = {"model": {"source": "s3", "s3_uri": "s3://acme/weights/", "token_secret": None}}
    condition = _condition(_advice(llama, compared, in_s3), "custom model")
    assert condition.is_met
    assert condition.remark.startswith("where the bucket holds the published weights, ")


def test_what_is_paid_today_counts_instead_of_a_price_list(llama: dict[str, Any], compared: Compared) -> None:
    """6,000 USD a month to an API: the condition is met, with volume the second one."""
    advice = _advice(llama, compared, api_usd_per_month=6000.0)
    assert _condition(advice, "monthly API spend").has == "6,000 USD, as given"
    assert (advice.met, advice.guide_verdict) == (2, "self-host")


def test_people_count_in_the_bill(llama: dict[str, Any], compared: Compared) -> None:
    """Half an engineer at 12,000 by default; none when the user says none."""
    with_people, without = _advice(llama, compared), _advice(llama, compared, engineers=0.0)
    assert with_people.bill.operations_usd_per_month == 6000
    assert without.bill.own_with_operations == without.bill.own_usd_per_month


@pytest.mark.parametrize(
    ("people", "verdict", "text"),
    [
        (
            0.0,
            "self-host",
            "500 USD a month on ECS and 0 for the people who run it, against 730 for this model",
        ),
        (400.0, "api", "730 USD a month for this model at acme, against 500 USD a month on ECS and 400 for the people"),
    ],
)
def test_people_can_turn_the_verdict(people: float, verdict: str, text: str) -> None:
    """GPUs for 500 are cheaper than an API for 730, until who runs them costs 400."""
    rival = ApiBill(ApiLine("acme API", "this model at acme", 0.001), 730.0, None, None)
    found, said = verdict_of(Bill("ecs", 500.0, people, (rival,), has_hosted_copy=True), ())
    assert found == verdict
    assert said.startswith(text)


def test_thresholds_that_our_arithmetic_finds_wrong_are_named(llama: dict[str, Any], compared: Compared) -> None:
    """For this model neither 5M tokens a day nor 100,000 requests a month decide, and the spend depends on the API."""
    findings = _advice(llama, compared).findings
    assert findings[0].startswith("volume: 5M tokens a day decide nothing")
    assert findings[1].startswith("low volume: 100,000 requests a month are ")
    assert findings[1].endswith("the opposite of what guide B says")
    assert findings[2].startswith("monthly API spend: the same tokens cost ")


def test_a_spec_that_nobody_serves_has_a_verdict_too(qwen: dict[str, Any], compared: Compared) -> None:
    """Without a target there is nothing to host it on."""
    advice = _advice(qwen, compared, {"accelerators": ["T4"]})
    assert (advice.verdict, advice.bill.own_usd_per_month, advice.findings) == ("api", None, ())


@pytest.mark.parametrize("form", [advice_text, advice_markdown])
def test_both_verdicts_and_every_condition_are_printed(form: Any, llama: dict[str, Any], compared: Compared) -> None:
    """As text and as Markdown."""
    written = form(_advice(llama, compared))
    assert "Our arithmetic: use an API." in written
    assert "The guide's rule: use an API." in written
    for name in ("monthly API spend", "data sensitivity", "latency", "custom model", "volume"):
        assert name in written


def test_text_fits_the_terminal(llama: dict[str, Any], compared: Compared) -> None:
    """120 columns."""
    assert max(map(len, advice_text(_advice(llama, compared)).splitlines())) <= 120


def test_json_has_stable_keys(llama: dict[str, Any], compared: Compared) -> None:
    """For a script in CI."""
    data = advice_dict(_advice(llama, compared))
    assert sorted(data) == [
        "bill", "conditions", "findings", "guide_verdict", "load", "load_is_assumed", "model", "reasons", "region",
        "service", "text", "verdict",
    ]  # fmt: skip
    assert sorted(data["conditions"][0]) == ["asks", "but", "has", "is_met", "name", "why"]
    assert sorted(data["bill"]["apis"][0]) == [
        "break_even_requests_per_hour", "break_even_with_operations_requests_per_hour", "name", "usd_per_month",
    ]  # fmt: skip
