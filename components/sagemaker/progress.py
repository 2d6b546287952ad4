"""How does work that takes minutes tell the user that it goes on?"""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Print one line now: Pulumi shows what the process of a dynamic provider prints, while it works."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
