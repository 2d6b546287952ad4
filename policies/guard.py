"""How does a rule that breaks show up as a violation that names it?

An exception in a policy ends the whole run with one line that names no rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_policy.proxy import UnknownValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_policy import ReportViolation

    Validate = Callable[[Any, ReportViolation], None]


def guarded(name: str, validate: Validate) -> Validate:
    """Return the rule's validation with its failures reported as violations of the rule."""

    def guard(args: Any, report_violation: ReportViolation) -> None:
        try:
            validate(args, report_violation)
        except UnknownValueError:
            # The SDK says itself that a rule could not run on a value that preview does not know.
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the rule has not passed
            reason = f"{type(error).__name__}: {error}"
            report_violation(f"rule {name} could not be checked ({reason}); report this as a bug", None)

    return guard
