"""What did SageMaker answer? A container's answer in AWS's wrapping, which is taken off here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateway import errors
from gateway.upstreams.http import FixedAnswer, header
from gateway.upstreams.upstream import BrokenOffError, RefusedUsError

if TYPE_CHECKING:
    from gateway.upstreams.http import HttpAnswer
    from gateway.upstreams.upstream import RawHeaders

JSON = b"application/json"
PAYLOAD_TYPE = b"x-amzn-sagemaker-content-type"
ERROR_TYPE = b"x-amzn-errortype"
LAST_STATUS = 599
FIRST_ERROR_STATUS = 400


class PlainAnswer:
    """The answer to InvokeEndpoint: the container's body as it is."""

    def __init__(self, answer: HttpAnswer) -> None:
        self._answer = answer
        self.status = answer.status
        self.length = answer.length
        self.headers: RawHeaders = [
            (name, value) for name, value in answer.headers if name in {b"content-type", b"content-length"}
        ]
        self.read = answer.read
        self.whole = answer.whole
        self.close = answer.close


class EventStreamAnswer:
    """The answer to InvokeEndpointWithResponseStream: binary frames whose payloads are pieces of the container's body.

    A piece ends anywhere, in the middle of a server-sent event too; one after the other they are its bytes again.
    Source: SageMaker runtime API, ResponseStream, and botocore's event stream decoder (2026-11).
    """

    def __init__(self, answer: HttpAnswer) -> None:
        from botocore.eventstream import EventStreamBuffer  # noqa: PLC0415 an extra, loaded where it is used

        self._answer = answer
        self._frames: Any = EventStreamBuffer()
        self._undecoded_bytes = 0
        self._failure: BrokenOffError | None = None
        self.status = answer.status
        self.length: int | None = None
        kind = (header(answer, PAYLOAD_TYPE) or "text/event-stream").encode("latin-1")
        self.headers: RawHeaders = [(b"content-type", kind), (b"cache-control", b"no-cache")]

    async def read(self) -> bytes:
        while True:
            piece = self._pieces()
            if piece:
                return piece
            if self._failure is not None:
                raise self._failure
            received = await self._answer.read()
            if not received:
                if self._undecoded_bytes:
                    raise BrokenOffError("the event stream ends inside a frame")
                return b""
            self._undecoded_bytes += len(received)
            self._frames.add_data(received)

    async def whole(self) -> bytes:
        parts: list[bytes] = []
        while part := await self.read():
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._answer.close()

    def _pieces(self) -> bytes:
        """The payloads of all frames that have arrived whole; a failure behind them waits until they are taken."""
        from botocore.eventstream import ParserError  # noqa: PLC0415

        pieces: list[bytes] = []
        try:
            while self._failure is None and (frame := next(self._frames, None)) is not None:
                self._undecoded_bytes -= frame.prelude.total_length
                if frame.headers.get(":message-type") == "event":
                    pieces.append(frame.payload)
                else:
                    self._failure = BrokenOffError(str(frame.headers.get(":exception-type", "error")))
        except ParserError as error:
            self._failure = BrokenOffError(type(error).__name__)
        return b"".join(pieces)


def refusal(status: int, headers: RawHeaders, body: bytes) -> FixedAnswer:
    """An answer in OpenAI's shape to what SageMaker, or the container behind it, refused.

    Raises:
        RefusedUsError: when AWS did not accept the credentials, or what they allow.
    """
    kind = next((value.decode("latin-1") for name, value in headers if name == ERROR_TYPE), "").partition(":")[0]
    document = _object(body)
    if kind == "ModelError" or "OriginalStatusCode" in document:
        return _from_container(document)
    if status in {401, 403}:
        raise RefusedUsError(kind or str(status))
    if "Throttl" in kind or status == 429:  # noqa: PLR2004
        return _fixed(errors.plain_http(429, "SageMaker takes no more requests at the moment; try again"))
    if kind == "ModelNotReadyException" or (kind.startswith("Validation") and "not found" in _message(document)):
        return _fixed(errors.upstream_away(30))
    if status == 413 or (kind.startswith("Validation") and "exceed" in _message(document)):  # noqa: PLR2004
        return _fixed(errors.plain_http(413, "the request is larger than SageMaker takes; send less"))
    if FIRST_ERROR_STATUS <= status < 500:  # noqa: PLR2004
        return _fixed(errors.plain_http(status, f"SageMaker refused the request ({kind or status})"))
    # 530 (InternalDependencyException) is no status that others know.
    return _fixed(errors.plain_http(status if status in {500, 503, 504} else 502))


def _from_container(document: dict[str, Any]) -> FixedAnswer:
    """What the container itself answered; its message is the client's business, the rest of AWS's report is not."""
    status = document.get("OriginalStatusCode")
    text = document.get("OriginalMessage")
    known = isinstance(status, int) and FIRST_ERROR_STATUS <= status <= LAST_STATUS
    body = text.encode() if isinstance(text, str) else b""
    if not known or not isinstance(status, int):
        # SageMaker gave up waiting for the container (60 s for an answer that is not streamed), or lost it.
        status = 504 if b"timed out" in body else 502
    return FixedAnswer(status, [(b"content-type", JSON)], body)


def _fixed(error: errors.ApiError) -> FixedAnswer:
    return FixedAnswer(error.status, error.raw_headers(), error.body())


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _message(document: dict[str, Any]) -> str:
    return str(document.get("Message") or document.get("message") or "").lower()
