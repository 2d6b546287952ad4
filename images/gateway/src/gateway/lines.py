"""How do lines come to stdout? Those of one turn of the loop together: each write of its own holds up every request."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO


class Lines:
    """Takes lines; the next turn of the loop writes them, or `flush`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Without a stream it is whatever stdout is at the time."""
        self._stream = stream
        self._waiting: list[str] = []

    def __call__(self, line: str) -> None:
        self._waiting.append(line)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            text = "\n".join(self._waiting) + "\n"
            self._waiting.clear()
            stream = self._stream or sys.stdout
            stream.write(text)
            stream.flush()
