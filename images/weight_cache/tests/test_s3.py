"""Are weights below an S3 prefix listed whole, fetched in parallel and continued?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from weight_cache.errors import AccessDeniedError, NotFoundError, UnreachableError
from weight_cache.s3 import S3Source

if TYPE_CHECKING:
    from pathlib import Path


class FakeS3:
    """Objects of one bucket, two per page; `error` is raised by every call."""

    def __init__(self, objects: dict[str, bytes], error: Exception | None = None) -> None:
        self.objects = objects
        self.error = error
        self.gets: list[tuple[str, str]] = []

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        keys = sorted(key for key in self.objects if key.startswith(request["Prefix"]))
        begin = int(request.get("ContinuationToken", "0"))
        page: dict[str, Any] = {
            "Contents": [
                {"Key": key, "Size": len(self.objects[key]), "ETag": f'"tag-{key[-1]}"'}
                for key in keys[begin : begin + 2]
            ]
        }
        return page | ({"NextContinuationToken": str(begin + 2)} if begin + 2 < len(keys) else {})

    def head_object(self, **request: Any) -> dict[str, Any]:
        return {"ETag": f'"tag-{request["Key"][-1]}"', "ContentLength": len(self.objects[request["Key"]])}

    def get_object(self, **request: Any) -> dict[str, Any]:
        self.gets.append((request["Key"], request["Range"]))
        assert request["IfMatch"] == f'"tag-{request["Key"][-1]}"'
        begin = int(request["Range"].removeprefix("bytes=").removesuffix("-"))
        return {"Body": io.BytesIO(self.objects[request["Key"]][begin:])}


OBJECTS = {
    "m/": b"",
    "m/config.json": b"{}",
    "m/a.safetensors": b"0123456789",
    "m/b.safetensors": b"abc",
    "m/c.gguf": b"x",
    "m/empty.txt": b"",
    "other/d": b"x",
}


def test_all_pages_of_the_prefix_are_fetched_without_skipped_files(tmp_path: Path):
    """Folder placeholders, .gguf and other prefixes stay away; an empty file is made."""
    s3 = FakeS3(OBJECTS)
    source = S3Source("s3://bucket/m/", s3)
    manifest = source.manifest()
    assert manifest.sizes == {"a.safetensors": 10, "b.safetensors": 3, "config.json": 2, "empty.txt": 0}
    source.fetch(manifest, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "a.safetensors": b"0123456789",
        "b.safetensors": b"abc",
        "config.json": b"{}",
        "empty.txt": b"",
    }


def test_what_is_there_is_not_fetched_again_and_a_part_is_continued(tmp_path: Path):
    """A part of the same object version is continued at its length; of another version it is not."""
    (tmp_path / "config.json").write_bytes(b"{}")
    (tmp_path / "a.safetensors.tag-s.part").write_bytes(b"0123")
    (tmp_path / "b.safetensors.tag-old.part").write_bytes(b"zz")
    (tmp_path / "empty.txt").write_bytes(b"")
    s3 = FakeS3(OBJECTS)
    source = S3Source("s3://bucket/m/", s3)
    source.fetch(source.manifest(), tmp_path)
    assert sorted(s3.gets) == [("m/a.safetensors", "bytes=4-"), ("m/b.safetensors", "bytes=0-")]
    assert (tmp_path / "a.safetensors").read_bytes() == b"0123456789"
    assert (tmp_path / "b.safetensors").read_bytes() == b"abc"


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a long text"}}, "ListObjectsV2")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (failure("AccessDenied"), AccessDeniedError, "S3 answered AccessDenied; let the task role read it"),
        (NoCredentialsError(), AccessDeniedError, "S3 answered NoCredentialsError; let the task role read it"),
        (failure("NoSuchBucket"), NotFoundError, "S3 answered NoSuchBucket; check model.s3_uri"),
        (failure("SlowDown"), UnreachableError, "S3 failed (SlowDown); run again"),
        (ReadTimeoutError(endpoint_url="https://host"), UnreachableError, "S3 failed (ReadTimeoutError); run again"),
    ],
)
def test_each_failure_of_s3_is_one_line(error: Exception, kind: type[Exception], message: str):
    """S3's code stands in the line, its texts do not."""
    with pytest.raises(kind) as caught:
        S3Source("s3://bucket/m/", FakeS3({}, error)).manifest()
    assert str(caught.value) == f"s3://bucket/m/: {message}"


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ({}, "holds no file besides *.pth, original/*, *.gguf; check model.s3_uri"),
        ({"m/../x": b"1"}, "the key '../x' would leave the snapshot's folder; rename the object"),
    ],
)
def test_a_prefix_that_is_no_snapshot_is_refused(objects: dict[str, bytes], message: str):
    """Nothing at all, and keys that point out of the folder."""
    with pytest.raises(NotFoundError) as caught:
        S3Source("s3://bucket/m/", FakeS3(objects)).manifest()
    assert str(caught.value).endswith(message)
