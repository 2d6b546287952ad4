"""How does RunPod's refusal, or its silence, become a sentence that a user can act on?

    BerthError
    └── RunpodError          RunPod refused a request, or did not answer it
        └── LostAnswerError  a POST was sent and its answer was lost: what it asks for may exist

Headers and bodies never appear in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_FOUND = 404
_WHAT_TO_DO = {
    401: "check that RUNPOD_API_KEY, or the secret that RUNPOD_API_KEY_SECRET_ARN names, is a valid key",
    402: "check the balance of the RunPod account",
    403: "give the key the permission for this call in RunPod's console",
    NOT_FOUND: "if it was deleted outside of Pulumi, run `pulumi refresh`",
    429: "try again later, or with fewer services at once",
}
_LONGEST_TEXT = 500
_MOST_ERRORS = 10


class RunpodError(BerthError):
    """RunPod refused a request, or did not answer it; `status` is None when there was no answer."""

    def __init__(
        self, request: str, status: int | None, title: str, detail: str = "", errors: Sequence[str] = ()
    ) -> None:
        """Keep the parts; `request` is method and path."""
        self.request = request
        self.status = status
        self.title = title
        self.detail = detail[:_LONGEST_TEXT]
        self.errors = tuple(error[:_LONGEST_TEXT] for error in errors[:_MOST_ERRORS])
        super().__init__(self._text())

    def _text(self) -> str:
        said = " ".join(str(part) for part in (self.status, self.title) if part)
        text = f"RunPod: {self.request}: {said}"
        if self.detail:
            text += f": {self.detail}"
        if self.errors:
            text += f" ({'; '.join(self.errors)})"
        fix = _WHAT_TO_DO.get(self.status or 0)
        return f"{text}; {fix}" if fix else text


class LostAnswerError(RunpodError):
    """A POST was sent and its answer was lost: nothing but a look tells whether it was carried out."""
