"""Which snapshot goes where? The environment, read once and checked as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from weight_cache.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
S3_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]+)/(?P<prefix>.*)")
WHOLE = re.compile(r"[1-9][0-9]{0,8}")
DEFAULT_REVISION = "main"


@dataclass(frozen=True)
class Snapshot:
    """One model at one revision, and where its files come from."""

    model_id: str
    revision: str
    s3_uri: str | None
    """`s3://bucket/prefix/`; None = the Hugging Face hub."""

    @property
    def source(self) -> str:
        return self.s3_uri or "hub"

    @property
    def folder(self) -> PurePosixPath:
        """Below the models folder; the engine's command line names the same path."""
        return PurePosixPath(self.model_id.replace("/", "--")) / self.revision


@dataclass(frozen=True)
class WeightCacheConfig:
    """Everything the program is told from outside; nothing else reads the environment."""

    snapshot: Snapshot
    models_dir: Path
    token: str | None
    token_reference: str
    """How messages call the token: the secret it comes from, never the token."""
    limit_gb: int | None = None
    """What all snapshots together may take; None: what the file system has."""

    def __repr__(self) -> str:
        return f"WeightCacheConfig({self.snapshot!r}, {str(self.models_dir)!r})"


def load_config(environment: Mapping[str, str]) -> WeightCacheConfig:
    """Read the variables of the `weights` container.

    Raises:
        ConfigError: with every problem found, joined by "; ".
    """
    values = {name: value.strip() for name, value in environment.items()}
    problems: list[str] = []
    model_id = values.get("BERTH_MODEL_ID", "")
    if not MODEL_ID.fullmatch(model_id) or ".." in model_id or "--" in model_id:
        problems.append(f"BERTH_MODEL_ID: {model_id!r} is not a model id such as org/name")
    revision = values.get("BERTH_MODEL_REVISION", "") or DEFAULT_REVISION
    if not REVISION.fullmatch(revision) or ".." in revision:
        problems.append(f"BERTH_MODEL_REVISION: {revision!r} is not a commit, tag or branch; leave it empty for main")
    source = values.get("BERTH_MODEL_SOURCE", "") or "hub"
    s3_uri = values.get("BERTH_MODEL_S3_URI", "")
    if source not in {"hub", "s3"}:
        problems.append(f"BERTH_MODEL_SOURCE: {source!r} is not hub or s3")
    if source == "s3" and not S3_URI.fullmatch(s3_uri):
        problems.append(f"BERTH_MODEL_S3_URI: {s3_uri!r} is not s3://bucket/prefix/, which the source s3 needs")
    models_dir = Path(values.get("BERTH_MODELS_DIR", ""))
    if not models_dir.is_absolute():
        problems.append(f"BERTH_MODELS_DIR: {str(models_dir)!r} is not an absolute path such as /models")
    limit = values.get("BERTH_MODELS_MAX_GB", "")
    if limit and not WHOLE.fullmatch(limit):
        problems.append(
            f"BERTH_MODELS_MAX_GB: {limit!r} is not a whole number of GB, as 500; leave it empty for no limit"
        )
    if problems:
        raise ConfigError("; ".join(problems))
    secret = values.get("BERTH_MODEL_TOKEN_SECRET", "")
    return WeightCacheConfig(
        snapshot=Snapshot(model_id, revision, s3_uri.rstrip("/") + "/" if source == "s3" else None),
        models_dir=models_dir,
        token=values.get("HF_TOKEN") or None,
        token_reference=f"the secret {secret!r}" if secret else "HF_TOKEN (the spec's model.token_secret)",
        limit_gb=int(limit) if limit else None,
    )
