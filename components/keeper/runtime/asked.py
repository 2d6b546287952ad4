"""What did people and requests ask of the keeper? The override of `berth awake` and `berth sleep`, and the last wake.

Each document has one writer: commands write the override, the wake hook writes the wake, the keeper writes the state.
So none of them undoes what another has just written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from components.keeper.runtime.errors import DocumentError
from components.keeper.runtime.instants import instant_of, read, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NOTHING = "{}"
"""What a parameter holds before anybody asked: SSM stores no empty text."""
_KINDS: Mapping[str, Literal["awake", "asleep"]] = {"awake": "awake", "asleep": "asleep"}


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody ordered by hand."""

    kind: Literal["awake", "asleep"]
    at: datetime
    until: datetime | None
    """When an order to be awake ends; None for one to sleep, which ends with the next window."""
    by: str
    acknowledges_budget: bool = False
    """Whether it was said that the budget is spent and the service is to run all the same, until the month ends."""

    def to_json(self) -> str:
        """Return the document."""
        document: dict[str, Any] = {
            "kind": self.kind,
            "at": written(self.at),
            "until": written(self.until),
            "by": self.by,
        }
        if self.acknowledges_budget:
            document["ack_budget"] = True
        return json.dumps(document, sort_keys=True)

    @classmethod
    def parse(cls, text: str | None) -> Override | None:
        """Read a document, None when nothing was ordered; `DocumentError` when it is not one."""
        raw = _object("awake_until", text)
        if not raw:
            return None
        try:
            kind, until = _KINDS[raw["kind"]], read(raw.get("until"))
            found = cls(kind, instant_of(raw["at"]), until, str(raw["by"]), bool(raw.get("ack_budget")))
        except (KeyError, TypeError, ValueError) as error:
            raise DocumentError(
                "awake_until", f"is not an override ({error}); run berth awake or berth sleep"
            ) from None
        if (kind == "awake") != (until is not None):
            raise DocumentError("awake_until", f"orders to be {kind} and {'has' if until else 'lacks'} an end")
        return found


@dataclass(frozen=True, slots=True)
class Wake:
    """The last request that was allowed to wake the service."""

    at: datetime
    key_id: str

    def to_json(self) -> str:
        """Return the document."""
        return json.dumps({"at": written(self.at), "key_id": self.key_id}, sort_keys=True)

    @classmethod
    def parse(cls, text: str | None) -> Wake | None:
        """Read a document, None when nothing was woken; `DocumentError` when it is not one."""
        raw = _object("wake", text)
        if not raw:
            return None
        try:
            return cls(instant_of(raw["at"]), str(raw["key_id"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DocumentError("wake", f"is not a wake ({error}); the next request writes it anew") from None


def _object(kind: str, text: str | None) -> dict[str, Any]:
    try:
        raw = json.loads(text or NOTHING)
    except ValueError:
        raise DocumentError(kind, "is not JSON; write {} into it") from None
    if not isinstance(raw, dict):
        raise DocumentError(kind, "is not a JSON object; write {} into it")
    return raw
