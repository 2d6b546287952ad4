"""Does `prewarm`, as the image runs it, leave a volume on which a worker finds the model?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fake_hub import COMMIT, FakeHub
from huggingface_hub import snapshot_download
from volume_api import KEYS, VolumeApi, running_volume_api
from weight_cache.cache import WeightCache
from weight_cache.config import Snapshot
from weight_cache.errors import ConfigError, DiskFullError
from weight_cache.prewarm import Prewarm
from weight_cache.runpod_config import load_runpod_config
from weight_cache.source import Manifest
from weight_cache.volume import RunpodVolume

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parent.parent / "src"
FILES = {"config.json": b"{}", "nested/model.safetensors": b"w" * 100, "model.gguf": b"x"}
SNAPSHOT = Snapshot("org/model", "main", None)
CACHE = "huggingface-cache/hub"
FOLDER = f"{CACHE}/models--org--model"


@pytest.fixture
def api() -> Iterator[VolumeApi]:
    with running_volume_api() as running:
        yield running


def prewarm(models_dir: Path, hub: FakeHub, api: VolumeApi, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("BERTH_", "HF_", "AWS_", "RUNPOD_"))
    }
    own = {
        "PYTHONPATH": str(SOURCE),
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(models_dir / "home"),
        "BERTH_MODEL_ID": "org/model",
        "BERTH_MODELS_DIR": str(models_dir),
        "BERTH_RUNPOD_VOLUME_ID": api.id,
        "BERTH_RUNPOD_DATA_CENTER": "EU-RO-1",
        "BERTH_RUNPOD_S3_URL": api.url,
        **KEYS,
        **variables,
    }
    command = [sys.executable, "-W", "error", "-m", "weight_cache", "prewarm"]
    return subprocess.run(command, env={**inherited, **own}, capture_output=True, text=True, check=False)


def test_a_volume_is_filled_once_in_the_layout_that_a_worker_reads(tmp_path: Path, api: VolumeApi):
    """The hub's own client finds the model there, by branch and by commit, without asking anybody."""
    with FakeHub(FILES).running() as hub:
        first = prewarm(tmp_path / "models", hub, api)
        assert (first.returncode, first.stderr) == (0, "")
        second = prewarm(tmp_path / "elsewhere", hub, api)
        assert [path for _, path in hub.requests if "/resolve/" in path and "config.json" in path] != []
    assert second.stdout == f"weight_cache: the volume has org/model at {COMMIT}\n"
    assert not (tmp_path / "elsewhere" / "org--model").exists()
    files = api.files
    assert {key: content for key, content in files.items() if not key.startswith("berth/")} == {
        f"{FOLDER}/refs/main": COMMIT.encode(),
        f"{FOLDER}/snapshots/{COMMIT}/config.json": b"{}",
        f"{FOLDER}/snapshots/{COMMIT}/nested/model.safetensors": b"w" * 100,
    }
    marker = json.loads(files[f"berth/complete/models--org--model/{COMMIT}.json"])
    assert (marker["revision"], marker["files"]) == (COMMIT, {"config.json": 2, "nested/model.safetensors": 100})
    cache = api.mount(tmp_path / "volume") / CACHE
    for revision in ("main", COMMIT):
        found = Path(snapshot_download("org/model", revision=revision, cache_dir=cache, local_files_only=True))
        assert found == cache / "models--org--model" / "snapshots" / COMMIT
        assert (found / "nested" / "model.safetensors").read_bytes() == b"w" * 100


def test_a_worker_downloads_nothing_that_is_on_the_volume(tmp_path: Path, api: VolumeApi):
    """With the hub at hand the client asks what is current, and takes every file from the volume."""
    with FakeHub({name: content for name, content in FILES.items() if name != "model.gguf"}).running() as hub:
        assert prewarm(tmp_path / "models", hub, api).returncode == 0
        cache = api.mount(tmp_path / "volume") / CACHE
        hub.requests.clear()
        snapshot_download("org/model", cache_dir=cache, endpoint=hub.url)
        assert [path for method, path in hub.requests if method == "GET" and "/resolve/" in path] == []


def test_what_is_missing_on_the_volume_is_uploaded_again(tmp_path: Path, api: VolumeApi):
    """A file that somebody deleted comes back; the others are not sent twice."""
    with FakeHub(FILES).running() as hub:
        prewarm(tmp_path, hub, api)
        api.client.delete_object(Bucket=api.id, Key=f"{FOLDER}/snapshots/{COMMIT}/config.json")
        again = prewarm(tmp_path, hub, api)
    assert "weight_cache: uploading config.json, 0.0 GB" in again.stdout
    assert "1 of 2 files uploaded" in again.stdout
    assert api.files[f"{FOLDER}/snapshots/{COMMIT}/config.json"] == b"{}"


def test_a_branch_that_moved_brings_its_new_files_under_the_new_commit(tmp_path: Path, api: VolumeApi):
    """The local cache keeps what `main` was; the volume gets what it is, and the old commit stays complete."""
    with FakeHub(FILES).running() as hub:
        prewarm(tmp_path, hub, api)
        hub.commit = "b" * 40
        hub.files = {**FILES, "config.json": b"[]"}
        assert prewarm(tmp_path, hub, api).returncode == 0
    files = api.files
    assert files[f"{FOLDER}/refs/main"] == b"b" * 40
    assert files[f"{FOLDER}/snapshots/{'b' * 40}/config.json"] == b"[]"
    assert files[f"{FOLDER}/snapshots/{COMMIT}/config.json"] == b"{}"


class Listed:
    """A source that lists one large file, and must not be asked for it."""

    def manifest(self) -> Manifest:
        return Manifest(COMMIT, {"model.safetensors": 1_100_000_000})

    def fetch(self, manifest: Manifest, into: Path) -> None:
        raise AssertionError((manifest, into))


def test_a_model_that_the_volume_has_no_room_for_is_not_downloaded(tmp_path: Path, api: VolumeApi):
    """RunPod does not check before a part is sent: what is needed and what is free is said here, before all else."""
    api.client.put_object(Bucket=api.id, Key="other", Body=b"x" * 100_000_000)
    said: list[str] = []
    cache, volume = WeightCache(tmp_path, said.append), RunpodVolume(api.client, api.id)
    with pytest.raises(DiskFullError) as caught:
        Prewarm(cache, volume, 1, said.append).run(SNAPSHOT, lambda _: Listed())
    assert str(caught.value) == (
        "no room on the network volume: 1.1 GB are needed, 0.9 of 1 GB are free; delete unused models or "
        "enlarge runpod.volume.size"
    )
    assert said == []


def test_a_wrong_volume_ends_with_4_and_no_secret_in_the_output(tmp_path: Path, api: VolumeApi):
    """Before a byte is downloaded."""
    with FakeHub(FILES).running() as hub:
        done = prewarm(tmp_path, hub, api, BERTH_RUNPOD_VOLUME_ID="another1", RUNPOD_S3_SECRET_ACCESS_KEY="rps_secret")
        assert [path for _, path in hub.requests if "/resolve/" in path] == []
    assert done.returncode == 4
    assert "check its id and its data center" in done.stderr
    assert "rps_secret" not in done.stdout + done.stderr


def environment(**variables: str) -> dict[str, str]:
    return {"BERTH_RUNPOD_VOLUME_ID": "agv6w2qcg7", "BERTH_RUNPOD_DATA_CENTER": "eu-ro-1", **KEYS, **variables}


def test_the_data_center_names_the_api(tmp_path: Path):
    """Address and region follow from it; the key is in no repr."""
    config = load_runpod_config(environment(BERTH_RUNPOD_VOLUME_GB="100"), SNAPSHOT)
    assert (config.url, config.data_center, config.size_gb) == ("https://s3api-eu-ro-1.runpod.io/", "EU-RO-1", 100)
    assert KEYS["RUNPOD_S3_SECRET_ACCESS_KEY"] not in repr(config)


def test_all_problems_of_the_environment_are_one_line():
    """Each with what is allowed, and no value of a key."""
    wrong = environment(
        BERTH_RUNPOD_VOLUME_ID="",
        BERTH_RUNPOD_DATA_CENTER="EU-RO-2",
        RUNPOD_S3_ACCESS_KEY_ID="",
        BERTH_RUNPOD_VOLUME_GB="x",
    )
    with pytest.raises(ConfigError) as caught:
        load_runpod_config(wrong, Snapshot("org/model", "main", "s3://bucket/"))
    assert str(caught.value) == (
        "BERTH_MODEL_SOURCE: 's3' has no commit that a worker could look for; use hub; "
        "BERTH_RUNPOD_VOLUME_ID: '' is not the id of a network volume, as agv6w2qcg7; "
        "BERTH_RUNPOD_DATA_CENTER: 'EU-RO-2' has no S3 API; did you mean EU-RO-1?; "
        "RUNPOD_S3_ACCESS_KEY_ID: is missing; make an S3 API key in RunPod's settings; "
        "BERTH_RUNPOD_VOLUME_GB: 'x' is not a whole number of GB, as 100; omit it if unknown"
    )
