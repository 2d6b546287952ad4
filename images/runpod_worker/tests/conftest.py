"""Where is the code under test? Beside this folder: the image's package is not installed for the tests."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE / "doubles")]
