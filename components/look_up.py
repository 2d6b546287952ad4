"""How does a question to AWS that fails become a sentence that a user can act on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan.model import Plan

Answer = TypeVar("Answer")


def look_up(plan: Plan, place: str, value: str, ask: Callable[[], Answer], *, fix: str | None = None) -> Answer:
    """Return what `ask` answers; raises StackError, with the first line of the provider's reason, when it fails."""
    try:
        return ask()
    except Exception as error:
        # The SDK raises a bare Exception: "invoke of aws:... failed: " and the provider's text.
        reason = str(error).partition(" failed: ")[2] or str(error)
        first_line = next(iter(reason.splitlines()), type(error).__name__)
        raise StackError(
            [
                Problem(
                    place,
                    value,
                    f"could not be looked up ({first_line})",
                    fix or f"check its id, and that it is in {plan.region}",
                )
            ]
        ) from error
