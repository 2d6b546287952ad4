"""The client: what is asked again, how long it waits, who gets the key, and what an error tells."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from components.runpod.client import RunpodClient
from components.runpod.errors import LostAnswerError, RunpodError
from tests.components.runpod.fake_runpod import KEY, Answer, FakeRunpod, problem, serving

BUSY = problem(503, "Service Unavailable", "try later")


def limited(seconds: object) -> Answer:
    answer = problem(429, "Too Many Requests", "rate limit exceeded for the minute window")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def test_a_request_has_the_key_and_says_who_asks(client, runpod):
    """Bearer, JSON, and Berth's name with its version."""
    assert client.get("/v2/serverless") == {"endpoints": []}
    headers = runpod.asked[0].headers
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["User-Agent"].startswith("berth/0.")
    assert "json" in headers["Accept"]


def test_a_rate_limit_is_waited_out_as_long_as_runpod_asks(client, runpod, slept):
    """12 and 30 seconds, to the second."""
    runpod.answer_next("GET", limited(12), limited(30))
    assert client.get("/v2/serverless") == {"endpoints": []}
    assert slept == [12.0, 30.0]


def test_a_rate_limit_may_end_at_a_date(client, runpod, slept):
    """As proxies say it; one that has passed, or 0, is waited for as long as we would have ourselves."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    runpod.answer_next("GET", limited(soon), limited("Thu, 01 Jan 1970 00:00:00 GMT"), limited(0))
    assert client.get("/v2/serverless") == {"endpoints": []}
    assert 55 < slept[0] <= 60
    assert slept[1:] == [2.0, 4.0]


@pytest.mark.parametrize("asked", ["9" * 400, "999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_beyond_all_measure_is_not_begun(client, runpod, slept, asked):
    """And the refusal is told at once."""
    runpod.answer_next("GET", limited(asked))
    with pytest.raises(RunpodError, match="429 Too Many Requests"):
        client.get("/v2/serverless")
    assert slept == []


@pytest.mark.parametrize("asked", ["", "soon", "-5", "1.5", "\u0663", "Sat, 99 Nov 2026 12:00:00 GMT", "nan"])
def test_a_wait_that_is_no_wait_is_ours(client, runpod, slept, asked):
    """What cannot be read asks for nothing."""
    runpod.answer_next("GET", limited(asked.encode().decode("latin-1")))
    assert client.get("/v2/serverless") == {"endpoints": []}
    assert slept == [1.0]


def test_a_storm_of_rate_limits_ends(client, runpod, slept):
    """Five tries, whatever is asked for."""
    runpod.answer_next("GET", *[limited(0)] * 9)
    with pytest.raises(RunpodError, match="try again later, or with fewer services at once"):
        client.get("/v2/serverless")
    assert (len(runpod.asked), slept) == (5, [1.0, 2.0, 4.0, 8.0])


def test_waits_together_are_two_minutes_at_most(client, runpod, slept):
    """The wait that would be too long is not begun, and RunPod's reason is told."""
    runpod.answer_next("GET", limited(100), limited(21))
    with pytest.raises(
        RunpodError, match="429 Too Many Requests: rate limit exceeded for the minute window; try"
    ) as told:
        client.get("/v2/serverless")
    assert told.value.status == 429
    assert slept == [100.0]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_what_may_be_repeated_is_tried_five_times(client, runpod, slept, method):
    """1, 2, 4 and 8 seconds apart."""
    runpod.answer_next(method.upper(), *[BUSY] * 5)
    arguments = ["/v2/serverless/ep1", *([{"name": "x"}] if method == "patch" else [])]
    with pytest.raises(RunpodError, match="503 Service Unavailable: try later") as told:
        getattr(client, method)(*arguments)
    assert not isinstance(told.value, LostAnswerError)
    assert slept == [1.0, 2.0, 4.0, 8.0]
    assert len(runpod.asked) == 5


def test_a_refusal_is_not_repeated(client, runpod, slept):
    """400 stays 400."""
    runpod.answer_next("GET", problem(400, "Bad Request", "no"))
    with pytest.raises(RunpodError, match="400"):
        client.get("/v2/serverless")
    assert (len(runpod.asked), slept) == (1, [])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_post_is_sent_once_whatever_breaks(client, runpod, slept, status):
    """Nobody knows whether it was carried out, and the error says so by its class."""
    runpod.answer_next("POST", problem(status, "Oops", "upstream"))
    with pytest.raises(LostAnswerError, match=f"POST /v2/serverless: {status} Oops: upstream"):
        client.post("/v2/serverless", {})
    assert (len(runpod.asked), slept) == (1, [])


def test_a_post_that_gets_no_answer_is_lost_too(client, runpod):
    """The connection stays open and silent."""
    runpod.answer_next("POST", Answer(200, hangs_up=True))
    with pytest.raises(LostAnswerError, match=r"no answer within 0\.3 s"):
        client.post("/v2/serverless", {})
    assert len(runpod.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", {"endpoints": []}, ["x"]])
def test_a_post_whose_answer_does_not_say_what_was_made_is_lost(client, runpod, body):
    """A 201 without an id is as good as none."""
    runpod.answer_next("POST", Answer(201, body))
    with pytest.raises(LostAnswerError):
        client.post("/v2/serverless", {})


def test_a_post_that_was_rate_limited_was_not_carried_out(client, runpod, slept, props):
    """So it is the one failure after which a POST is sent again."""
    runpod.answer_next("POST", limited(2))
    assert client.post("/v2/network-volumes", {"name": "w", "size": 50, "dataCenter": "EU-RO-1"})["id"] == "vol1"
    assert slept == [2.0]
    assert len(runpod.volumes) == 1


def test_silence_is_asked_again_unless_it_is_a_post(client, runpod, slept):
    """One silent answer, then a real one."""
    runpod.answer_next("GET", Answer(200, hangs_up=True))
    assert client.get("/v2/serverless") == {"endpoints": []}
    assert slept == [1.0]


def test_a_post_that_found_nobody_is_sent_again_and_was_never_lost(runpod, slept):
    """A port where nobody listens has not carried out anything."""
    with serving(FakeRunpod(), runpod.handle) as gone:
        pass
    with pytest.raises(RunpodError, match=f"no connection to {gone.url}") as told:
        RunpodClient(gone.url, KEY, sleep=slept.append).post("/v2/serverless", {})
    assert not isinstance(told.value, LostAnswerError)
    assert len(slept) == 4


def test_a_redirect_gets_no_key(client, runpod):
    """The other host hears nothing of it."""
    other = FakeRunpod()
    with serving(other, other.handle):
        runpod.answer_next("GET", Answer(307, headers={"Location": f"{other.url}/v2/serverless"}))
        with pytest.raises(RunpodError, match=f"307 a redirect is not followed: the key is for {runpod.url} alone"):
            client.get("/v2/serverless")
    assert other.asked == []


def test_an_error_has_title_detail_and_errors_and_nothing_secret(client, runpod):
    """Neither the key nor the value of a variable, also when RunPod repeats it; no header and no body."""
    runpod.answer_next(
        "PATCH",
        problem(
            422, "Unprocessable Entity", f"key {KEY} sent hf_VERY_SECRET", "$.env.HF_TOKEN: 'hf_VERY_SECRET' is odd"
        ),
    )
    with pytest.raises(RunpodError) as told:
        client.patch("/v2/serverless/ep1", {"env": {"HF_TOKEN": "hf_VERY_SECRET", "SEED": "1"}})
    assert str(told.value) == (
        "RunPod: PATCH /v2/serverless/ep1: 422 Unprocessable Entity: key *** sent *** ($.env.HF_TOKEN: '***' is odd)"
    )
    assert told.value.errors == ("$.env.HF_TOKEN: '***' is odd",)


def test_a_value_that_is_repeated_as_it_was_sent_is_hidden_too(client, runpod):
    """Quotes and line ends escaped, as in the body that RunPod read."""
    runpod.answer_next("PATCH", problem(422, "Unprocessable Entity", r'cannot read {"TEMPLATE": "a \"secret\" word"}'))
    with pytest.raises(RunpodError) as told:
        client.patch("/v2/serverless/ep1", {"env": {"TEMPLATE": 'a "secret" word'}})
    assert told.value.detail == 'cannot read {"TEMPLATE": "***"}'


def test_no_log_and_no_representation_has_the_key(client, runpod, caplog):
    """Whatever is logged at the lowest level, of an answer, a refusal and a broken connection."""
    caplog.set_level(logging.DEBUG)
    runpod.answer_next("GET", BUSY, problem(400, "Bad Request", f"key {KEY}"))
    with pytest.raises(RunpodError) as told:
        client.get("/v2/serverless")
    runpod.answer_next("PATCH", Answer(200, hangs_up=True))
    with pytest.raises(RunpodError):
        client.patch("/v2/serverless/ep1", {"env": {"HF_TOKEN": "hf_VERY_SECRET"}, "name": "x"})
    assert "GET /v2/serverless" in caplog.text
    shown = "".join([caplog.text, repr(client), repr(told.value), repr(vars(told.value)), repr(told.value.args)])
    assert KEY not in shown
    assert "hf_VERY_SECRET" not in shown


def test_an_error_page_is_not_repeated(client, runpod):
    """What a proxy says is a status and no more."""
    runpod.answer_next("GET", Answer(403, b"<html>secret</html>", {"Content-Type": "text/html"}))
    with pytest.raises(RunpodError) as told:
        client.get("/v2/serverless")
    assert str(told.value) == (
        "RunPod: GET /v2/serverless: 403 Forbidden; give the key the permission for this call in RunPod's console"
    )


def test_a_long_error_is_cut(client, runpod):
    """500 characters of detail, ten errors."""
    runpod.answer_next("GET", problem(400, "Bad Request", "x" * 9000, *["e"] * 50))
    with pytest.raises(RunpodError) as told:
        client.get("/v2/serverless")
    assert (len(told.value.detail), len(told.value.errors)) == (500, 10)


def test_text_travels_as_it_is(client, runpod):
    """Quotes, newlines and backslashes of a value arrive and come back."""
    template = 'a "quoted"\nline \\ with {{ braces }} and ünïcode'
    made = client.post(
        "/v2/serverless",
        {"name": "x", "type": "QUEUE", "scaling": {"type": "REQUEST_COUNT"}, "env": {"CHAT": template}},
    )
    assert client.get(f"/v2/serverless/{made['id']}")["env"] == {"CHAT": template}
