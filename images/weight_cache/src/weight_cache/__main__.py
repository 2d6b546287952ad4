"""Make the snapshot that the environment describes complete: exit 0, or one line and an exit code for what failed."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from weight_cache.cache import WeightCache
from weight_cache.config import WeightCacheConfig, load_config
from weight_cache.errors import WeightCacheError
from weight_cache.lock import Lock

if TYPE_CHECKING:
    from pathlib import Path

    from weight_cache.source import Manifest, Source


ENDED_BY_SIGTERM = 128 + signal.SIGTERM


class ConfiguredSource:
    """The source that the configuration names; its library is loaded when it is first needed, which is seldom."""

    def __init__(self, config: WeightCacheConfig) -> None:
        self._config = config
        self._opened: Source | None = None

    def manifest(self) -> Manifest:
        return self._source().manifest()

    def fetch(self, manifest: Manifest, into: Path) -> None:
        self._source().fetch(manifest, into)

    def _source(self) -> Source:
        if self._opened is None:
            self._opened = _open(self._config)
        return self._opened


class OwnLocks:
    """The locks of this process, given up when it is told to end: else the next task waits until they are stale."""

    def __init__(self) -> None:
        self._locks: list[Lock] = []

    def make(self, folder: Path) -> Lock:
        lock = Lock(folder)
        self._locks.append(lock)
        return lock

    def end(self, *_: object) -> NoReturn:
        """As a signal handler: the threads of a download would not end in time, so nobody waits for them."""
        for lock in self._locks:
            lock.release()
        os._exit(ENDED_BY_SIGTERM)


def main() -> int:
    locks = OwnLocks()
    signal.signal(signal.SIGTERM, locks.end)
    try:
        config = load_config(os.environ)
        cache = WeightCache(config.models_dir, _say, make_lock=locks.make)
        cache.ensure(config.snapshot, ConfiguredSource(config))
    except WeightCacheError as error:
        sys.stderr.write(f"weight_cache: {error}\n")
        return error.exit_code
    return 0


def _open(config: WeightCacheConfig) -> Source:
    if config.snapshot.s3_uri is not None:
        import boto3  # noqa: PLC0415

        from weight_cache.s3 import S3Source  # noqa: PLC0415

        client: Any = boto3.client("s3")
        return S3Source(config.snapshot.s3_uri, client)
    from weight_cache.hub import HubSource  # noqa: PLC0415

    return HubSource(config.snapshot, config.token, config.token_reference)


def _say(line: str) -> None:
    sys.stdout.write(f"weight_cache: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
