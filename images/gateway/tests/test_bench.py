"""Does the benchmark run, and judge its figures rightly?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_a_quick_run_measures_every_server_and_names_every_goal(tmp_path: Path):
    """Engine, bare pass-through and gateway are started, loaded and stopped; all figures are positive numbers."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "images.gateway.bench", "--quick", "--json", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    for goal in ("requests/s, x bare", "added p50, x bare", "CPU per token, x bare", "TTFT p50, ms", "resident, MB"):
        assert goal in done.stdout
    (measured,) = json.loads(figures.read_text())["rounds"]
    assert {"direct", "bare ASGI + aiohttp", "gateway"} <= set(measured)
    assert all(server["tokens_per_second"] > 0 and server["p50_ms"] > 0 for server in measured.values())
