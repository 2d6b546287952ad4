"""What lies on a RunPod network volume, and how does a file get there? Through the volume's S3 API, in parts.

Source: RunPod's documentation, "S3-compatible API" (2026-08-20): 500 MB at most in one piece, no check for free space,
and an answer to the completion of a large upload that can take longer than clients wait.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from weight_cache.digest import file_digest
from weight_cache.errors import (
    AccessDeniedError,
    ConflictError,
    DiskFullError,
    NotFoundError,
    UnreachableError,
    WeightCacheError,
)
from weight_cache.s3_digest import ETAG
from weight_cache.s3_error import is_of_the_disk, s3_code
from weight_cache.upload import Upload, found_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PART_BYTES = 64 * 1024 * 1024
PARALLEL_PARTS = 4
SETTLE_SECONDS = 600.0
ASK_SECONDS = 5.0
DENIED = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden", "401"}
MISSING_VOLUME = {"NoSuchBucket", "404"}
NO_ROOM = {"InsufficientStorage", "507", "QuotaExceeded"}
MISSING_OBJECT = {"404", "NoSuchKey", "NotFound"}
# The last: botocore has asked again, and the first call had done it.
ANSWERED_TOO_LATE = {"ReadTimeoutError", "ConnectionClosedError", "502", "504", "524", "NoSuchUpload"}


class RunpodVolume:
    """One volume as its S3 API shows it; `client` is boto3's, made for the volume's data center."""

    def __init__(
        self,
        client: Any,
        volume_id: str,
        *,
        part_bytes: int = PART_BYTES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._volume_id = volume_id
        self._part_bytes = part_bytes
        self._sleep = sleep

    def check(self) -> None:
        """Nothing else tells a volume that is not there from one that is empty.

        Raises:
            NotFoundError: there is no such volume in this data center.
            AccessDeniedError: the key may not use it.
        """
        with self._told_plainly():
            self._client.head_bucket(Bucket=self._volume_id)

    def size(self, key: str) -> int | None:
        """Bytes of a file; None when there is none."""
        head = self._head(key)
        return None if head is None else head["ContentLength"]

    def read(self, key: str) -> bytes | None:
        """A small file; None when there is none."""
        try:
            with self._told_plainly():
                return self._client.get_object(Bucket=self._volume_id, Key=key)["Body"].read()
        except NotFoundError:
            return None

    def write(self, key: str, content: bytes) -> None:
        with self._told_plainly():
            self._client.put_object(Bucket=self._volume_id, Key=key, Body=content)

    def used_bytes(self) -> int:
        """What all files take; slow on a volume of many."""
        with self._told_plainly():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._volume_id)
            return sum(item["Size"] for page in pages for item in page.get("Contents", []))

    def holds(self, key: str, file: Path) -> bool:
        """Whether the volume has this very file: its size, and its digest where the API shows one."""
        head = self._head(key)
        if head is None or head["ContentLength"] != file.stat().st_size:
            return False
        etag = ETAG.fullmatch(head["ETag"].strip('"'))
        if etag is None:
            return True
        if etag[2] is None:
            return file_digest(file, "md5") == etag[1]
        parts = -(-file.stat().st_size // self._part_bytes)
        # Of parts of another size nothing can be said: somebody else's upload of as many bytes to the same commit.
        return parts != int(etag[2]) or file_digest(file, "md5", self._part_bytes) == etag[1]

    def put(self, key: str, file: Path) -> None:
        """Bring a file to the volume, going on where an upload of it broke off.

        Raises:
            ConflictError: what arrived is not what was sent.
        """
        if file.stat().st_size <= self._part_bytes:
            self.write(key, file.read_bytes())
        else:
            self._put_in_parts(key, file)
        if not self.holds(key, file):
            raise ConflictError(f"{self._place}: {key} arrived damaged; run again")

    def _put_in_parts(self, key: str, file: Path) -> None:
        with self._told_plainly():
            mine, *others = self._uploads(key) or [
                Upload(self._client.create_multipart_upload(Bucket=self._volume_id, Key=key)["UploadId"], {})
            ]
            with ThreadPoolExecutor(PARALLEL_PARTS) as pool:
                sent = list(pool.map(lambda part: self._send(key, mine, *part), self._parts(file)))
            self._complete(key, mine.id, sent, file.stat().st_size)
            for other in others:
                # They take room on the volume, and nobody will finish them now.
                self._client.abort_multipart_upload(Bucket=self._volume_id, Key=key, UploadId=other.id)

    def _parts(self, file: Path) -> Iterator[tuple[int, Path]]:
        return ((number, file) for number in range(1, -(-file.stat().st_size // self._part_bytes) + 1))

    def _send(self, key: str, upload: Upload, number: int, file: Path) -> dict[str, Any]:
        with file.open("rb") as content:
            content.seek((number - 1) * self._part_bytes)
            part = content.read(self._part_bytes)
        etag = upload.etag_of(number, part)
        if etag is None:
            etag = self._client.upload_part(
                Bucket=self._volume_id, Key=key, UploadId=upload.id, PartNumber=number, Body=part
            )["ETag"]
        return {"PartNumber": number, "ETag": etag}

    def _complete(self, key: str, upload_id: str, parts: list[dict[str, Any]], size: int) -> None:
        try:
            self._client.complete_multipart_upload(
                Bucket=self._volume_id, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except Exception as error:
            if s3_code(error) not in ANSWERED_TOO_LATE or not self._arrives(key, size):
                raise

    def _arrives(self, key: str, size: int) -> bool:
        """The API goes on with a completion whose caller it has lost."""
        for _ in range(int(SETTLE_SECONDS / ASK_SECONDS)):
            if self.size(key) == size:
                return True
            self._sleep(ASK_SECONDS)
        return False

    def _uploads(self, key: str) -> list[Upload]:
        """Uploads of this file that were begun and not ended, the one with most parts first."""
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._volume_id, Prefix=key)
        begun = [item["UploadId"] for page in pages for item in page.get("Uploads", []) if item["Key"] == key]
        uploads = [Upload(found, found_parts(self._client, self._volume_id, key, found)) for found in begun]
        return sorted(uploads, key=lambda upload: len(upload.parts), reverse=True)

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            return self._client.head_object(Bucket=self._volume_id, Key=key)
        except Exception as error:  # noqa: BLE001 botocore's errors, without loading botocore
            if s3_code(error) in MISSING_OBJECT:
                return None
            raise self._translated(error) from None

    @property
    def _place(self) -> str:
        return f"network volume {self._volume_id}"

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # Told already, or not the volume's.
            if isinstance(error, WeightCacheError) or is_of_the_disk(error):
                raise
            raise self._translated(error) from None

    def _translated(self, error: Exception) -> Exception:
        code = s3_code(error)
        if code in DENIED:
            return AccessDeniedError(f"{self._place}: the API answered {code}; check the S3 API key and its owner")
        if code in MISSING_VOLUME | MISSING_OBJECT:
            return NotFoundError(f"{self._place}: the API answered {code}; check its id and its data center")
        if code in NO_ROOM:
            return DiskFullError(f"{self._place}: the API answered {code}; give the volume more space")
        return UnreachableError(f"{self._place}: the API failed ({code}); run again, it goes on where it stopped")
