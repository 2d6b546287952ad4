"""Is a digest what the hub and S3 compute, and does every changed byte show?"""

from __future__ import annotations

import base64
import hashlib
import subprocess
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from weight_cache.digest import Digest, file_digest
from weight_cache.s3_digest import published_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART_BYTES = 5 * 2**20
LARGE = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * 10


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client: Any = boto3.client("s3", "us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")
        client.create_bucket(Bucket="bucket")
        yield client


def put_in_parts(s3: Any, content: bytes) -> None:
    upload = {"Bucket": "bucket", "Key": "large"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    starts = range(0, len(content), PART_BYTES)
    sent = [
        s3.upload_part(**upload, PartNumber=number, Body=content[start : start + PART_BYTES])
        for number, start in enumerate(starts, 1)
    ]
    parts = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in enumerate(sent, 1)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_an_object_of_one_piece_is_known_by_its_md5(s3: Any, tmp_path: Path):
    """The ETag is MD5; a content of the same length does not match it."""
    s3.put_object(Bucket="bucket", Key="small", Body=b"hello")
    digest = published_digest(s3, "bucket", "small")
    assert digest is not None
    assert digest == Digest("md5", hashlib.md5(b"hello", usedforsecurity=False).hexdigest())
    (tmp_path / "file").write_bytes(b"hello")
    assert digest.matches(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"hellO")
    assert not digest.matches(tmp_path / "file")


def test_a_stored_sha256_goes_before_the_etag(s3: Any):
    """It is stronger, and it is there under any encryption."""
    s3.put_object(Bucket="bucket", Key="small", Body=b"hello", ChecksumAlgorithm="SHA256")
    assert published_digest(s3, "bucket", "small") == Digest("sha256", hashlib.sha256(b"hello").hexdigest())


def test_an_object_of_parts_is_known_by_the_digest_of_their_digests(s3: Any, tmp_path: Path):
    """The size of its parts is asked for, since the digest depends on it."""
    put_in_parts(s3, LARGE)
    digest = published_digest(s3, "bucket", "large")
    assert digest is not None
    assert (digest.algorithm, digest.part_bytes) == ("md5", PART_BYTES)
    (tmp_path / "file").write_bytes(LARGE)
    assert digest.matches(tmp_path / "file")
    (tmp_path / "file").write_bytes(LARGE[:-1] + b"d")
    assert not digest.matches(tmp_path / "file")


class Heads:
    """An object of which only its head is asked."""

    def __init__(self, **head: Any) -> None:
        self.head = {"ETag": '"' + "0" * 32 + '"', "ContentLength": 12, **head}

    def head_object(self, **request: Any) -> dict[str, Any]:
        return {"ContentLength": 5} if request.get("PartNumber") == 1 else self.head


CRC32 = base64.b64encode(bytes.fromhex("3610a686")).decode()


@pytest.mark.parametrize(
    ("head", "digest"),
    [
        ({"ServerSideEncryption": "AES256"}, Digest("md5", "0" * 32)),
        ({"ServerSideEncryption": "aws:kms"}, None),
        ({"SSECustomerAlgorithm": "AES256"}, None),
        ({"ServerSideEncryption": "aws:kms", "ChecksumCRC32": CRC32}, Digest("crc32", "3610a686")),
        ({"ServerSideEncryption": "aws:kms", "ChecksumCRC32": CRC32 + "-3"}, Digest("crc32", "3610a686", 5)),
        ({"ETag": '"' + "0" * 32 + '-3"'}, Digest("md5", "0" * 32, 5)),
        ({"ETag": '"' + "0" * 32 + '-2"'}, None),
        ({"ETag": '"opaque"'}, None),
    ],
    ids=["SSE-S3", "KMS", "customer key", "CRC of all", "CRC of parts", "parts", "uneven parts", "other store"],
)
def test_an_etag_counts_only_where_it_is_a_digest(head: dict[str, str], digest: Digest | None):
    """Under KMS it is no MD5, and of parts that are not of one size it cannot be computed: then nothing is claimed."""
    assert published_digest(Heads(**head), "bucket", "key") == digest


def test_crc32_is_the_one_of_s3(tmp_path: Path):
    """Known answer: S3 stores NhCmhg== for the content `hello`."""
    (tmp_path / "file").write_bytes(b"hello")
    assert file_digest(tmp_path / "file", "crc32") == "3610a686"


def test_git_knows_a_file_by_the_same_id(tmp_path: Path):
    """Asked of git itself."""
    (tmp_path / "file").write_bytes(b"hello\n")
    asked = subprocess.run(["git", "hash-object", tmp_path / "file"], capture_output=True, text=True, check=True)
    assert file_digest(tmp_path / "file", "git-sha1") == asked.stdout.strip()


@given(content=st.binary(max_size=64), part_bytes=st.integers(1, 70))
def test_parts_are_hashed_one_by_one(tmp_path_factory: pytest.TempPathFactory, content: bytes, part_bytes: int):
    """Whatever the sizes: the digest of parts is that of their digests; the empty file has one empty part."""
    file = tmp_path_factory.mktemp("digest") / "file"
    file.write_bytes(content)
    slices = [content[start : start + part_bytes] for start in range(0, len(content), part_bytes)] or [b""]
    digests = b"".join(hashlib.sha256(part).digest() for part in slices)
    assert file_digest(file, "sha256", part_bytes) == hashlib.sha256(digests).hexdigest()
    assert file_digest(file, "sha256") == hashlib.sha256(content).hexdigest()
