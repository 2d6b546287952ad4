"""What happens at each run, and what does not end it?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from components.keeper.runtime.errors import BusyError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import Traffic
from components.keeper.runtime.keep import Report, keep, wake_on_request
from components.keeper.runtime.state import State
from tests.keeper.platform import Documents, Listener, Platform
from tests.keeper.situation import at, awake_order, budget, config, sleep_order


@dataclass
class Kept:
    """A service between its runs."""

    settings: dict = field(default_factory=dict)
    platform: Platform = field(default_factory=Platform)
    documents: Documents = field(default_factory=Documents)
    listener: Listener = field(default_factory=Listener)

    def run(self, now: str) -> Report:
        return keep(config(**self.settings), now=at(now), **self.parts)

    def ask(self, now: str) -> tuple[int, dict]:
        status, body = wake_on_request(config(**self.settings), now=at(now), key_id="team-a", **self.parts)
        return status, dict(body)

    @property
    def parts(self) -> dict:
        return {"store": self.documents, "target": self.platform, "voice": self.listener}

    @property
    def state(self) -> State:
        return State.parse(self.documents.texts["state"])


def test_a_day_of_office_hours():
    """Each run does what is left to do, and nothing a second time."""
    kept = Kept()
    did = [kept.run(f"2026-11-23 {time}").did for time in ("06:50", "07:00", "07:10", "18:50", "19:00", "19:10")]
    assert did == ["", "started", "", "", "stopped", ""]
    assert kept.platform.orders == ["wake 0", "sleep hard"]


def test_a_run_that_failed_is_made_up_for_by_the_next():
    """Nothing depends on the instant of an edge."""
    kept = Kept(platform=Platform(power="on"))
    kept.platform.fails = KeeperError("ecs:UpdateService: ThrottlingException: slow down")
    failed = kept.run("2026-11-23 19:00")
    assert failed.problems == ("chat could not be stopped: ecs:UpdateService: ThrottlingException: slow down",)
    assert kept.listener.heard == list(failed.problems)
    assert kept.run("2026-11-23 19:10").problems == failed.problems
    assert kept.listener.heard == list(failed.problems)
    kept.platform.fails = None
    assert (kept.run("2026-11-24 03:00").did, kept.state.problem) == ("stopped", "")


def test_a_platform_that_is_busy_is_asked_again_without_an_alarm():
    """SageMaker deletes nothing that it is creating; after two hours it is stuck."""
    kept = Kept(platform=Platform(power="starting", fails=BusyError("the endpoint is Creating")))
    report = kept.run("2026-11-23 19:00")
    assert (report.did, report.problems, kept.listener.heard) == ("waits: the endpoint is Creating", (), [])
    stuck = kept.run("2026-11-23 21:10")
    assert stuck.problems == ("chat could not be stopped: the endpoint is Creating",)
    assert kept.listener.heard == list(stuck.problems)


def test_another_failure_than_a_shortage_leads_to_no_other_alternative():
    """A quota, or weights that are not there, would be as wrong there."""
    kept = Kept(platform=Platform(fails=KeeperError("the quota is 0")))
    kept.run("2026-11-23 07:00")
    assert kept.state.attempts == 0


def test_a_start_without_capacity_counts_until_one_succeeds():
    """The driver takes the count for the next alternative."""
    kept = Kept(platform=Platform(fails=NoCapacityError("no g6.2xlarge in us-east-1")))
    for minute in ("07:00", "07:10"):
        assert kept.run(f"2026-11-23 {minute}").problems == ("chat could not be woken: no g6.2xlarge in us-east-1",)
    assert (kept.state.attempts, kept.state.state) == (2, "waking")
    kept.platform.fails = None
    kept.run("2026-11-23 07:20")
    assert kept.platform.orders == ["wake 2"]
    kept.run("2026-11-23 07:30")
    assert kept.state.attempts == 0


@pytest.mark.parametrize(
    ("power", "now", "late", "said"),
    [
        (
            "stopping",
            "2026-11-23 19:00",
            "19:31",
            "stopped: it is ordered to end, 31 min by now, and 1 running are paid for: stopping",
        ),
        (
            "starting",
            "2026-11-23 07:00",
            "07:30",
            "woken: it should answer and does not, 30 min by now, and 1 running are paid for: starting",
        ),
    ],
)
def test_what_is_paid_for_in_vain_is_told(power, now, late, said):
    """The orders were taken: a task that hangs, an engine that crashes again and again."""

    class Hanging(Platform):
        def wake(self, capacity, attempts):  # noqa: ARG002
            return ""

        def sleep(self, capacity, depth):  # noqa: ARG002
            return ""

    kept = Kept(platform=Hanging(power=power))
    assert kept.run(now).problems == ()
    assert kept.run(f"2026-11-23 {int(late[:2]):02}:{int(late[3:]) - 2:02}").problems == ()
    assert kept.run(f"2026-11-23 {late}").problems == (f"chat could not be {said}",)
    assert kept.listener.heard == [f"chat could not be {said}"]


def test_only_what_owns_capacity_acts():
    """A budget that alerts is metered, and nothing more."""
    kept = Kept({"hours": None, "budget": budget(on_breach="alert")}, Platform(power="on"))
    assert (kept.run("2026-11-23 12:00").did, kept.platform.orders) == ("", [])
    assert kept.listener.figures == [
        {
            "State": 2.0,
            "IdleMinutes": 0.0,
            "SpendMonthToDate": 0.0,
            "BurnRateUsdPerHour": 1.0,
            "ProjectedMonthEnd": 180.0,
        }
    ]


def test_documents_that_cannot_be_read_keep_no_gpu_running():
    """They count as empty, and are told of."""
    kept = Kept(platform=Platform(power="on"))
    kept.documents.texts = {"state": "[", "awake_until": '{"kind": "awake", "at": "2026-11-23T18:00:00Z"}', "wake": "7"}
    report = kept.run("2026-11-23 19:00")
    assert report.did == "stopped"
    assert report.problems == (
        "state: cannot be read (JSONDecodeError); it is written anew",
        "awake_until: is not an override ('by'); run berth awake or berth sleep",
        "wake: is not a JSON object; write {} into it",
    )
    assert kept.run("2026-11-23 19:10").problems == report.problems[1:]


def test_use_is_asked_for_only_where_it_decides_and_since_the_last_run():
    """At least for half an hour: figures are late."""
    kept = Kept({"idle_seconds": 1800})
    for minute in ("07:00", "07:10", "07:20"):
        kept.run(f"2026-11-23 {minute}")
    kept.run("2026-11-23 08:20")
    assert kept.platform.orders == [
        "wake 0",
        "traffic 07:10-07:20",
        "traffic 07:20-08:20",
        "sleep soft",
    ]


def test_use_that_nobody_can_tell_keeps_the_service_awake_and_is_reported():
    """Missing figures are an incident, not idleness."""
    kept = Kept({"idle_seconds": 1800}, Platform(power="on", mute=KeeperError("cloudwatch:GetMetricData: denied")))
    for minute in ("11:00", "11:40", "12:20"):
        report = kept.run(f"2026-11-23 {minute}")
    assert report.problems == ("cloudwatch:GetMetricData: denied", "cloudwatch:GetMetricData: denied")
    assert (report.decision.wanted, kept.platform.orders[-1]) == ("awake", "traffic 11:40-12:20")


def test_an_unknown_price_stops_the_meter_and_is_never_zero():
    """The figures of spending are missing then, which is an alarm."""
    kept = Kept({"usd_per_hour": {"g6.xlarge": 0.8}}, Platform(power="on"))
    report = kept.run("2026-11-23 12:00")
    assert report.problems == ("nobody knows the price of g6.2xlarge, so the meter stands still",)
    assert kept.listener.figures == [{"State": 2.0, "IdleMinutes": 0.0}]


def test_what_cannot_be_told_or_published_does_not_end_a_run():
    """The run says what was not done, and the next one tells it."""
    kept = Kept({"notify_before_seconds": 600}, Platform(power="on"), listener=Listener(fails=KeeperError("sns: no")))
    assert kept.run("2026-11-23 18:52").problems == ("sns: no", "sns: no")
    kept.listener.fails = None
    assert kept.run("2026-11-23 18:55").problems == ()
    assert kept.listener.heard == ["chat sleeps from Mon 23 Nov 20:00 Europe/Berlin on"]
    assert kept.run("2026-11-23 19:00").did == "stopped"


def test_the_state_document_is_what_a_front_reads():
    """`state`, `next_wake` and `ready_at` are always there."""
    kept = Kept()
    kept.run("2026-11-23 19:00")
    document = json.loads(kept.documents.texts["state"])
    assert (document["state"], document["next_wake"], document["ready_at"]) == ("asleep", "2026-11-24T07:00:00Z", None)
    assert State.parse(kept.documents.texts["state"]).to_json() == kept.documents.texts["state"]


def test_a_burst_of_requests_wakes_once():
    """The second is told that it is under way, unless nothing is on its way yet: then it is tried again."""
    kept = Kept({"start": "manual"})
    kept.platform.fails = BusyError("is starting")
    assert kept.ask("2026-11-23 12:00") == (202, {"expected_seconds": 420})
    kept.platform.power = "starting"
    assert kept.ask("2026-11-23 12:01") == (429, {"expected_seconds": 360})
    assert kept.documents.written == ["wake", "state"]
    kept.platform.power = "stopping"
    assert kept.ask("2026-11-23 12:02") == (429, {"expected_seconds": 300})
    assert kept.documents.written == ["wake", "state", "state"]
    kept.platform.power = "on"
    assert kept.ask("2026-11-23 12:08") == (202, {"expected_seconds": 0})
    assert kept.documents.written == ["wake", "state", "state"]


@pytest.mark.parametrize(
    ("settings", "now", "body"),
    [
        ({}, "2026-11-23 22:00", {"next_wake": "2026-11-24T07:00:00Z"}),
        ({"power": "off"}, "2026-11-23 12:00", {"next_wake": None}),
    ],
)
def test_a_request_that_may_not_wake_is_told_when_it_wakes_by_itself(settings, now, body):
    """And nothing is written."""
    kept = Kept(settings)
    assert kept.ask(now) == (409, body)
    assert kept.documents.written == []


def test_orders_are_read_at_each_run():
    """`berth awake` writes one, the next run obeys."""
    kept = Kept()
    kept.documents.texts["awake_until"] = awake_order("2026-11-23 22:00", "2026-11-23 23:00").to_json()
    assert [kept.run(f"2026-11-23 {time}").did for time in ("22:00", "22:50", "23:00")] == ["started", "", "stopped"]
    kept.documents.texts["awake_until"] = sleep_order("2026-11-24 08:00").to_json()
    assert [kept.run(f"2026-11-24 {time}").did for time in ("07:00", "08:00", "18:00")] == ["started", "stopped", ""]
    assert kept.run("2026-11-25 07:00").did == "started"


def test_the_platforms_own_bill_wins():
    """RunPod knows better what its workers cost."""
    kept = Kept(platform=Platform(power="on", bill=41.5))
    kept.run("2026-11-23 12:00")
    assert kept.state.spend is not None
    assert kept.state.spend.usd == 41.5


def test_requests_count_for_idleness_up_to_the_last_one():
    """The service sleeps half an hour after it."""
    kept = Kept({"idle_seconds": 1800}, Platform(power="on"))
    kept.run("2026-11-23 12:00")
    kept.platform.requests = Traffic(is_known=True, last_request_at=at("2026-11-23 12:09"))
    kept.run("2026-11-23 12:10")
    kept.platform.requests = Traffic(is_known=True)
    assert [kept.run(f"2026-11-23 {time}").did for time in ("12:30", "12:38", "12:39")] == ["", "", "stopped"]
    assert kept.platform.orders[-1] == "sleep soft"
