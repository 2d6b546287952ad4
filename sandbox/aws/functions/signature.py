"""Is a request signed, with the sandbox's secret and for Lambda? As AWS checks it at a function's URL."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from sandbox.aws.call import Call

SECRET = "sandbox"  # noqa: S105 - public on purpose
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request,\s*"
    r"SignedHeaders=(?P<names>[\w;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_TIME = "%Y%m%dT%H%M%SZ"
_OLDEST_SECONDS = 300


def signer_of(call: Call, region: str, *clocks: float) -> str | None:
    """Return the access key that signed a request to Lambda in this region, by one of the clocks; None for no other."""
    match = _HEADER.fullmatch(call.headers.get("authorization", ""))
    if match is None or (match["region"], match["service"]) != (region, "lambda"):
        return None
    stamp = call.headers.get("x-amz-date", "")
    try:
        at = datetime.strptime(stamp, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    names = match["names"].split(";")
    if min(abs(clock - at) for clock in clocks) > _OLDEST_SECONDS or "host" not in names:
        return None
    digest = hashlib.sha256(_canonical(call, names).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{match['day']}/{region}/lambda/aws4_request\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for part in (match["day"], region, "lambda", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.digest(key, text.encode(), "sha256").hex()
    return match["key"] if hmac.compare_digest(expected, match["signature"]) else None


def _canonical(call: Call, names: list[str]) -> str:
    parts = urlsplit(call.target)
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True))
    headers = "".join(f"{name}:{' '.join(call.headers.get(name, '').split())}\n" for name in names)
    query = "&".join(f"{name}={value}" for name, value in pairs)
    # A path that came percent-encoded is encoded once more, as for every service but S3.
    path = quote(parts.path or "/", safe="/-_.~")
    return "\n".join((call.method, path, query, headers, ";".join(names), hashlib.sha256(call.body).hexdigest()))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
