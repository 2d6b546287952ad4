"""Run a worker until RunPod ends it: exit 0, or one line and an exit code for what ended it before.

Arguments are the engine's: `python -m runpod_worker org/model --max-model-len 8192` runs `vllm serve` with them.
"""

from __future__ import annotations

import os
import sys

from runpod_worker.config import load_config
from runpod_worker.errors import WorkerError
from runpod_worker.supervisor import Supervisor


def main() -> int:
    try:
        Supervisor(load_config(os.environ, sys.argv[1:]), os.environ, _say).run()
    except WorkerError as error:
        sys.stderr.write(f"runpod_worker: {error}\n")
        return error.exit_code
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"runpod_worker: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
