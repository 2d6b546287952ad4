"""What a plan says about a service that somebody keeps: who answers meanwhile, who wakes it, and what a budget does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.plan.text import plan_text
from tests.plan.kept import HOURS, IDLE, OFFICE, notes

if TYPE_CHECKING:
    from tests.plan.kept import Planner

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
    assert notes(on(target, OFFICE, *changes), "schedule") == [f"info: schedule: asleep, {answer}"]


def test_whoever_asks_an_idle_service_of_runpod_is_answered(on: Planner) -> None:
    """So nothing is said of a queue."""
    assert not [text for text in notes(on("runpod", IDLE), "idle") if "asleep, " in text]
    assert [text for text in notes(on("runpod", IDLE, FRONT), "idle") if "asleep, the front" in text]


def test_a_budget_that_parks_says_it_too(on: Planner) -> None:
    """Under its own name."""
    [found] = notes(on("sagemaker", {"budget": {"monthly_usd": 5000}}), "budget.on_breach")
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
    found = [text for text in notes(made, "schedule.wake", "schedule", "idle") if ": asleep, " not in text]
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
    assert notes(on("runpod", OFFICE, SOFT), "runpod.sleep") == [f"info: {text}"]
    assert notes(on("runpod", OFFICE, SOFT, {"environment": "prod"}), "runpod.sleep") == [f"warning: {text}"]
    unused = "info: runpod.sleep: soft is not used: without hours nothing puts the service to sleep by them"
    assert notes(on("runpod", IDLE, SOFT), "runpod.sleep") == [unused]


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
    assert notes(on("runpod", IDLE, {"scaling": {"min_replicas": 0}}), "idle.after") == [text]
    assert notes(on("runpod", IDLE), "idle.after") == []


def _budget(usd: float, **more: object) -> dict[str, Any]:
    return {"budget": {"monthly_usd": usd, "notify": {"topics": ["arn:aws:sns:us-east-1:123456789012:ml"]}, **more}}


def test_a_budget_below_the_least_cost_is_said_with_both_figures(on: Planner) -> None:
    """Without what the stack shares: no service's budget has that in it."""
    made = on("ecs", _budget(100))
    own = sum(line.floor or 0 for line in made.cost.lines if not line.shared)
    assert notes(made, "budget.monthly_usd") == [
        (
            f"warning: budget.monthly_usd: 100.00 USD is less than the {own:,.2f} USD that the service costs at the "
            "least, and is parked 30m after it is spent"
        )
    ]
    [told] = notes(on("ecs", _budget(100, on_breach="alert")), "budget.monthly_usd")
    assert told.endswith("USD that the service costs at the least")


def test_a_budget_below_what_is_expected_says_when_it_is_spent(on: Planner) -> None:
    """As a day of a month of 30."""
    made = on("ecs", _budget(1000))
    own = sum(line.expected or 0 for line in made.cost.lines if not line.shared)
    day = round(1000 / own * 30)
    assert notes(made, "budget.monthly_usd") == [
        (
            f"warning: budget.monthly_usd: 1,000.00 USD is less than the {own:,.2f} USD that are expected: it is "
            f"spent, and the service parked, after about {day} days"
        )
    ]
    assert notes(on("ecs", _budget(5000)), "budget.monthly_usd") == []


def test_prod_is_told_what_park_does(on: Planner) -> None:
    """It is not the default there."""
    prod = {"environment": "prod"}
    text = (
        "warning: budget.on_breach: park: llama-3-1-8b is stopped in prod when 5,000.00 USD are spent, until the month "
        "ends or berth awake llama-3-1-8b --ack-budget"
    )
    assert text in notes(on("ecs", _budget(5000, on_breach="park"), prod), "budget.on_breach")
    assert notes(on("ecs", _budget(5000), prod), "budget.on_breach") == []


def test_somebody_must_hear_of_it(on: Planner) -> None:
    """Without an address nobody does; with one, it has to be confirmed."""
    assert notes(on("ecs", {"budget": {"monthly_usd": 5000}}), "budget.notify") == [
        "warning: budget.notify: not given: nobody is told, unless somebody subscribes to the topic of the stack"
    ]
    mails = on("ecs", {"budget": {"monthly_usd": 5000, "notify": {"emails": ["ml@example.com"]}}})
    assert notes(mails, "budget.notify", "budget.notify.emails") == [
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
    [found] = notes(on(target, _budget(5000), *changes), "budget")
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
    assert notes(made, "budget.notify") == [
        (
            "warning: budget.notify: without runpod.api_key_secret nobody is told by AWS, and there is no AWS Budget: "
            "`berth keeper run` says in its output what it decides"
        )
    ]


def test_a_commitment_is_not_in_the_meter(on: Planner) -> None:
    """It is the account's, not the service's."""
    made = on("ecs", _budget(5000), {"pricing": {"commitment": "1y_no_upfront"}})
    assert notes(made, "budget.monthly_usd") == [
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
    assert notes(made, "schedule", "idle", "budget") == [
        "info: budget: not used on this machine, nothing is paid for: monthly_usd 5.0",
        "info: idle: not used on this machine, a process that waits costs nothing; power: off stops it: after 30m",
        f"info: schedule: not used on this machine, nothing sleeps by the clock; power: off stops it: hours {HOURS}",
    ]
