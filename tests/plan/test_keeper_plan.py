"""What a plan hands to the keeper, on each target, and what it says about that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.catalogue.discounts import spot_factor
from components.errors import SpecError
from components.plan.keeper import BudgetPlan, KeeperPlan
from components.plan.text import plan_text
from components.spec.document import merged
from tests.plan.sagemaker.field_changes import LLAMA_IN_S3

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

    Planner = Callable[..., Plan]

HOURS = "Mon-Fri 08:00-20:00 Europe/Berlin"
OFFICE: dict[str, Any] = {"schedule": {"hours": HOURS}}
IDLE: dict[str, Any] = {"idle": {"after": "30m"}}
BASES: dict[str, dict[str, Any]] = {
    "ecs": {},
    "sagemaker": {"model": LLAMA_IN_S3},
    "runpod": {
        "engine": {"image": f"runpod/worker-v1-vllm@sha256:{'0' * 64}"},
        "runpod": {"token_secret": "hf", "api_key_secret": "runpod/key"},
        "accelerators": ["L4", "RTX-4090"],
    },
}


@pytest.fixture
def on(llama: dict[str, Any], plan: Planner) -> Planner:
    """Plan the example spec on a target."""
    return lambda target, *changes: plan(_merged(llama, BASES[target], *changes), target=target)


def _merged(*parts: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        whole = merged(whole, part)
    return whole


def _notes(plan: Plan, *fields: str) -> list[str]:
    return [f"{note.level}: {note.field}: {note.text}" for note in plan.notes if note.field in fields]


def test_a_service_that_nobody_keeps_has_no_keeper(on: Planner) -> None:
    """Pulumi owns its replicas, and nothing is said of it."""
    made = on("ecs")
    assert (made.keeper, made.budget, made.is_kept) == (None, None, False)
    assert not [line for line in made.cost.lines if "keeper" in line.name]


def test_hours_and_their_defaults(on: Planner) -> None:
    """All that the keeper's document holds but names; 24.18 USD of a month are those that it costs asleep."""
    made = on("ecs", OFFICE)
    assert made.keeper == KeeperPlan(
        min_replicas=1,
        max_replicas=3,
        start_seconds=made.startup_seconds,
        power="on",
        hours=HOURS,
        holidays=(),
        start="auto",
        wake="within_hours",
        idle_seconds=None,
        override_max_seconds=43_200,
        notify_before_seconds=600,
        usd_per_hour={"g6.2xlarge": 0.9776},
        fixed_usd_per_hour=made.keeper.fixed_usd_per_hour if made.keeper else 0.0,
        owns_capacity=True,
    )
    assert made.budget is None
    assert made.is_kept


def test_every_field_of_the_spec_reaches_the_keeper(on: Planner) -> None:
    """In seconds, and in canonical texts."""
    given = {
        "hours": "mon-fri 08:00-20:00 Europe/Berlin",
        "holidays": ["2026-12-25", "2026-05-01"],
        "start": "manual",
        "wake": "any_time",
        "override_max": "3h",
        "notify_before": "0s",
    }
    kept = on("ecs", {"schedule": given}, IDLE).keeper
    assert kept is not None
    assert (kept.hours, kept.holidays, kept.start, kept.wake) == (
        HOURS,
        ("2026-05-01", "2026-12-25"),
        "manual",
        "any_time",
    )
    assert (kept.idle_seconds, kept.override_max_seconds, kept.notify_before_seconds) == (1800, 10_800, 0)


def test_what_it_costs_asleep_is_the_parked_estimate_without_what_is_shared(on: Planner) -> None:
    """Whatever the load; nothing that runs is in it."""
    made, parked = on("ecs", OFFICE), on("ecs", OFFICE, {"power": "off"})
    own = [line for line in parked.cost.lines if not line.shared]
    assert made.keeper is not None
    assert made.keeper.fixed_usd_per_hour == pytest.approx(sum(line.floor or 0 for line in own) / 730, abs=1e-6)
    assert {line.name for line in own if line.floor} == {
        "EFS storage",
        "load balancer",
        "alarms",
        "keeper metrics",
        "keeper alarms",
    }


def test_a_commitment_is_not_what_the_service_costs_asleep(on: Planner) -> None:
    """The account has it whether this service is there or not."""
    small = {**OFFICE, "accelerators": ["T4"], "model": {"id": "Qwen/Qwen2.5-3B-Instruct", "max_context_tokens": 4096}}
    kept = on("ecs", small).keeper
    with_plan = on("ecs", small, {"pricing": {"commitment": "1y_partial_upfront"}})
    committed = with_plan.keeper
    assert next(line.floor for line in with_plan.cost.lines if line.name == "GPU committed") == pytest.approx(
        0.6 * 0.526 * 730, abs=0.01
    )
    assert kept is not None
    assert committed is not None
    assert committed.fixed_usd_per_hour == kept.fixed_usd_per_hour


def test_all_alternatives_have_a_price(on: Planner) -> None:
    """SageMaker falls back to the next, RunPod serves from any pool; ECS deploys the first alone."""
    short = {**OFFICE, "model": {"max_context_tokens": 8192}}
    prices = {target: dict(kept.usd_per_hour) for target in BASES if (kept := on(target, short).keeper)}
    assert prices == {
        "ecs": {"g6.2xlarge": 0.9776},
        "sagemaker": {"ml.g6.xlarge": 1.1267, "ml.g5.xlarge": 1.408, "ml.g6e.xlarge": 2.6054},
        "runpod": {"AMPERE_24": 0.684, "ADA_24": 1.116},
    }


def test_spare_instances_are_metered_at_the_mean_price(on: Planner) -> None:
    """The keeper sees types, not how an instance is paid for."""
    full, half, all_spare = (
        on("ecs", OFFICE, {"pricing": {"spot_percent": percent}}).keeper for percent in (0, 50, 100)
    )
    assert full is not None
    assert half is not None
    assert all_spare is not None
    prices = [kept.usd_per_hour["g6.2xlarge"] for kept in (full, half, all_spare)]
    assert prices[0] > prices[1] > prices[2]
    assert prices[1] == pytest.approx((prices[0] + prices[2]) / 2, abs=1e-5)
    assert prices[2] == pytest.approx(0.9776 * (spot_factor("g6.2xlarge", "us-east-1") or 0), abs=1e-5)


@pytest.mark.parametrize(
    ("change", "owns"),
    [
        (OFFICE, True),
        (IDLE, True),
        ({"budget": {"monthly_usd": 900}}, True),
        ({"budget": {"monthly_usd": 900, "on_breach": "alert"}}, False),
        ({"budget": {"monthly_usd": 900}, "environment": "prod"}, False),
        ({"budget": {"monthly_usd": 900, "on_breach": "park"}, "environment": "prod"}, True),
    ],
)
def test_who_owns_the_replicas(on: Planner, change: dict[str, Any], owns: bool) -> None:
    """The keeper does as soon as it may stop the service; a budget that only tells leaves them to Pulumi."""
    made = on("ecs", change)
    assert made.keeper is not None
    assert made.keeper.owns_capacity is made.is_kept is owns


def test_a_service_whose_power_is_off_is_metered_alone(on: Planner) -> None:
    """It is parked by the deployment."""
    made = on("ecs", OFFICE, {"power": "off"})
    assert made.keeper is not None
    assert (made.keeper.power, made.keeper.max_replicas, made.is_kept) == ("off", 0, False)


def test_a_budget_with_everything(on: Planner) -> None:
    """As an AWS Budget, alarms and the keeper read it."""
    topic = "arn:aws:sns:us-east-1:123456789012:ml"
    notify = {"emails": ["ml@example.com"], "topics": [topic], "webhook_secret": "berth/hook"}
    given = {"monthly_usd": 900, "alert_at_percent": [100, 90], "forecast": False, "notify": notify, "grace": "1h"}
    assert on("ecs", {"budget": given}).budget == BudgetPlan(
        monthly_usd=900.0,
        alert_at_percent=(90, 100),
        forecast=False,
        emails=("ml@example.com",),
        topics=(topic,),
        webhook_secret="berth/hook",
        on_breach="park",
        grace_seconds=3600,
    )


def test_a_topic_of_another_region_is_refused(on: Planner) -> None:
    """Alarms reach topics of their own region alone."""
    topic = "arn:aws:sns:eu-west-1:123456789012:ml"
    with pytest.raises(SpecError) as caught:
        on("ecs", {"budget": {"monthly_usd": 900, "notify": {"topics": [topic]}}})
    assert str(caught.value) == (
        f"llama-3-1-8b: budget.notify.topics[0]: {topic} is not in us-east-1, and an alarm of CloudWatch tells topics "
        "of its own region alone; make one in us-east-1"
    )


FRONT: dict[str, Any] = {"gateway": {"front": True}}
BALANCED: dict[str, Any] = {"engine": {"image": None}, "runpod": {"mode": "load_balancer"}}
SOFT: dict[str, Any] = {"runpod": {"sleep": "soft"}}
ANSWERS = [
    (
        "ecs",
        (),
        (
            "a function behind the load balancer answers 503 with Retry-After and the time of the next opening; it "
            "costs next to nothing"
        ),
    ),
    ("ecs", (FRONT,), "the front answers 503 with Retry-After and the time of the next opening"),
    (
        "sagemaker",
        (),
        (
            "there is no endpoint, and AWS answers with a validation error; for a 503 with the time: set "
            "gateway.front: true"
        ),
    ),
    (
        "runpod",
        (),
        (
            "requests wait in RunPod's queue, 24h at most, and run at the next opening; for a 503 with the time: set "
            "gateway.front: true"
        ),
    ),
    (
        "runpod",
        (BALANCED,),
        "RunPod's load balancer answers 400 after 2m; for a 503 with the time: set gateway.front: true",
    ),
    ("runpod", (SOFT,), "a request starts a worker, as RunPod always does"),
    ("runpod", (FRONT, SOFT), "the front answers 503 with Retry-After and the time of the next opening"),
]


@pytest.mark.parametrize(("target", "changes", "answer"), ANSWERS)
def test_it_is_said_what_clients_get_meanwhile(
    on: Planner, target: str, changes: tuple[dict[str, Any], ...], answer: str
) -> None:
    """Each target answers in its own way; a front in one."""
    assert _notes(on(target, OFFICE, *changes), "schedule") == [f"info: schedule: asleep, {answer}"]


def test_whoever_asks_an_idle_service_of_runpod_is_answered(on: Planner) -> None:
    """So nothing is said of a queue."""
    assert not [text for text in _notes(on("runpod", IDLE), "idle") if "asleep, " in text]
    assert [text for text in _notes(on("runpod", IDLE, FRONT), "idle") if "asleep, the front" in text]


def test_a_budget_that_parks_says_it_too(on: Planner) -> None:
    """Under its own name."""
    [found] = _notes(on("sagemaker", {"budget": {"monthly_usd": 5000}}), "budget.on_breach")
    assert found.startswith("info: budget.on_breach: asleep, there is no endpoint, ")


NO_KEYS: dict[str, Any] = {"gateway": {"keys_secret": None}}
NEVER: dict[str, Any] = {"schedule": {"hours": HOURS, "wake": "never"}}
ANY_TIME: dict[str, Any] = {"schedule": {"hours": HOURS, "wake": "any_time"}}
WAKES: list[tuple[str, tuple[dict[str, Any], ...], list[str]]] = [
    ("ecs", (IDLE,), ["info: idle: a request of a key with may_wake wakes it; it answers after about {start}"]),
    (
        "ecs",
        (IDLE, OFFICE),
        ["info: schedule: a request of a key with may_wake wakes it in its hours; it answers after about {start}"],
    ),
    (
        "ecs",
        (IDLE, ANY_TIME),
        ["info: schedule.wake: a request of a key with may_wake wakes it at any hour; it answers after about {start}"],
    ),
    ("ecs", (IDLE, NEVER), []),
    ("ecs", (OFFICE,), []),
    (
        "ecs",
        (IDLE, NO_KEYS),
        [
            (
                "warning: idle: no request may wake it while it sleeps: it stays asleep until berth awake "
                "llama-3-1-8b; set gateway.keys_secret, with keys that have may_wake"
            )
        ],
    ),
    (
        "sagemaker",
        (IDLE, OFFICE),
        [
            (
                "warning: schedule: nobody hears a request while it sleeps: it stays asleep until the next window or "
                "berth awake llama-3-1-8b; set gateway.front: true"
            )
        ],
    ),
    (
        "sagemaker",
        (IDLE, FRONT),
        ["info: idle: a request of a key with may_wake wakes it; it answers after about {start}"],
    ),
    (
        "runpod",
        (IDLE,),
        ["info: idle: stopped for want of requests, no worker is kept; the next request starts one, about {start}"],
    ),
    (
        "runpod",
        (IDLE, ANY_TIME),
        [
            (
                "warning: schedule.wake: any_time: RunPod tells nobody of a request, so berth awake llama-3-1-8b alone "
                "opens it; set gateway.front: true"
            ),
            "info: idle: stopped for want of requests, no worker is kept; the next request starts one, about {start}",
        ],
    ),
    (
        "runpod",
        (IDLE, ANY_TIME, SOFT),
        ["info: idle: stopped for want of requests, no worker is kept; the next request starts one, about {start}"],
    ),
]


@pytest.mark.parametrize(("target", "changes", "said"), WAKES)
def test_it_is_said_who_wakes_it(
    on: Planner, target: str, changes: tuple[dict[str, Any], ...], said: list[str]
) -> None:
    """Requests that nobody hears are a warning, as nothing but a window or a person brings the service back."""
    made = on(target, *changes)
    start = _duration(made.startup_seconds)
    found = [text for text in _notes(made, "schedule.wake", "schedule", "idle") if ": asleep, " not in text]
    assert found == [text.format(start=start) for text in said]


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"


def test_soft_sleep_says_what_it_may_cost(on: Planner) -> None:
    """All workers of the dearest pool; in prod a warning."""
    text = (
        "runpod.sleep: soft: requests outside the hours are answered, by up to 3 workers that are paid for, up to 3.35 "
        "USD per hour; hard alone keeps them off"
    )
    assert _notes(on("runpod", OFFICE, SOFT), "runpod.sleep") == [f"info: {text}"]
    assert _notes(on("runpod", OFFICE, SOFT, {"environment": "prod"}), "runpod.sleep") == [f"warning: {text}"]
    unused = "info: runpod.sleep: soft is not used: without hours nothing puts the service to sleep by them"
    assert _notes(on("runpod", IDLE, SOFT), "runpod.sleep") == [unused]


def test_soft_sleep_is_priced(on: Planner) -> None:
    """What comes at night is answered, and its workers are paid for; at the floor nobody comes."""
    load = {"load": {"requests_per_hour": {"Mon-Fri 09:00-17:00": 1000, "otherwise": 10}}}
    hard, soft = on("runpod", OFFICE, load), on("runpod", OFFICE, load, SOFT)
    assert (soft.cost.floor, hard.week and hard.week.missed_share > 0) == (hard.cost.floor, True)
    assert soft.week is not None
    assert soft.week.missed_share == 0
    assert (soft.cost.expected or 0) > (hard.cost.expected or 0) > 0
    assert soft.week.replicas is not None
    assert 0 < soft.week.replicas[2] < 1 == soft.week.replicas[8]
    assert any("awake hours" in text and "261" in text for text in soft.cost.assumptions)
    parked = on("runpod", OFFICE, SOFT, {"power": "off", "load": None}).cost
    assert parked.expected == parked.floor


def test_runpod_stops_idle_workers_without_being_asked(on: Planner) -> None:
    """Then idle has nothing to add."""
    text = "info: idle.after: 30m: without a request RunPod stops all workers by itself, as scaling.min_replicas is 0"
    assert _notes(on("runpod", IDLE, {"scaling": {"min_replicas": 0}}), "idle.after") == [text]
    assert _notes(on("runpod", IDLE), "idle.after") == []


def _budget(usd: float, **more: object) -> dict[str, Any]:
    return {"budget": {"monthly_usd": usd, "notify": {"topics": ["arn:aws:sns:us-east-1:123456789012:ml"]}, **more}}


def test_a_budget_below_the_least_cost_is_said_with_both_figures(on: Planner) -> None:
    """Without what the stack shares: no service's budget has that in it."""
    made = on("ecs", _budget(100))
    own = sum(line.floor or 0 for line in made.cost.lines if not line.shared)
    assert _notes(made, "budget.monthly_usd") == [
        (
            f"warning: budget.monthly_usd: 100.00 USD is less than the {own:,.2f} USD that the service costs at the "
            "least, and is parked 30m after it is spent"
        )
    ]
    [told] = _notes(on("ecs", _budget(100, on_breach="alert")), "budget.monthly_usd")
    assert told.endswith("USD that the service costs at the least")


def test_a_budget_below_what_is_expected_says_when_it_is_spent(on: Planner) -> None:
    """As a day of a month of 30."""
    made = on("ecs", _budget(1000))
    own = sum(line.expected or 0 for line in made.cost.lines if not line.shared)
    day = round(1000 / own * 30)
    assert _notes(made, "budget.monthly_usd") == [
        (
            f"warning: budget.monthly_usd: 1,000.00 USD is less than the {own:,.2f} USD that are expected: it is "
            f"spent, and the service parked, after about {day} days"
        )
    ]
    assert _notes(on("ecs", _budget(5000)), "budget.monthly_usd") == []


def test_prod_is_told_what_park_does(on: Planner) -> None:
    """It is not the default there."""
    prod = {"environment": "prod"}
    text = (
        "warning: budget.on_breach: park: llama-3-1-8b is stopped in prod when 5,000.00 USD are spent, until the month "
        "ends or berth awake llama-3-1-8b --ack-budget"
    )
    assert text in _notes(on("ecs", _budget(5000, on_breach="park"), prod), "budget.on_breach")
    assert _notes(on("ecs", _budget(5000), prod), "budget.on_breach") == []


def test_somebody_must_hear_of_it(on: Planner) -> None:
    """Without an address nobody does; with one, it has to be confirmed."""
    assert _notes(on("ecs", {"budget": {"monthly_usd": 5000}}), "budget.notify") == [
        "warning: budget.notify: not given: nobody is told, unless somebody subscribes to the topic of the stack"
    ]
    mails = on("ecs", {"budget": {"monthly_usd": 5000, "notify": {"emails": ["ml@example.com"]}}})
    assert _notes(mails, "budget.notify", "budget.notify.emails") == [
        ("info: budget.notify.emails: AWS asks each address once: until somebody confirms, alarms do not reach it")
    ]


@pytest.mark.parametrize(
    ("target", "changes", "said"),
    [
        ("ecs", (), "the keeper counts instances at their list price every ten minutes, without traffic; AWS Budgets"),
        ("runpod", (), "AWS Budgets does not see RunPod's bill: what workers cost is the keeper's to count, every ten"),
        ("runpod", (FRONT,), "AWS Budgets sees the front alone, not RunPod's bill: what workers cost is the keeper's"),
    ],
)
def test_it_is_said_what_each_meter_does_not_see(
    on: Planner, target: str, changes: tuple[dict[str, Any], ...], said: str
) -> None:
    """AWS's is late and blind outside of AWS, the keeper's counts list prices."""
    [found] = _notes(on(target, _budget(5000), *changes), "budget")
    assert found.startswith(f"info: budget: {said}")


def test_without_a_key_aws_keeps_nothing_on_runpod(on: Planner) -> None:
    """No line of the keeper, no topic and no AWS Budget."""
    made = on("runpod", _budget(5000), {"runpod": {"api_key_secret": None}})
    assert not [line for line in made.cost.lines if line.name.startswith("keeper")]
    assert [line.name for line in on("runpod", _budget(5000)).cost.lines if line.name.startswith("keeper")] == [
        "keeper",
        "keeper metrics",
        "keeper alarms",
    ]
    assert _notes(made, "budget.notify") == [
        (
            "warning: budget.notify: without runpod.api_key_secret nobody is told by AWS, and there is no AWS Budget: "
            "`berth keeper run` says in its output what it decides"
        )
    ]


def test_a_commitment_is_not_in_the_meter(on: Planner) -> None:
    """It is the account's, not the service's."""
    made = on("ecs", _budget(5000), {"pricing": {"commitment": "1y_no_upfront"}})
    assert _notes(made, "budget.monthly_usd") == [
        "info: budget.monthly_usd: the keeper counts at the price on demand, and knows nothing of 1y_no_upfront"
    ]


def test_the_page_has_rows_of_keeper_and_budget(on: Planner) -> None:
    """What stops it, what wakes it, what it may cost."""
    page = " ".join(plan_text(on("ecs", OFFICE, IDLE, _budget(5000, forecast=False))).split())
    assert (
        "Keeper stops it after 30m without a request; a request in its hours may wake it; berth awake holds for 12h at "
        "most; a stop is told 10m before Budget 5,000.00 USD a month; told at 50%, 80%, 100%; spent, the service is "
        "parked after 30m"
    ) in page
    page = " ".join(plan_text(on("sagemaker", NEVER, _budget(5000, on_breach="alert"))).split())
    assert "Keeper hears no request; berth awake holds for 12h at most" in page
    assert "a forecast above it is told; spent, people are told" in page


def test_on_this_machine_nothing_is_kept(llama: dict[str, Any], plan: Planner) -> None:
    """Each group is noted with what was given, and why it is of no use."""
    made = plan(llama, {**OFFICE, **IDLE, "budget": {"monthly_usd": 5}}, target="local")
    assert (made.keeper, made.budget) == (None, None)
    assert _notes(made, "schedule", "idle", "budget") == [
        "info: budget: not used on this machine, nothing is paid for: monthly_usd 5.0",
        "info: idle: not used on this machine, a process that waits costs nothing; power: off stops it: after 30m",
        f"info: schedule: not used on this machine, nothing sleeps by the clock; power: off stops it: hours {HOURS}",
    ]
