"""Which network volume is filled, and with whose key? The environment of `prewarm`, checked as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from weight_cache.config import WHOLE
from weight_cache.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weight_cache.config import Snapshot

# Source: RunPod's documentation, "S3-compatible API" (2026-08-20): volumes elsewhere have no such API.
DATA_CENTERS = (
    "EU-CZ-1",
    "EU-RO-1",
    "EUR-IS-1",
    "EUR-NO-1",
    "US-CA-2",
    "US-GA-2",
    "US-IL-1",
    "US-KS-2",
    "US-MD-1",
    "US-MO-1",
    "US-MO-2",
    "US-NC-1",
    "US-NC-2",
    "US-NE-1",
    "US-WA-1",
)
VOLUME_ID = re.compile(r"[A-Za-z0-9]{4,64}")
ENDPOINT = re.compile(r"https?://[^/\s@?#]+/?")


@dataclass(frozen=True)
class RunpodConfig:
    """One volume, how it is reached, and how large it is."""

    volume_id: str
    data_center: str
    url: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    size_gb: int | None
    """None: not known here, so that only the API can say that the volume is full."""


def load_runpod_config(environment: Mapping[str, str], snapshot: Snapshot) -> RunpodConfig:
    """Read the variables of `prewarm`.

    Raises:
        ConfigError: with every problem found, joined by "; ".
    """
    values = {name: value.strip() for name, value in environment.items()}
    problems: list[str] = []
    if snapshot.s3_uri is not None:
        problems.append("BERTH_MODEL_SOURCE: 's3' has no commit that a worker could look for; use hub")
    volume_id = values.get("BERTH_RUNPOD_VOLUME_ID", "")
    if not VOLUME_ID.fullmatch(volume_id):
        problems.append(f"BERTH_RUNPOD_VOLUME_ID: {volume_id!r} is not the id of a network volume, as agv6w2qcg7")
    data_center = values.get("BERTH_RUNPOD_DATA_CENTER", "").upper()
    url = values.get("BERTH_RUNPOD_S3_URL", "")
    if url and not ENDPOINT.fullmatch(url):
        problems.append("BERTH_RUNPOD_S3_URL: is not an address such as https://s3api-eu-ro-1.runpod.io/")
    if data_center not in DATA_CENTERS and not (url and data_center):
        near = get_close_matches(data_center, DATA_CENTERS, 1)
        hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(DATA_CENTERS)}"
        problems.append(f"BERTH_RUNPOD_DATA_CENTER: {data_center!r} has no S3 API; {hint}")
    keys = {name: values.get(name, "") for name in ("RUNPOD_S3_ACCESS_KEY_ID", "RUNPOD_S3_SECRET_ACCESS_KEY")}
    problems += [
        f"{name}: is missing; make an S3 API key in RunPod's settings" for name, value in keys.items() if not value
    ]
    size = values.get("BERTH_RUNPOD_VOLUME_GB", "")
    if size and not WHOLE.fullmatch(size):
        problems.append(f"BERTH_RUNPOD_VOLUME_GB: {size!r} is not a whole number of GB, as 100; omit it if unknown")
    if problems:
        raise ConfigError("; ".join(problems))
    return RunpodConfig(
        volume_id=volume_id,
        data_center=data_center,
        url=url or f"https://s3api-{data_center.lower()}.runpod.io/",
        access_key=keys["RUNPOD_S3_ACCESS_KEY_ID"],
        secret_key=keys["RUNPOD_S3_SECRET_ACCESS_KEY"],
        size_gb=int(size) if size else None,
    )
