"""Is the engine on the GPUs that it was planned for, and does it answer? The health check of its container.

It is part of the task definition and runs as `python3 -c` in the engine's own image: the standard library alone.
With the argument `gpus` it looks at the GPUs and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ASK = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
ASK_SECONDS = 5
ANSWER_SECONDS = 4
# What EC2 calls 16384 MiB, the driver calls 15109 with error correction on; another kind of card is further away.
LEAST_SHARE = 0.9


def mismatch(found: list[tuple[str, int]], gpus: int, memory_mib: int) -> str | None:
    """Say what is wrong with the GPUs that are there, or None; the share of memory that error correction takes is not.

    >>> mismatch([("NVIDIA L4", 23034)], 1, 22888)
    >>> mismatch([("Tesla T4", 15360)], 1, 22888)
    'GPU 0 (Tesla T4) has 15360 MiB, the plan is for 22888'
    >>> mismatch([("NVIDIA L4", 23034)], 4, 22888)
    '1 GPUs are here, the plan is for 4'
    """
    if len(found) < gpus:
        return f"{len(found)} GPUs are here, the plan is for {gpus}"
    for number, (name, mib) in enumerate(found):
        if mib < memory_mib * LEAST_SHARE:
            return f"GPU {number} ({name}) has {mib} MiB, the plan is for {memory_mib}"
    return None


def found_gpus() -> list[tuple[str, int]]:
    """Name and MiB of each GPU that this container sees."""
    answer = subprocess.run(ASK, capture_output=True, text=True, check=True, timeout=ASK_SECONDS)
    rows = (line.rsplit(",", 1) for line in answer.stdout.splitlines() if line.strip())
    return [(name.strip(), int(mib)) for name, mib in rows]


def gpu_problem(checked: Path) -> str | None:
    """Look once in a container's life; only a proven difference is a problem, an unanswered question is said."""
    gpus = int(os.environ.get("BERTH_EXPECT_GPUS", "0"))
    if not gpus or checked.exists():
        return None
    try:
        problem = mismatch(found_gpus(), gpus, int(os.environ.get("BERTH_EXPECT_GPU_MEMORY_MIB", "0")))
    except subprocess.TimeoutExpired:
        # A driver that nobody keeps awake can take longer; it is asked again with the next check.
        return None
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        log(f"the GPUs were not checked: nvidia-smi gave no usable answer ({type(error).__name__})")
        problem = None
    if problem is None:
        with contextlib.suppress(OSError):
            checked.touch()
    return problem


def log(line: str) -> None:
    """Write to the container's log, which the output of a health check is no part of, and to that output."""
    text = f"berth: {line}\n"
    sys.stderr.write(text)
    with contextlib.suppress(OSError), Path(os.environ.get("BERTH_HEALTH_LOG", "/proc/1/fd/2")).open("w") as stream:
        stream.write(text)


def main(arguments: list[str]) -> int:
    """Return 0 for healthy. On other hardware than planned the container is ended: waiting would be paid for."""
    problem = gpu_problem(Path(tempfile.gettempdir()) / "berth-gpus-checked")
    if "gpus" in arguments:
        if problem:
            sys.stderr.write(f"berth: {problem}\n")
        return 1 if problem else 0
    if problem:
        log(f"{problem}: this is not the hardware that was planned; ending, so that the service does not wait for it")
        os.kill(int(os.environ.get("BERTH_HEALTH_PROCESS", "1")), signal.SIGTERM)
        return 1
    url = os.environ.get("BERTH_HEALTH_URL", "http://127.0.0.1:8000/health")
    try:
        # Without the proxies that the environment may name: they do not lead to the loopback address.
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=ANSWER_SECONDS).close()
    except OSError as error:
        sys.stderr.write(f"berth: {url}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
