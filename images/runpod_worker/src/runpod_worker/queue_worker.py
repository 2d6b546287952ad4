"""Take jobs from RunPod's queue until told to end: the SDK's own loop, around our handler."""

from __future__ import annotations

import os
import sys
from typing import Any

from runpod_worker.errors import ConfigError
from runpod_worker.handler import EngineHandler
from runpod_worker.queue_config import QueueConfig, load_queue_config


def worker_of(config: QueueConfig) -> dict[str, Any]:
    """What the SDK is started with. It reads `refresh_worker` after each job, so the handler can set it."""
    worker: dict[str, Any] = {"return_aggregate_stream": True, "refresh_worker": False}
    worker["handler"] = EngineHandler(config, worker).answer
    worker["concurrency_modifier"] = lambda _current: config.max_concurrency
    return worker


def main() -> int:
    try:
        config = load_queue_config(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"runpod_worker: {error}\n")
        return error.exit_code
    # Two seconds of import, and it reads the environment while it happens.
    import runpod.serverless  # noqa: PLC0415

    runpod.serverless.start(worker_of(config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
