"""Make the snapshot that the environment describes complete: exit 0, or one line and an exit code for what failed.

`verify` reads a complete one again; `prewarm` brings it onto a RunPod network volume.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from weight_cache.cache import WeightCache
from weight_cache.config import WeightCacheConfig, load_config
from weight_cache.errors import ConfigError, WeightCacheError
from weight_cache.lock import Lock

if TYPE_CHECKING:
    from pathlib import Path

    from weight_cache.config import Snapshot
    from weight_cache.runpod_config import RunpodConfig
    from weight_cache.source import Manifest, Source

HUB_HOME = ".hub"
COMMANDS = ("", "verify", "prewarm")

ENDED_BY_SIGTERM = 128 + signal.SIGTERM


class ConfiguredSource:
    """The source of a snapshot; its library is loaded when it is first needed, which is seldom."""

    def __init__(self, config: WeightCacheConfig, snapshot: Snapshot) -> None:
        self._config = config
        self._snapshot = snapshot
        self._opened: Source | None = None

    def manifest(self) -> Manifest:
        return self._source().manifest()

    def fetch(self, manifest: Manifest, into: Path) -> None:
        self._source().fetch(manifest, into)

    def _source(self) -> Source:
        if self._opened is None:
            self._opened = _open(self._config, self._snapshot)
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
        command = " ".join(sys.argv[1:])
        if command not in COMMANDS:
            raise ConfigError(f"{command!r} is not a command; use verify or prewarm, or none to complete the snapshot")
        config = load_config(os.environ)
        cache = WeightCache(config.models_dir, _say, make_lock=locks.make, limit_gb=config.limit_gb)
        if command == "prewarm":
            _prewarm(config, cache)
        elif command == "verify":
            cache.verify(config.snapshot)
        else:
            cache.ensure(config.snapshot, ConfiguredSource(config, config.snapshot))
    except WeightCacheError as error:
        sys.stderr.write(f"weight_cache: {error}\n")
        return error.exit_code
    return 0


def _prewarm(config: WeightCacheConfig, cache: WeightCache) -> None:
    from weight_cache.prewarm import Prewarm  # noqa: PLC0415
    from weight_cache.runpod_config import load_runpod_config  # noqa: PLC0415
    from weight_cache.volume import RunpodVolume  # noqa: PLC0415

    runpod = load_runpod_config(os.environ, config.snapshot)
    volume = RunpodVolume(_runpod_client(runpod), runpod.volume_id)
    Prewarm(cache, volume, runpod.size_gb, _say).run(
        config.snapshot, lambda snapshot: ConfiguredSource(config, snapshot)
    )


def _runpod_client(runpod: RunpodConfig) -> Any:
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "s3",
        region_name=runpod.data_center,
        endpoint_url=runpod.url,
        aws_access_key_id=runpod.access_key,
        aws_secret_access_key=runpod.secret_key,
        config=Config(
            # RunPod's own advice for its 502s.
            retries={"mode": "standard", "max_attempts": 10},
            read_timeout=300,
            s3={"addressing_style": "path"},
            # Trailing checksums are AWS's own; what arrived is compared by its ETag.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _open(config: WeightCacheConfig, snapshot: Snapshot) -> Source:
    if snapshot.s3_uri is not None:
        import boto3  # noqa: PLC0415

        from weight_cache.s3 import S3Source  # noqa: PLC0415

        client: Any = boto3.client("s3")
        return S3Source(snapshot.s3_uri, client)
    # What the hub's client keeps for itself goes where writing is allowed: nothing else may be, in a container.
    os.environ.setdefault("HF_HOME", str(config.models_dir / HUB_HOME))
    from weight_cache.hub import HubSource  # noqa: PLC0415

    return HubSource(snapshot, config.token, config.token_reference)


def _say(line: str) -> None:
    sys.stdout.write(f"weight_cache: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
