"""How is a check of the operator's own found? `module:function`, imported once at the start."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.checks.check import Check


def imported(name: str) -> Check:
    """The async function that `name` means.

    Raises:
        LookupError: when there is none.
    """
    module_name, _, function_name = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        # Whatever the module does when it is imported: it must not run into the first request.
        raise LookupError(f"{module_name} cannot be imported ({type(error).__name__})") from error
    function = getattr(module, function_name, None)
    if function is None:
        raise LookupError(f"{module_name} has no {function_name}")
    if not inspect.iscoroutinefunction(function) and not inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 an instance with an async __call__
    ):
        raise LookupError(f"{name} is no async function")
    return function
