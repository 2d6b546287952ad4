"""Do an answer's head and the first piece of its body go out together, and does a head that stays alone go out, too?"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fake_engine import FakeEngine, gated, whole
from gateway.gathering import GatheringTransport
from gateway.lines import Lines
from running_gateway import running_gateway

if TYPE_CHECKING:
    from collections.abc import Callable

ASK = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"


class Written:
    """A transport that keeps what it is given, write by write."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.pieces.append(data)

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        self.pieces.append(b"".join(parts))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def turn() -> None:
    await asyncio.sleep(0)


def written_by(act: Callable[[GatheringTransport], Any]) -> list[bytes]:
    """What reaches the connection, a turn of the loop after `act`."""

    async def run() -> list[bytes]:
        transport: Any = Written()
        act(GatheringTransport(transport, asyncio.get_running_loop()))
        await turn()
        return transport.pieces

    return asyncio.run(run())


def test_the_first_two_writes_are_one_and_later_ones_are_not():
    """Head and body are one packet; the chunks of a stream are not kept for each other."""

    def act(one: GatheringTransport) -> None:
        for piece in (b"head", b"first", b"second", b""):
            one.write(piece)

    assert written_by(act) == [b"headfirst", b"second", b""]


def test_a_head_alone_waits_for_a_turn_of_the_loop_and_no_longer():
    """Of an answer to HEAD, or `100 Continue`: nothing follows."""
    assert written_by(lambda one: one.write(b"head")) == [b"head"]


def test_nothing_is_lost_when_the_connection_closes_or_something_else_must_go_first():
    """Closing writes what is kept, and so does `flush`, once."""
    assert written_by(lambda one: (one.write(b"head"), one.flush(), one.flush(), one.write(b"x"))) == [b"head", b"x"]

    def closed(one: GatheringTransport) -> None:
        one.write(b"head")
        one.close()
        assert one.is_closing()

    assert written_by(closed) == [b"head"]


def pieces_of(engine: FakeEngine, count: int, go_on: Any = None) -> list[bytes]:
    """The first pieces in which an answer arrives, gathered; `go_on` is set between the first and the second."""

    async def run() -> list[bytes]:
        found: list[bytes] = []
        async with engine.running(), running_gateway(engine.url) as gateway:
            loop = asyncio.get_running_loop()
            with socket.create_connection(("127.0.0.1", gateway.port)) as client:
                client.setblocking(False)
                await loop.sock_sendall(client, ASK)
                while len(found) < count:
                    found.append(await asyncio.wait_for(loop.sock_recv(client, 65536), 5))
                    if go_on is not None:
                        go_on.set()
                # Two writes could arrive as one piece by chance.
                (connection,) = gateway.server.server_state.connections
                assert isinstance(connection.cycle.transport, GatheringTransport)  # pyright: ignore[reportAttributeAccessIssue]
        return found

    return asyncio.run(run())


def test_a_plain_answer_arrives_in_one_piece():
    """A client wakes once for it."""
    (piece,) = pieces_of(FakeEngine(whole(b'{"choices": []}')), 1)
    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b'\r\n\r\n{"choices": []}')


def test_a_stream_arrives_with_its_first_event_and_the_next_when_it_comes():
    """The first event does not wait for the second."""
    script, go_on = gated(b"data: 1\n\n", [b"data: 2\n\n"])
    first, second = pieces_of(FakeEngine(script), 2, go_on)
    assert first.endswith(b"9\r\ndata: 1\n\n\r\n")
    assert second.startswith(b"9\r\ndata: 2\n\n\r\n")


def test_who_waits_for_a_continue_gets_it():
    """The interim answer is the first write, and is not kept for the real one."""

    async def run() -> bytes:
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(ASK.replace(b"\r\n\r\n{}", b"\r\nexpect: 100-continue\r\n\r\n"))
            interim = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            writer.write(b"{}")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            return interim + head.partition(b"\r\n")[0]

    assert asyncio.run(run()) == b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"


def test_lines_of_one_turn_are_written_together():
    """In their order; what waits at the end is written by `flush`."""

    class Stream:
        def __init__(self) -> None:
            self.written: list[str] = []
            self.flushed = 0

        def write(self, text: str) -> None:
            self.written.append(text)

        def flush(self) -> None:
            self.flushed += 1

    async def run() -> None:
        stream: Any = Stream()
        lines = Lines(stream)
        lines("a")
        lines("b")
        assert stream.written == []
        await turn()
        lines("c")
        lines.flush()
        await turn()
        assert (stream.written, stream.flushed) == (["a\nb\n", "c\n"], 2)

    asyncio.run(run())
