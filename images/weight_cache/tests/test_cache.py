"""Is a snapshot complete exactly once, whatever happens on the way?"""

from __future__ import annotations

import errno
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from weight_cache.cache import WeightCache
from weight_cache.config import Snapshot
from weight_cache.digest import Digest
from weight_cache.errors import ConflictError, DiskFullError, NotFoundError, WeightCacheError
from weight_cache.lock import Lock
from weight_cache.source import Manifest

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT = Snapshot("org/model", "main", None)
FILES = {"config.json": b"{}", "sub/model.safetensors": b"weights"}
SIZES = {"config.json": 2, "sub/model.safetensors": 7}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


DIGESTS = {"config.json": Digest("md5", md5(b"{}"))}


@dataclass
class FakeSource:
    """Writes `files`; `sizes` is what it lists; `error` comes after the first file."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    sizes: dict[str, int] = field(default_factory=lambda: dict(SIZES))
    digests: dict[str, Digest] = field(default_factory=lambda: dict(DIGESTS))
    error: Exception | None = None
    fetches: int = 0
    go: threading.Event | None = None

    def manifest(self) -> Manifest:
        return Manifest("c0ffee", self.sizes, self.digests)

    def fetch(self, manifest: Manifest, into: Path) -> None:
        assert manifest.sizes == self.sizes
        self.fetches += 1
        if self.go is not None:
            assert self.go.wait(5)
        for path, content in self.files.items():
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(content)
            if self.error is not None:
                raise self.error


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, said: list[str]) -> WeightCache:
    return WeightCache(tmp_path, said.append, wait_seconds=0.02)


def test_a_snapshot_is_fetched_once_and_marked_last(cache: WeightCache, tmp_path: Path):
    """Folder <org>--<name>/<revision>; the marker names source, commit and sizes; a second run fetches nothing."""
    source = FakeSource()
    folder = cache.ensure(SNAPSHOT, source)
    assert folder == tmp_path / "org--model" / "main"
    assert json.loads((folder / ".complete").read_text()) == {
        "model_id": "org/model",
        "source": "hub",
        "revision": "c0ffee",
        "files": SIZES,
        "digests": {"config.json": {"algorithm": "md5", "value": md5(b"{}"), "part_bytes": None}},
    }
    assert {file.name for file in folder.iterdir()} == {".complete", "config.json", "sub"}
    assert cache.ensure(SNAPSHOT, source) == folder
    assert source.fetches == 1
    assert list((tmp_path / ".locks").iterdir()) == []


def test_tasks_that_start_together_fetch_once(cache: WeightCache, said: list[str]):
    """Four tasks: one downloads, three wait and find the snapshot complete."""
    go = threading.Event()
    source = FakeSource(go=go)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(cache.ensure, SNAPSHOT, source) for _ in range(4)]
        while sum(line.endswith("waiting for it") for line in said) < 3:
            assert not all(run.done() for run in runs)
        go.set()
        assert len({run.result() for run in runs}) == 1
    assert source.fetches == 1
    assert sum(line.endswith("was completed by another task") for line in said) == 3


@pytest.mark.parametrize("damage", ["no marker", "broken marker", "short file", "no file"])
def test_an_incomplete_snapshot_is_completed(cache: WeightCache, damage: str):
    """A marker that is missing or unreadable, or a file that does not have its size, leads to another fetch."""
    source = FakeSource()
    folder = cache.ensure(SNAPSHOT, source)
    if damage == "no marker":
        (folder / ".complete").unlink()
    elif damage == "broken marker":
        (folder / ".complete").write_text("{")
    elif damage == "short file":
        (folder / "config.json").write_bytes(b"{")
    else:
        (folder / "config.json").unlink()
    cache.ensure(SNAPSHOT, source)
    assert source.fetches == 2
    assert (folder / "config.json").read_bytes() == b"{}"


def test_a_full_disk_in_mid_download_is_said_and_leaves_no_marker(cache: WeightCache, tmp_path: Path):
    """Exit code 5, what to do, and the next run goes on."""
    source = FakeSource(error=OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(DiskFullError) as caught:
        cache.ensure(SNAPSHOT, source)
    folder = tmp_path / "org--model" / "main"
    assert str(caught.value) == (
        f"no room in {folder}: the file system was full before the download was complete; "
        "delete unused revisions or give the cache more space"
    )
    assert caught.value.exit_code == 5
    assert not (folder / ".complete").exists()
    source.error = None
    cache.ensure(SNAPSHOT, source)
    assert (folder / ".complete").exists()


def test_a_download_that_cannot_fit_is_not_begun(cache: WeightCache):
    """The sizes are known before the first byte."""
    source = FakeSource(sizes={"config.json": 10**18})
    with pytest.raises(DiskFullError, match=r"1000000000\.0 GB are needed, \d+\.\d GB are free"):
        cache.ensure(SNAPSHOT, source)
    assert source.fetches == 0


def test_a_file_of_the_wrong_size_is_never_marked(cache: WeightCache, tmp_path: Path):
    """What was fetched is checked against what was listed."""
    source = FakeSource(files={"config.json": b"{}", "sub/model.safetensors": b"short"})
    with pytest.raises(ConflictError) as caught:
        cache.ensure(SNAPSHOT, source)
    assert str(caught.value) == (
        "1 files have not their listed size after the download (sub/model.safetensors); run again"
    )
    assert not (tmp_path / "org--model" / "main" / ".complete").exists()


def test_a_file_that_is_not_what_was_published_is_removed_and_never_marked(cache: WeightCache, tmp_path: Path):
    """Of the right size and the wrong content: named, removed, and fetched anew by the next run."""
    source = FakeSource(files={**FILES, "config.json": b"[]"})
    with pytest.raises(ConflictError) as caught:
        cache.ensure(SNAPSHOT, source)
    assert str(caught.value) == (
        "1 files are not what was published, and were removed (config.json); run again to fetch them"
    )
    folder = tmp_path / "org--model" / "main"
    assert [file.name for file in folder.rglob("*") if file.is_file()] == ["model.safetensors"]
    cache.ensure(SNAPSHOT, FakeSource())
    assert (folder / "config.json").read_bytes() == b"{}"


def test_files_that_nothing_is_published_of_are_named(cache: WeightCache, said: list[str]):
    """That only a size could be compared is said, not passed over."""
    cache.ensure(SNAPSHOT, FakeSource())
    assert "checked the content of 1 files in 0 s; nothing is published of 1 (sub/model.safetensors)" in said


def test_verify_finds_what_changed_later_and_the_next_run_repairs_it(cache: WeightCache, tmp_path: Path):
    """A file of the same size is not noticed at start-up, which reads none; `verify` reads them all."""
    folder = cache.ensure(SNAPSHOT, FakeSource())
    assert cache.verify(SNAPSHOT) == folder
    (folder / "config.json").write_bytes(b"[]")
    assert cache.ensure(SNAPSHOT, FakeSource()) == folder
    with pytest.raises(ConflictError, match="1 files are not what was published"):
        cache.verify(SNAPSHOT)
    with pytest.raises(NotFoundError) as caught:
        cache.verify(SNAPSHOT)
    assert str(caught.value) == f"{folder} is not complete; run without `verify` first"
    cache.ensure(SNAPSHOT, FakeSource())
    assert cache.verify(SNAPSHOT) == folder
    assert (tmp_path / "org--model" / "main" / "config.json").read_bytes() == b"{}"


def test_a_snapshot_beyond_the_limit_is_not_begun(tmp_path: Path, said: list[str]):
    """On EFS nothing else bounds the bill: what is needed, what is taken, and by whom; nothing is deleted for it."""
    cache = WeightCache(tmp_path, said.append, limit_gb=1)
    cache.ensure(SNAPSHOT, FakeSource())
    large = FakeSource(sizes={"model.safetensors": 10**9})
    with pytest.raises(DiskFullError) as caught:
        cache.ensure(Snapshot("org/large", "main", None), large)
    assert str(caught.value) == (
        f"no room in {tmp_path}: 1.0 GB are needed, 0.0 of 1 GB are taken (org--model/main 0.0 GB); "
        "delete unused revisions or give the cache more space"
    )
    assert large.fetches == 0
    assert cache.ensure(SNAPSHOT, FakeSource()).exists()


def test_what_has_the_wrong_size_is_gone_before_the_fetch(cache: WeightCache, tmp_path: Path):
    """A source that trusts what it finds cannot be led astray by a file of another size."""
    folder = tmp_path / "org--model" / "main"
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"too long")

    class TrustingSource(FakeSource):
        def fetch(self, manifest: Manifest, into: Path) -> None:
            assert list(into.iterdir()) == []
            super().fetch(manifest, into)

    cache.ensure(SNAPSHOT, TrustingSource())
    assert (folder / "config.json").read_bytes() == b"{}"


def test_a_task_that_lost_its_lock_does_not_mark(tmp_path: Path, said: list[str]):
    """Two tasks may have written at once, so the one that took over checks and marks."""

    class LostLock(Lock):
        @property
        def held(self) -> bool:
            return False

    with pytest.raises(ConflictError) as caught:
        WeightCache(tmp_path, said.append, make_lock=LostLock).ensure(SNAPSHOT, FakeSource())
    folder = tmp_path / "org--model" / "main"
    assert str(caught.value) == (f"another task took over the download to {folder}; it will complete the snapshot")
    assert not (folder / ".complete").exists()


def test_other_weights_under_the_same_name_are_refused(cache: WeightCache, tmp_path: Path):
    """A snapshot from the hub is not silently served where one from S3 was asked for."""
    cache.ensure(SNAPSHOT, FakeSource())
    with pytest.raises(ConflictError) as caught:
        cache.ensure(Snapshot("org/model", "main", "s3://bucket/mine/"), FakeSource())
    assert str(caught.value) == (
        f"{tmp_path}/org--model/main holds org/model from hub, not from s3://bucket/mine/; "
        "give the new weights another model.revision, or empty the folder"
    )


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, said: list[str]):
    """A mount that is missing or read-only does not end in a traceback."""
    (tmp_path / "models").write_text("a file")
    with pytest.raises(WeightCacheError) as caught:
        WeightCache(tmp_path / "models", said.append).ensure(SNAPSHOT, FakeSource())
    assert str(caught.value) == f"{tmp_path}/models/.locks: Not a directory"
