"""What does the SageMaker runtime do to a gateway? It checks the signature and wraps the container's answer.

Frames after the event stream encoding of the AWS SDKs; errors after the runtime's API model (botocore 1.44, 2026-11).
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from fake_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI", "session-token"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
}
REGION = "eu-west-1"
STRING = 7


@dataclass
class FakeSageMaker:
    """One endpoint; `body` is what its container answers, `error` what SageMaker answers instead."""

    endpoint: str = "chat"
    body: bytes = b'{"ok":true}'
    pieces: list[bytes] = field(default_factory=list)
    """Payloads of a streamed answer, cut where they please."""
    last_frame: bytes = b""
    cut: bool = False
    error: tuple[int, str, dict[str, object]] | None = None
    tokens: list[str] = field(default_factory=list)
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self._answer, base_path="/endpoints")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        openai = f"/endpoints/{self.endpoint}/openai/v1/chat/completions"
        if request.path == openai:
            return self._on_the_openai_route(request)
        if not await _is_signed(request):
            return _refused(403, "InvalidSignatureException", {"message": "The request signature does not match"})
        if self.error is not None:
            return _refused(*self.error)
        if not request.path.startswith(f"/endpoints/{self.endpoint}/"):
            return _refused(400, "ValidationError", {"message": "Endpoint other of account 123456789012 not found."})
        if request.path.endswith("/invocations"):
            headers = {"content-type": "application/json", "x-amzn-invoked-production-variant": "main"}
            return web.Response(body=self.body, headers=headers)
        headers = {
            "content-type": "application/vnd.amazon.eventstream",
            "x-amzn-sagemaker-content-type": request.headers["x-amzn-sagemaker-accept"],
        }
        answer = web.StreamResponse(headers=headers)
        await answer.prepare(request)
        async for written in self._frames():
            await answer.write(written)
        if self.cut and request.transport is not None:
            request.transport.abort()
        else:
            await answer.write_eof()
        return answer

    def _on_the_openai_route(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers["authorization"].partition(" ")
        url = base64.b64decode(token.removeprefix("sagemaker-api-key-")).decode()
        query = parse_qs(urlsplit("https://" + url).query)
        self.tokens.append(url)
        if scheme != "Bearer" or query["Action"] != ["CallWithBearerToken"]:
            return _refused(403, "AccessDeniedException", {"message": "no"})
        if not query["X-Amz-Credential"][0].startswith(f"{ACCESS_KEY}/"):
            return _refused(403, "ExpiredTokenException", {"message": "no"})
        return web.Response(body=self.body, content_type="application/json")

    async def _frames(self) -> AsyncIterator[bytes]:
        encoded = b"".join(frame(piece) for piece in self.pieces) + self.last_frame
        # The network cuts frames as it likes, too.
        for at in range(0, len(encoded), 11):
            yield encoded[at : at + 11]


def frame(payload: bytes, **headers: str) -> bytes:
    """One event stream message; without headers a PayloadPart."""
    named = headers or {"message-type": "event", "event-type": "PayloadPart"}
    packed = b"".join(
        struct.pack("!B", len(name) + 1) + f":{name}".encode() + struct.pack("!BH", STRING, len(value)) + value.encode()
        for name, value in ((name.replace("_", "-"), value) for name, value in named.items())
    )
    prelude = struct.pack("!II", 16 + len(packed) + len(payload), len(packed))
    start = prelude + struct.pack("!I", binascii.crc32(prelude)) + packed + payload
    return start + struct.pack("!I", binascii.crc32(start))


async def _is_signed(request: web.Request) -> bool:
    """Whether the signature is the one that botocore makes for the signed headers and the body."""
    given = request.headers.get("authorization", "")
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    expected = AWSRequest(
        request.method,
        str(request.url),
        data=await request.read(),
        headers={name: request.headers[name] for name in names if name and name not in {"x-amz-date", "host"}},
    )
    expected.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "sagemaker", REGION)
    expected.headers["X-Amz-Date"] = request.headers["x-amz-date"]
    text = signer.string_to_sign(expected, signer.canonical_request(expected))
    return given.endswith(f"Signature={signer.signature(text, expected)}")


def _refused(status: int, kind: str, document: dict[str, object]) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(document).encode(),
        headers={"x-amzn-errortype": f"{kind}:http://internal.amazon.com/", "content-type": "application/json"},
    )
