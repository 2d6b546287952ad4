"""What each field of the spec changes on a target: a part of the plan, and what that means where it is deployed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """`part` is the path in the plan that follows the field, `text` what a user sees of it."""

    part: str
    text: str


REFUSAL = "refusal"
"""The `part` of a field whose other values the plan refuses."""

NOTED = "notes"
"""The `part` of a field that only a note answers: the target has no use for it, and the plan says why."""

IGNORED = ""
"""The `part` of a field in a block that belongs to another target."""
