"""Does a file reach a network volume whole, whatever breaks on the way, and without being sent twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from volume_api import FaultyClient, VolumeApi, running_volume_api
from weight_cache.errors import (
    AccessDeniedError,
    ConflictError,
    DiskFullError,
    NotFoundError,
    UnreachableError,
    WeightCacheError,
)
from weight_cache.volume import RunpodVolume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# S3's least part but for the last; RunPod has no least.
PART_BYTES = 5 * 2**20
CONTENT = b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * 10


@pytest.fixture(scope="module")
def api() -> Iterator[VolumeApi]:
    with running_volume_api() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "model.safetensors").write_bytes(CONTENT)
    return tmp_path / "model.safetensors"


def volume(api: VolumeApi, client: Any = None) -> RunpodVolume:
    return RunpodVolume(client or api.client, api.id, part_bytes=PART_BYTES, sleep=lambda _: None)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a long text with a host in it"}}, "UploadPart")


def always(error: Exception) -> Callable[..., Any]:
    def fail(_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_a_large_file_is_sent_in_parts_and_found_again(api: VolumeApi, file: Path):
    """Three parts; the same file is held afterwards, one that differs in a byte is not."""
    client = FaultyClient(api.client)
    volume(api, client).put("large", file)
    assert client.calls.count("upload_part") == 3
    assert api.files["large"] == CONTENT
    assert volume(api).holds("large", file)
    file.write_bytes(CONTENT[:-1] + b"d")
    assert not volume(api).holds("large", file)


def test_a_small_file_is_sent_in_one_piece(api: VolumeApi, tmp_path: Path):
    """No upload in parts is begun for a configuration file; an empty file arrives too."""
    (tmp_path / "config.json").write_bytes(b"{}")
    (tmp_path / "empty").write_bytes(b"")
    client = FaultyClient(api.client)
    volume(api, client).put("small", tmp_path / "config.json")
    volume(api, client).put("empty", tmp_path / "empty")
    assert "create_multipart_upload" not in client.calls
    assert (api.files["small"], api.files["empty"]) == (b"{}", b"")
    assert [volume(api, client).size(key) for key in ("small", "empty", "absent")] == [2, 0, None]


def test_an_upload_that_broke_off_goes_on_with_what_has_arrived(api: VolumeApi, file: Path):
    """The second part failed: the next run sends that one alone, and leaves no upload behind."""

    def fail_on_the_second(real: Any, **request: Any) -> Any:
        if request["PartNumber"] == 2:
            raise refused("SlowDown")
        return real(**request)

    with pytest.raises(UnreachableError) as caught:
        volume(api, FaultyClient(api.client, upload_part=fail_on_the_second)).put("broken", file)
    assert str(caught.value) == (
        f"network volume {api.id}: the API failed (SlowDown); run again, it goes on where it stopped"
    )
    client = FaultyClient(api.client)
    volume(api, client).put("broken", file)
    assert (client.calls.count("upload_part"), client.calls.count("create_multipart_upload")) == (1, 0)
    assert api.files["broken"] == CONTENT
    assert "Uploads" not in api.client.list_multipart_uploads(Bucket=api.id, Prefix="broken")


def test_a_part_of_another_content_is_sent_again_and_older_uploads_are_ended(api: VolumeApi, file: Path):
    """What was begun from another file is not taken for ours, and its room on the volume is given back."""
    for content in (b"x" * PART_BYTES, b"y" * PART_BYTES):
        begun = api.client.create_multipart_upload(Bucket=api.id, Key="stale")["UploadId"]
        api.client.upload_part(Bucket=api.id, Key="stale", UploadId=begun, PartNumber=1, Body=content)
    client = FaultyClient(api.client)
    volume(api, client).put("stale", file)
    assert client.calls.count("upload_part") == 3
    assert api.files["stale"] == CONTENT
    assert "Uploads" not in api.client.list_multipart_uploads(Bucket=api.id, Prefix="stale")


@pytest.mark.parametrize(
    "error", [ReadTimeoutError(endpoint_url="https://host"), refused("524"), refused("NoSuchUpload")]
)
def test_a_completion_whose_answer_is_lost_is_waited_for(api: VolumeApi, file: Path, error: Exception):
    """RunPod goes on with it; the file that then is there ends the wait."""

    def complete_without_answer(real: Any, **request: Any) -> Any:
        real(**request)
        raise error

    volume(api, FaultyClient(api.client, complete_multipart_upload=complete_without_answer)).put("late", file)
    assert api.files["late"] == CONTENT
    api.client.delete_object(Bucket=api.id, Key="late")


def test_a_completion_that_never_happens_is_an_error(api: VolumeApi, file: Path):
    """After ten minutes without the file; the parts stay for the next run."""
    client = FaultyClient(api.client, complete_multipart_upload=always(refused("524")))
    with pytest.raises(UnreachableError, match=r"the API failed \(524\)"):
        volume(api, client).put("never", file)
    assert client.calls.count("head_object") == 120


def test_a_file_that_arrives_damaged_is_an_error(api: VolumeApi, tmp_path: Path):
    """Of the right size and another content: the API's own digest shows it."""
    (tmp_path / "config.json").write_bytes(b"{}")

    def damage(real: Any, **request: Any) -> Any:
        return real(**{**request, "Body": b"[]"})

    with pytest.raises(ConflictError) as caught:
        volume(api, FaultyClient(api.client, put_object=damage)).put("damaged", tmp_path / "config.json")
    assert str(caught.value) == f"network volume {api.id}: damaged arrived damaged; run again"


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            refused("SignatureDoesNotMatch"),
            AccessDeniedError,
            "the API answered SignatureDoesNotMatch; check the S3 API key",
        ),
        (refused("NoSuchBucket"), NotFoundError, "the API answered NoSuchBucket; check its id and its data center"),
        (
            refused("InsufficientStorage"),
            DiskFullError,
            "the API answered InsufficientStorage; give the volume more space",
        ),
        (refused("500"), UnreachableError, r"the API failed \(500\); run again"),
        (
            EndpointConnectionError(endpoint_url="https://h"),
            UnreachableError,
            r"\(EndpointConnectionError\); run again",
        ),
        (ReadTimeoutError(endpoint_url="https://h"), UnreachableError, r"\(ReadTimeoutError\); run again"),
    ],
)
def test_each_failure_of_the_api_is_one_line(
    api: VolumeApi, file: Path, error: Exception, kind: type[WeightCacheError], message: str
):
    """The code stands in the line; hosts and texts of the API do not."""
    with pytest.raises(kind, match=message) as caught:
        volume(api, FaultyClient(api.client, create_multipart_upload=always(error))).put("refused", file)
    assert "host" not in str(caught.value)


def test_used_bytes_are_those_of_all_files(api: VolumeApi):
    """What the room check compares with the volume's size."""
    assert volume(api).used_bytes() == sum(len(content) for content in api.files.values())
