"""Where are measurements kept, and of which machine are they?"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"


def machine() -> dict[str, Any]:
    """Return what a reader needs to judge seconds: processor, cores, Python, and how busy it was before."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def store(name: str, found: dict[str, Any]) -> Path:
    """Write measurements of this machine to `results/<name>.json`."""
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **found}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
