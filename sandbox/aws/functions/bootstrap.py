"""What runs in the process of a function: one event through its handler, as the Python runtime of Lambda does it.

A program of its own, of the standard library alone: the request comes as a line of JSON, what is printed is the log.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from types import SimpleNamespace
from typing import Any

_GONE = 70
"""Exit code of a function whose sandbox ended before it did."""


class _FailureError(Exception):
    """What keeps a handler from being called at all."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> None:
    """Run the event that stands on the first line of the input."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_sandbox, daemon=True).start()
    _set_clock(request)
    logging.basicConfig(stream=sys.stdout, format="[%(levelname)s]\t%(message)s", level=logging.WARNING)
    # First the function, then what Lambda brings along; what is there already is the standard library.
    sys.path[:0] = [request["code"], request["packages"]]
    answer = _answer(request)
    sys.stdout.flush()
    with os.fdopen(request["answer"], "w", encoding="utf-8") as written:
        json.dump(answer, written)


def _end_with_the_sandbox() -> None:
    """The input ends when the process that started this one is gone, however it went."""
    sys.stdin.read()
    os._exit(_GONE)


def _set_clock(request: dict[str, Any]) -> None:
    if request["clock"] is None:
        return
    sys.path.insert(0, request["site"])
    importlib.import_module("time_machine").travel(request["clock"], tick=True).start()
    sys.path.remove(request["site"])


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        handler = _handler(request["handler"])
        result = handler(json.loads(request["event"]), _context(request))
    except _FailureError as failure:
        return _error(failure.kind, str(failure), [])
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
        kind = type(error).__name__
        print(f"[ERROR] {kind}: {error}\nTraceback (most recent call last):\n{''.join(frames)}", end="")
        return _error(kind, str(error), frames)
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError) as error:
        return _error("Runtime.MarshalError", f"Unable to marshal response: {error}", [])


def _error(kind: str, message: str, frames: list[str]) -> dict[str, Any]:
    if not frames:
        print(f"[ERROR] {kind}: {message}")
    return {"error": {"errorMessage": message, "errorType": kind, "stackTrace": frames}}


def _handler(name: str) -> Any:
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise _FailureError("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise _FailureError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        raise _FailureError("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise _FailureError(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        ) from None


def _context(request: dict[str, Any]) -> SimpleNamespace:
    ends = time.monotonic() + request["timeout"]
    return SimpleNamespace(
        **request["context"],
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: max(0, int((ends - time.monotonic()) * 1000)),
    )


if __name__ == "__main__":
    main()
