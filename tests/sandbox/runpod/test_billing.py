"""The bills: what workers and volumes cost while they were there, in buckets of time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.runpod.answers import ProblemError
from sandbox.runpod.billing_window import resolve
from tests.sandbox.runpod.served import VOLUME

DAY = 86_400
# 2026-11-21T13:30:00Z, a Saturday.
NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC).timestamp()


def test_a_worker_costs_its_pool_s_rate_while_it_is_ready(runpod):
    """An hour of one worker with two L4 is two hours of the pool's price, and its disk."""
    made = runpod.endpoint(workers={"min": 1}, gpu={"pools": ["AMPERE_24"], "count": 2}, disk=73)
    runpod.advance(3600)
    answer = runpod.get("/v2/billing/serverless", bucketSize="month", lastN=2, serverlessId=made["id"])
    totals = answer["metadata"]["totals"]
    assert totals["gpuAmount"] == pytest.approx(2 * 0.684, rel=0.001)
    assert totals["diskAmount"] == pytest.approx(73 * 0.10 / 730, rel=0.001)
    assert (totals["cpuAmount"], totals["feeAmount"]) == (0, 0)
    assert totals["totalAmount"] == pytest.approx(totals["gpuAmount"] + totals["diskAmount"])
    assert (answer["metadata"]["recordCount"], answer["metadata"]["uniqueServerlessCount"]) == (2, 1)
    assert answer["metadata"]["query"]["serverlessId"] == made["id"]
    assert [record["serverlessId"] for record in answer["records"]] == [made["id"]] * 2


def test_a_stopped_worker_costs_nothing_more(runpod):
    """Seconds are rounded up; what was used stays on the bill after the endpoint is gone."""
    made = runpod.endpoint()
    runpod.ended(made["id"], runpod.job(made["id"]))
    runpod.advance(DAY)
    before = runpod.get("/v2/billing/serverless", lastN=2)["metadata"]["totals"]["gpuAmount"]
    runpod.delete(f"/v2/serverless/{made['id']}")
    runpod.advance(DAY)
    after = runpod.get("/v2/billing/serverless", lastN=4)
    assert after["metadata"]["totals"]["gpuAmount"] == before
    seconds = before / 0.684 * 3600
    assert seconds == pytest.approx(round(seconds))
    assert 6 <= seconds <= 7  # the job, and five seconds of idling
    assert {record["serverlessId"] for record in after["records"]} == {made["id"]}


def test_the_whole_bill_has_both_parts(runpod):
    """Storage from its creation on, at its size of the time; a worker until nobody has asked for it for a week."""
    runpod.endpoint(workers={"min": 1})
    volume = runpod.post("/v2/network-volumes", VOLUME)["id"]
    runpod.advance(730 * 3600)
    runpod.patch(f"/v2/network-volumes/{volume}", {"size": 1100})
    runpod.advance(730 * 3600)
    whole = runpod.get("/v2/billing", bucketSize="year", lastN=2)["metadata"]["totals"]
    assert whole["storageStandardAmount"] == pytest.approx(7.0 + 75.0, rel=0.001)
    assert whole["serverlessGpuAmount"] == pytest.approx(7 * 24 * 0.684, rel=0.001)
    parts = ("serverlessGpuAmount", "serverlessDiskAmount", "storageStandardAmount")
    assert whole["totalAmount"] == pytest.approx(sum(whole[part] for part in parts))
    storage = runpod.get("/v2/billing/network-volumes", bucketSize="year", lastN=2)["metadata"]
    assert storage["totals"]["standardAmount"] == pytest.approx(whole["storageStandardAmount"], rel=0.001)
    assert storage["uniqueNetworkVolumeCount"] == 1


@pytest.mark.parametrize(
    ("query", "start", "end", "buckets"),
    [
        ({"lastN": "1", "bucketSize": "hour"}, "2026-11-21T13:00:00Z", "2026-11-21T14:00:00Z", 1),
        ({"lastN": "1", "bucketSize": "month"}, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", 1),
        ({"lastN": "2", "bucketSize": "week"}, "2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z", 2),
        ({"lastN": "2", "bucketSize": "year"}, "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 2),
        ({}, "2026-10-22T00:00:00Z", "2026-11-22T00:00:00Z", 31),
        (
            {"startTime": "2026-11-01T22:30:00-03:00", "endTime": "2026-11-03T00:00:00Z"},
            "2026-11-02T00:00:00Z",
            "2026-11-03T00:00:00Z",
            1,
        ),
        (
            {"startTime": "2026-02-10T00:00:00Z", "bucketSize": "month"},
            "2026-02-01T00:00:00Z",
            "2026-12-01T00:00:00Z",
            10,
        ),
    ],
)
def test_the_window_is_snapped_to_buckets(query: dict[str, str], start: str, end: str, buckets: int):
    """The echo says which."""
    window = resolve(query, NOW)
    assert window.query() == {"startTime": start, "endTime": end, "bucketSize": query.get("bucketSize", "day")}
    assert len(list(window.spans())) == buckets


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        (
            {"lastN": "1", "startTime": "2026-11-01T00:00:00Z"},
            400,
            "lastN and startTime/endTime are mutually exclusive",
        ),
        ({"startTime": "2027-01-01T00:00:00Z"}, 400, "endTime must be after startTime"),
        ({"startTime": "1990-01-01T00:00:00Z"}, 400, "the range has more than 5000 buckets of one day"),
        ({"lastN": "0"}, 422, "lastN: value must be an integer from 1 to 5000"),
        ({"bucketSize": "minute"}, 422, "bucketSize: value must be one of hour, day, week, month, year"),
        ({"endTime": "yesterday"}, 422, "endTime: value must be a date-time (RFC 3339)"),
        ({"endTime": "2026-11-01T00:00:00"}, 422, "endTime: value must be a date-time with its offset (RFC 3339)"),
    ],
)
def test_windows_that_are_refused(query: dict[str, str], status: int, text: str):
    """With the status of a mistake in the query, or of a range that makes no sense."""
    with pytest.raises(ProblemError) as refusal:
        resolve(query, NOW)
    assert (refusal.value.status, (*refusal.value.errors, refusal.value.detail)[0]) == (status, text)
