"""`python -m bench.printed`: writes the verdicts on printed figures into docs/reference/seeds.md."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.printed.pages import PAGE, text

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    PAGE.write(ROOT, text())
    sys.exit(0)
