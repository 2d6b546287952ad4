"""Which calls were answered? Method, path and status of each; no bodies, no headers, no queries."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 5000


@dataclass(frozen=True)
class Answered:
    number: int
    method: str
    path: str
    status: int | None
    """None: the connection was dropped."""
    fault: bool
    """Whether it went wrong because somebody asked for that."""


class CallLog:
    def __init__(self) -> None:
        self._calls: deque[Answered] = deque(maxlen=KEPT)
        self._number = 0

    def add(self, method: str, path: str, status: int | None, *, fault: bool) -> Answered:
        self._number += 1
        call = Answered(self._number, method, path, status, fault)
        self._calls.append(call)
        return call

    def to_json(self, since: int = 0) -> dict[str, Any]:
        """Those after number `since`, and the number of the last one."""
        return {"last": self._number, "calls": [asdict(call) for call in self._calls if call.number > since]}

    def clear(self) -> None:
        self._calls.clear()
