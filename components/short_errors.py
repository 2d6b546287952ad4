"""How does an error of a dynamic provider reach the user? Pulumi prints the way to it first: here it is a short one."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


def said_shortly(operation: Callable[..., Answer]) -> Callable[..., Answer]:
    """Raise Berth's own errors from here, with their class and text and nothing of what led to them."""

    @wraps(operation)
    def run(*arguments: Any) -> Answer:
        try:
            return operation(*arguments)
        except BerthError as error:
            found = error
        raise found.with_traceback(None)

    return run
