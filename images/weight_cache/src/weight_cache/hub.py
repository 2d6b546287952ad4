"""How do weights come from the Hugging Face hub? Through its own client, at one commit, its errors told plainly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx2
from huggingface_hub import HfApi, errors
from huggingface_hub.utils import disable_progress_bars

from weight_cache.digest import Digest
from weight_cache.errors import (
    AccessDeniedError,
    ConflictError,
    DiskFullError,
    NotFoundError,
    UnreachableError,
    WeightCacheError,
)
from weight_cache.source import SKIPPED, Manifest, is_skipped

if TYPE_CHECKING:
    from pathlib import Path

    from huggingface_hub.hf_api import RepoSibling

    from weight_cache.config import Snapshot

PARALLEL_FILES = 8
UNAUTHORISED = {401, 403}
NOT_FOUND = 404
COMMIT = re.compile(r"[0-9a-f]{40}")
NO_ROOM_IN_XET = "No space left on device"


class HubSource:
    """A model repository on the hub (or on what `HF_ENDPOINT` names)."""

    def __init__(
        self, snapshot: Snapshot, token: str | None, token_reference: str, endpoint: str | None = None
    ) -> None:
        self._snapshot = snapshot
        self._token_reference = token_reference if token else None
        # A bar per file is a log line per second where nobody watches a terminal.
        disable_progress_bars()
        # False, not None: None would look for a token on disk.
        self._api = HfApi(
            endpoint=endpoint, token=token or False, library_name="berth-weight-cache", library_version="0.1.0"
        )

    def manifest(self) -> Manifest:
        try:
            info = self._api.model_info(self._snapshot.model_id, revision=self._snapshot.revision, files_metadata=True)
        except Exception as error:  # noqa: BLE001 every failure of the client is told in our words
            raise self._translated(error) from None
        files = [file for file in info.siblings or [] if not is_skipped(file.rfilename)]
        if not files:
            raise NotFoundError(f"{self._place} has no file besides {', '.join(SKIPPED)}, which are not downloaded")
        commit = info.sha or self._snapshot.revision
        if COMMIT.fullmatch(self._snapshot.revision) and commit != self._snapshot.revision:
            raise ConflictError(f"{self._place}: the hub answered with commit {commit}; check HF_ENDPOINT")
        digests = {file.rfilename: _published(file) for file in files}
        return Manifest(
            commit,
            {file.rfilename: file.size or 0 for file in files},
            {path: digest for path, digest in digests.items() if digest is not None},
        )

    def fetch(self, manifest: Manifest, into: Path) -> None:
        try:
            self._api.snapshot_download(
                self._snapshot.model_id,
                revision=manifest.revision,
                local_dir=into,
                ignore_patterns=list(SKIPPED),
                max_workers=PARALLEL_FILES,
            )
        except Exception as error:  # noqa: BLE001 every failure of the client is told in our words
            raise self._translated(error) from None

    @property
    def _place(self) -> str:
        return f"{self._snapshot.model_id} at {self._snapshot.revision}"

    def _translated(self, error: Exception) -> Exception:
        """One line of ours for each kind of failure; the hub's own texts are long, and its requests hold the token."""
        if isinstance(error, errors.GatedRepoError):
            return AccessDeniedError(f"{self._place} is gated: accept its licence on the hub, and {self._token_advice}")
        if isinstance(error, errors.RevisionNotFoundError):
            return NotFoundError(f"{self._place}: the hub has the model but not this revision; check model.revision")
        if isinstance(error, errors.RepositoryNotFoundError):
            return NotFoundError(
                f"{self._place}: the hub shows no such model; check model.id or, if it is private, {self._token_advice}"
            )
        status = getattr(getattr(error, "response", None), "status_code", None)
        return self._without_answer(error) if status is None else self._by_status(status)

    def _by_status(self, status: int) -> Exception:
        if status in UNAUTHORISED:
            return AccessDeniedError(f"{self._place}: the hub answered {status}; {self._token_advice}")
        if status == NOT_FOUND:
            return NotFoundError(f"{self._place}: the hub answered 404 for one of its files; run again")
        return UnreachableError(f"{self._place}: the hub answered {status}; run again later")

    def _without_answer(self, error: Exception) -> Exception:
        if NO_ROOM_IN_XET in str(error):
            return DiskFullError(f"{self._place}: no room left for the download; give the cache more space")
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ConnectionError):
            return error
        kind = type(error).__name__
        if isinstance(error, (httpx2.HTTPError, errors.LocalEntryNotFoundError, ConnectionError)):
            return UnreachableError(f"{self._place}: the hub cannot be reached ({kind}); is there a route to it?")
        return WeightCacheError(f"{self._place}: the download failed ({kind})")

    @property
    def _token_advice(self) -> str:
        if self._token_reference is None:
            return "set model.token_secret to a secret that holds a token of an account with access"
        return f"check that the token in {self._token_reference} is valid and belongs to an account with access"


def _published(file: RepoSibling) -> Digest | None:
    """The hub knows large files by their SHA-256, and small ones as git does."""
    if file.lfs is not None:
        return Digest("sha256", file.lfs.sha256)
    return Digest("git-sha1", file.blob_id) if file.blob_id else None
