"""Do weights stay on the network volume, whoever may write there?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runpod_worker.caches import cache_environment

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = ("vllm", "serve", "org/model", "--port", "8000")


def test_a_volume_that_is_writable_holds_weights_and_kernels(tmp_path: Path):
    """Under the paths that worker-vllm and `prewarm` use; a kernel cache of one's own stays."""
    hub = f"{tmp_path}/huggingface-cache/hub"
    expected = {"HF_HOME": hub, "HF_HUB_CACHE": hub, "VLLM_CACHE_ROOT": f"{tmp_path}/vllm-cache"}
    assert cache_environment({}, ENGINE, tmp_path) == (expected, f"weights: on {hub}")
    assert cache_environment({"VLLM_CACHE_ROOT": "/k"}, ENGINE, tmp_path)[0]["VLLM_CACHE_ROOT"] == "/k"


def test_without_a_volume_nothing_is_set(tmp_path: Path):
    """A folder of that name would be on the container's disk."""
    assert cache_environment({}, ENGINE, tmp_path / "absent") == (
        {},
        "weights: on the container's disk, there is no network volume",
    )


def test_what_the_environment_says_stays(tmp_path: Path):
    """A deployment that puts its cache elsewhere means it."""
    assert cache_environment({"HF_HOME": "/data"}, ENGINE, tmp_path) == ({}, "weights: where the environment says")


def test_a_model_on_a_volume_that_may_only_be_read_is_used_offline(tmp_path: Path):
    """The hub's client takes locks where it writes; offline it takes none. Another model goes to the disk."""
    hub = tmp_path / "huggingface-cache/hub"
    (hub / "models--org--model/snapshots/c0ffee").mkdir(parents=True)
    assert cache_environment({}, ENGINE, tmp_path, lambda _: False) == (
        {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"},
        f"weights: read from {hub}, which is not writable",
    )
    assert cache_environment({}, ("vllm", "serve", "org/other"), tmp_path, lambda _: False) == (
        {},
        f"weights: on the container's disk, user {os.geteuid()} may not write to {tmp_path}",
    )


def test_a_volume_whose_cache_belongs_to_another_user_is_read_only(tmp_path: Path):
    """A worker that ran as root made the folder; it is what decides, not the volume above it."""
    hub = tmp_path / "huggingface-cache/hub"
    (hub / "models--org--model/snapshots/c0ffee").mkdir(parents=True)
    found, _ = cache_environment({}, ENGINE, tmp_path, lambda path: path == tmp_path)
    assert found == {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1"}
