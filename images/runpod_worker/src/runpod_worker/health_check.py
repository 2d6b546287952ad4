"""Is this container healthy? Exit 0 or 1, for Docker's own health check; RunPod asks the port itself."""

from __future__ import annotations

import os
import sys

from runpod_worker.ask import status_of
from runpod_worker.config import LOAD_BALANCER, load_config
from runpod_worker.errors import ConfigError
from runpod_worker.ping import OK, STARTING


def main() -> int:
    """Ask the supervisor's port; in the queue's mode that a supervisor runs is all there is to know."""
    try:
        config = load_config(os.environ, ())
    except ConfigError:
        return 1
    if config.mode != LOAD_BALANCER:
        return 0
    return 0 if status_of(f"http://127.0.0.1:{config.health_port}{config.health_path}") in {OK, STARTING} else 1


if __name__ == "__main__":
    sys.exit(main())
