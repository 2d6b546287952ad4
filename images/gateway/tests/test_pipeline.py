"""Do the stages of a request keep their promises to those who add one?"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from gateway.deadline import Drain, Ending
from gateway.errors import RefusedError, bad_body
from gateway.logs import RequestLog
from gateway.metrics.recorder import Recorder
from gateway.pipeline import Pipeline
from gateway.stages.settle import Settle
from gateway.upstreams.whole_events import MOST_HELD_BYTES, WholeEvents
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from gateway.exchange import Exchange

SCOPE = {"method": "POST", "path": "/v1/x", "raw_path": b"/v1/x", "query_string": b"", "headers": []}
SECRET = "what the client wrote"


def through(*stages: Any) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Status, body and log lines of one request through these stages."""
    sent: list[dict[str, Any]] = []
    lines: list[str] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Any) -> None:
        sent.append(message)

    pipeline = Pipeline(stages, Settle(Recorder("m"), RequestLog(lines.append)), Drain(), 5)
    asyncio.run(pipeline(SCOPE, receive, send))
    return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent)), list(map(json.loads, lines))


async def answer(exchange: Exchange) -> None:
    await exchange.answer(200, [], b'{"ok":true}')


async def never(exchange: Exchange) -> None:
    pytest.fail("a stage behind the one that answered was called")


def test_the_first_stage_that_answers_is_the_last():
    """A cached answer, a refusal made by hand: nothing behind it is called."""
    assert through(answer, never)[:2] == (200, {"ok": True})


def test_a_refusal_is_answered_and_logged_with_its_code():
    """`RefusedError` carries the whole answer."""

    async def refuse(exchange: Exchange) -> None:
        raise RefusedError(bad_body("no"))

    status, body, (line,) = through(refuse, never)
    assert (status, body["error"]["code"], line["outcome"], line["status"]) == (
        400,
        "invalid_body",
        "invalid_body",
        400,
    )


@pytest.mark.parametrize("end", [answer, "refuse", "fail"])
def test_what_a_stage_reserved_is_settled_whatever_happened(end: Any, caplog):
    """Settlements run once, last first, and one that fails does not keep the others from running."""
    settled: list[str] = []

    async def reserve(exchange: Exchange) -> None:
        exchange.settlements.append(lambda done: settled.append(f"first {done.status}"))
        exchange.settlements.append(lambda _: json.loads(SECRET))
        exchange.settlements.append(lambda _: settled.append("last"))

    async def refuse_or_fail(exchange: Exchange) -> None:
        raise RefusedError(bad_body("no")) if end == "refuse" else ValueError(SECRET)

    status, _, lines = through(reserve, end if callable(end) else refuse_or_fail)
    assert settled == ["last", f"first {status}"]
    assert len(lines) == 1
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR][-1] == (
        "a settlement failed"
    )


def test_a_defect_is_a_500_in_openais_shape_and_its_text_stays_out_of_the_log(caplog):
    """The log has the kind of the error and the lines of code, never what the request said."""

    async def fail(exchange: Exchange) -> None:
        raise ValueError(SECRET)

    status, body, (line,) = through(fail)
    assert (status, body["error"]["code"], line["status"]) == (500, "internal_server_error", 500)
    (record,) = caplog.records
    assert record.fields["error"] == "ValueError"
    assert "in fail" in record.fields["where"]
    assert SECRET not in json.dumps(record.fields)


def test_a_request_that_takes_too_long_anywhere_is_ended():
    """The deadline covers every stage, those that others will add too."""

    async def hang(exchange: Exchange) -> None:
        exchange.body = b""
        exchange.deadline.end_in(0.05, exchange.deadline.ending)
        await asyncio.sleep(30)

    status, body, (line,) = through(hang)
    assert (status, body["error"]["code"], line["outcome"]) == (504, "request_timeout", "time limit")


def test_a_client_that_leaves_is_noticed_under_another_server_too():
    """Without our connection's extension, the server's own message ends the request; nobody is answered."""
    sent: list[Any] = []
    lines: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def wait_for_an_engine(exchange: Exchange) -> None:
        exchange.when_client_leaves(lambda: exchange.deadline.end_in(0, Ending.CLIENT_LEFT))
        await asyncio.sleep(30)

    asyncio.run(
        Pipeline([wait_for_an_engine], Settle(Recorder("m"), RequestLog(lines.append)), Drain(), 5)(
            SCOPE, receive, send
        )
    )
    assert sent == []
    assert [(line["outcome"], line["status"]) for line in map(json.loads, lines)] == [("client left", 499)]


class Pieces:
    """An answer that arrives in these pieces."""

    status = 200
    length: int | None = None

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self._pieces = [piece for piece in pieces if piece]

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def whole(self) -> bytes:
        raise AssertionError("a stream is read in pieces, never whole")

    def close(self) -> None:
        """Nothing is held."""


@given(st.lists(st.sampled_from([b"data: 1", b"\n", b"\r\n", b"\n\n", b"x", b"\r"]), max_size=30))
def test_every_piece_but_the_last_ends_with_a_whole_event_and_no_byte_is_lost(pieces: list[bytes]):
    """However the network cuts a stream, the client could be cut off between any two pieces."""

    async def read_all() -> list[bytes]:
        stream, found = WholeEvents(Pieces(list(pieces))), []
        while piece := await stream.read():
            found.append(piece)
        return found

    found = asyncio.run(read_all())
    assert b"".join(found) == b"".join(pieces)
    assert all(piece.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")) for piece in found[:-1])


def test_a_stream_without_events_is_not_held_for_ever():
    """What has no end of an event within a mebibyte passes as it comes."""

    async def run() -> None:
        stream = WholeEvents(Pieces([b"x" * MOST_HELD_BYTES, b"y", b"z"]))
        assert len(await stream.read()) == MOST_HELD_BYTES + 1
        assert await stream.whole() == b"z"

    asyncio.run(run())
