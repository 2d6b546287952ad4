"""What does an exit code of `berth ci` mean, and which is told where there are several reasons?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Iterable

OK = 0
PROGRAM = 1
POLICY = 2
COST = 3
COULD_NOT_RUN = 4
PROVIDER = 5
NOT_REVIEWED = 6
LOCKED = 7
SMOKE = 8
COMMENT = 9
USAGE = 64

MEANINGS = {
    OK: "nothing stops it",
    PROGRAM: "the program, a spec, a stack file, the backend or the history is wrong",
    POLICY: "a mandatory policy is violated",
    COST: "the cost rises above the tolerance, and nobody approved it",
    COULD_NOT_RUN: "a mandatory policy could not be run, because a value is not known before the deployment",
    PROVIDER: "a provider (AWS, RunPod) refused, or could not be reached",
    NOT_REVIEWED: "not what was reviewed, or nothing was",
    LOCKED: "another deployment holds the stack; it is said who",
    SMOKE: "a service did not answer after the deployment",
    COMMENT: "the comment or the label could not be read or written",
    USAGE: "wrong usage",
}
_FIRST = (PROGRAM, PROVIDER, POLICY, COULD_NOT_RUN, COST, COMMENT)
"""The order in which reasons count: what hides others comes first."""

EPILOG = "exit codes:\n" + "\n".join(f"  {code:<3} {text}" for code, text in MEANINGS.items())


class CiError(BerthError):
    """A command of `berth ci` cannot go on; `code` is what it exits with."""

    def __init__(self, message: str, code: int = PROGRAM) -> None:
        self.code = code
        super().__init__(message)


def worst(codes: Iterable[int]) -> int:
    """Return the code that is told of several.

    >>> worst([OK, COST, POLICY]), worst([]), worst([COMMENT, COULD_NOT_RUN])
    (2, 0, 4)
    """
    found = set(codes) - {OK}
    return next((code for code in _FIRST if code in found), max(found, default=OK))
