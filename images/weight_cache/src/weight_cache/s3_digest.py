"""What does S3 publish of an object's content? A stored checksum, or an ETag that is one; else nothing.

Source: Amazon S3 user guide, "Checking object integrity" (2025): the ETag is an MD5 digest except under KMS or customer
keys, and of an upload in parts both kinds are the digest of the digests of its parts.
"""

from __future__ import annotations

import base64
import math
import re
from dataclasses import replace
from typing import Any, Protocol

from weight_cache.digest import Digest

ETAG = re.compile(r"([0-9a-f]{32})(?:-([0-9]+))?")
ETAG_IS_MD5 = {None, "AES256"}


class HeadClient(Protocol):
    """The call of boto3's S3 client that is used."""

    def head_object(self, **request: Any) -> dict[str, Any]: ...


def published_digest(client: HeadClient, bucket: str, key: str) -> Digest | None:
    """The strongest digest that S3 holds of an object and that can be computed here; None when it holds none."""
    head = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    return (
        _stored(client, bucket, key, head, "ChecksumSHA256", "sha256")
        or _etag(client, bucket, key, head)
        or _stored(client, bucket, key, head, "ChecksumCRC32", "crc32")
    )


def _stored(
    client: HeadClient, bucket: str, key: str, head: dict[str, Any], field: str, algorithm: str
) -> Digest | None:
    if field not in head:
        return None
    value, _, parts = head[field].partition("-")
    published = Digest(algorithm, base64.b64decode(value).hex())
    return _in_parts(client, bucket, key, head, published, int(parts)) if parts else published


def _etag(client: HeadClient, bucket: str, key: str, head: dict[str, Any]) -> Digest | None:
    etag = ETAG.fullmatch(head["ETag"].strip('"'))
    if etag is None or head.get("ServerSideEncryption") not in ETAG_IS_MD5 or "SSECustomerAlgorithm" in head:
        return None
    published = Digest("md5", etag[1])
    return _in_parts(client, bucket, key, head, published, int(etag[2])) if etag[2] else published


def _in_parts(
    client: HeadClient, bucket: str, key: str, head: dict[str, Any], published: Digest, parts: int
) -> Digest | None:
    """Parts are of one size, but for the last; where they cannot have been, the digest says nothing that we can use."""
    part_bytes = client.head_object(Bucket=bucket, Key=key, PartNumber=1)["ContentLength"]
    if part_bytes == 0 or math.ceil(head["ContentLength"] / part_bytes) != parts:
        return None
    return replace(published, part_bytes=part_bytes)
