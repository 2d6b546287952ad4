"""What of an upload has arrived already? Its parts by number, each known by its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Upload:
    """One upload in parts that was begun."""

    id: str
    parts: dict[int, str]
    """Number -> ETag."""

    def etag_of(self, number: int, content: bytes) -> str | None:
        """The ETag under which this very part has arrived; None when it has not, or another has."""
        etag = self.parts.get(number)
        if etag is None or etag.strip('"') != hashlib.md5(content, usedforsecurity=False).hexdigest():
            return None
        return etag


def found_parts(client: Any, bucket: str, key: str, upload_id: str) -> dict[int, str]:
    """All parts of an upload that have arrived."""
    pages = client.get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=upload_id)
    return {part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", [])}
