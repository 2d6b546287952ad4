"""How do weights come from S3? File by file, several at once, each continued where an earlier run stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from weight_cache.config import S3_URI
from weight_cache.errors import AccessDeniedError, ConfigError, NotFoundError, UnreachableError
from weight_cache.s3_digest import HeadClient, published_digest
from weight_cache.s3_error import is_of_the_disk, s3_code
from weight_cache.source import SKIPPED, Manifest, is_skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weight_cache.digest import Digest

PARALLEL_FILES = 8
CHUNK_BYTES = 8 * 1024 * 1024
DENIED = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "NoCredentialsError"}
MISSING = {"NoSuchBucket", "NoSuchKey", "404"}


class S3Client(HeadClient, Protocol):
    """The calls of boto3's S3 client that are used."""

    def list_objects_v2(self, **request: Any) -> dict[str, Any]: ...

    def get_object(self, **request: Any) -> dict[str, Any]: ...


class S3Source:
    """All objects below one prefix."""

    def __init__(self, s3_uri: str, client: S3Client) -> None:
        parts = S3_URI.fullmatch(s3_uri)
        if parts is None:
            raise ConfigError(f"BERTH_MODEL_S3_URI: {s3_uri!r} is not s3://bucket/prefix/")
        self._uri = s3_uri
        self._bucket, self._prefix = parts["bucket"], parts["prefix"]
        self._client = client
        self._etags: dict[str, str] = {}

    def manifest(self) -> Manifest:
        sizes: dict[str, int] = {}
        for item in self._objects():
            path = item["Key"].removeprefix(self._prefix)
            if path and not path.endswith("/") and not is_skipped(path):
                self._check_path(path)
                sizes[path] = item["Size"]
                self._etags[path] = item["ETag"].strip('"')
        if not sizes:
            raise NotFoundError(f"{self._uri} holds no file besides {', '.join(SKIPPED)}; check model.s3_uri")
        return Manifest("s3", sizes, self._digests(sizes))

    def _digests(self, sizes: dict[str, int]) -> dict[str, Digest]:
        with ThreadPoolExecutor(PARALLEL_FILES) as pool:
            found = pool.map(self._digest, sizes)
            return {path: digest for path, digest in zip(sizes, found, strict=True) if digest is not None}

    def _digest(self, path: str) -> Digest | None:
        with self._told_plainly():
            return published_digest(self._client, self._bucket, self._prefix + path)

    def _objects(self) -> Iterator[dict[str, Any]]:
        request = {"Bucket": self._bucket, "Prefix": self._prefix}
        while True:
            with self._told_plainly():
                page = self._client.list_objects_v2(**request)
            yield from page.get("Contents", [])
            if "NextContinuationToken" not in page:
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def fetch(self, manifest: Manifest, into: Path) -> None:
        with ThreadPoolExecutor(PARALLEL_FILES) as pool:
            for done in [pool.submit(self._fetch_file, path, size, into) for path, size in manifest.sizes.items()]:
                done.result()

    def _fetch_file(self, path: str, size: int, into: Path) -> None:
        target = into / path
        etag = self._etags[path]
        if target.exists() and target.stat().st_size == size:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        # The content's tag is in the name: what was begun from another version of the object is not continued.
        part = target.with_name(f"{target.name}.{etag}.part")
        begin = part.stat().st_size if part.exists() else 0
        with part.open("ab") as file:
            if begin < size:
                self._append(file, path, begin, etag)
        part.replace(target)

    def _append(self, file: BinaryIO, path: str, begin: int, etag: str) -> None:
        with self._told_plainly():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._prefix + path, Range=f"bytes={begin}-", IfMatch=f'"{etag}"'
            )
            while chunk := answer["Body"].read(CHUNK_BYTES):
                file.write(chunk)

    def _check_path(self, path: str) -> None:
        if path.startswith("/") or ".." in path.split("/"):
            raise NotFoundError(f"{self._uri}: the key {path!r} would leave the snapshot's folder; rename the object")

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if is_of_the_disk(error):
                raise
            code = s3_code(error)
            if code in DENIED:
                raise AccessDeniedError(f"{self._uri}: S3 answered {code}; let the task role read it") from None
            if code in MISSING:
                raise NotFoundError(f"{self._uri}: S3 answered {code}; check model.s3_uri") from None
            raise UnreachableError(f"{self._uri}: S3 failed ({code}); run again") from None
