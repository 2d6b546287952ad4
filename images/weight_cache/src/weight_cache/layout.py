"""Where on a network volume does a worker look for a snapshot? In the Hugging Face cache, at its own path.

worker-vllm sets HF_HOME and the hub cache to /runpod-volume/huggingface-cache/hub; source: its Dockerfile (2026-08).
The S3 API knows no links, so files stand in `snapshots/` themselves, which the hub's client takes as it finds them.
"""

from __future__ import annotations

from dataclasses import dataclass

HUB_CACHE = "huggingface-cache/hub"
MARKERS = "berth/complete"


@dataclass(frozen=True)
class VolumeLayout:
    """The keys of one snapshot.

    >>> layout = VolumeLayout("org/model", "c0ffee", "main")
    >>> layout.file("config.json")
    'huggingface-cache/hub/models--org--model/snapshots/c0ffee/config.json'
    >>> layout.ref_key
    'huggingface-cache/hub/models--org--model/refs/main'
    >>> layout.marker_key
    'berth/complete/models--org--model/c0ffee.json'
    """

    model_id: str
    commit: str
    ref: str | None
    """Branch or tag that stands for the commit; None when only the commit is asked for."""

    @property
    def repository(self) -> str:
        return f"models--{self.model_id.replace('/', '--')}"

    def file(self, path: str) -> str:
        return f"{HUB_CACHE}/{self.repository}/snapshots/{self.commit}/{path}"

    @property
    def ref_key(self) -> str | None:
        return f"{HUB_CACHE}/{self.repository}/refs/{self.ref}" if self.ref else None

    @property
    def marker_key(self) -> str:
        return f"{MARKERS}/{self.repository}/{self.commit}.json"
