"""What does the secret with the clients' keys say? Read strictly, and never quoted."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from gateway.config.keys import KeyTerms
from gateway.config.section import allowed

SHA256_HEX = re.compile(r"[0-9a-f]{64}")
EXAMPLE = 'a JSON object such as {"team-a": "<sha256 of the key, 64 hex digits>"}'
NO_DIGEST = "is not a SHA-256 (64 hex digits); store the key's hash, not the key"


class KeysError(ValueError):
    """The value of the keys' secret cannot be used; the message never quotes it."""


def _digests(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and SHA256_HEX.fullmatch(one.lower()) for one in values):
        raise PydanticCustomError("problem", "{text}", {"text": NO_DIGEST})
    return [one.lower() for one in values]


class KeyEntry(KeyTerms):
    """One key in full: what it may use, where that differs from the defaults, and until when."""

    digests: Annotated[list[str], BeforeValidator(_digests)] = Field(alias="sha256")
    expires: AwareDatetime | None = Field(
        default=None, json_schema_extra=allowed("a date-time with its zone such as 2027-01-01T00:00:00Z")
    )

    def terms(self) -> KeyTerms:
        """What it says about its use, without what it leaves to the defaults."""
        said = self.model_fields_set & set(KeyTerms.model_fields)
        return KeyTerms(**{name: getattr(self, name) for name in said})


def entries(raw: str) -> dict[str, KeyEntry]:
    """The keys by name.

    Raises:
        KeysError: with everything that is wrong, by name and without a value.
    """
    try:
        pairs: Any = json.loads(raw, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        # `from None`: the JSON error carries the document, and the document may hold keys.
        raise KeysError(f"not JSON; the secret must hold {EXAMPLE}") from None
    if not isinstance(pairs, _Pairs):
        raise KeysError(f"not a JSON object; the secret must hold {EXAMPLE}")
    if not pairs:
        raise KeysError("holds no key, so nobody could call; add one, or leave the variable out to run open")
    found: dict[str, KeyEntry] = {}
    problems: list[str] = []
    for name, value in pairs:
        if not name.strip():
            problems.append(f"a key has no name; the secret must hold {EXAMPLE}")
        elif name in found:
            problems.append(f"the key {name!r} is there twice; give each key a name of its own")
        else:
            try:
                found[name] = _entry(name, value)
            except KeysError as error:
                problems.append(str(error))
    problems += _shared_digests(found)
    if problems:
        raise KeysError("; ".join(problems))
    return found


class _Pairs(list[tuple[str, Any]]):
    """A JSON object before equal names fold into one."""


def _entry(name: str, value: Any) -> KeyEntry:
    if not isinstance(value, _Pairs):
        value = [("sha256", value)]
    members = dict(value)
    if len(members) < len(value):
        raise KeysError(f"the key {name!r} says something twice; say it once")
    if "sha256" not in members:
        raise KeysError(f"the key {name!r} has no sha256; add the key's hash")
    try:
        return KeyEntry.model_validate(members)
    except ValidationError as error:
        raise KeysError("; ".join(_lines(name, error))) from None


def _lines(name: str, error: ValidationError) -> list[str]:
    lines: dict[str, None] = {}
    for details in error.errors(include_url=False, include_input=False, include_context=False):
        member = str(details["loc"][0])
        if details["type"] == "problem":
            lines[f"the value of {name!r} {details['msg']}"] = None
        elif details["type"] == "extra_forbidden":
            known = ", ".join(["sha256", "expires", *KeyTerms.model_fields])
            # A plain key put where its name belongs would be a member, too.
            lines[f"the key {name!r} has a member that is not known; use some of: {known}"] = None
        else:
            lines[f"{member} of the key {name!r} is not allowed; set it to {_allowed(member)}"] = None
    return list(lines)


def _allowed(member: str) -> str:
    field = KeyEntry.model_fields[member]
    extra: Any = field.json_schema_extra
    if not isinstance(extra, dict):
        extra = {
            "allowed": "a whole number, 1 or more" if member != "usd_per_month" else "an amount in USD, more than 0"
        }
    return str(extra["allowed"])


def _shared_digests(found: dict[str, KeyEntry]) -> list[str]:
    owners: dict[str, str] = {}
    return [
        f"the keys {owner!r} and {name!r} have the same hash; give each caller a key of its own"
        for name, entry in found.items()
        for digest in set(entry.digests)
        if (owner := owners.setdefault(digest, name)) != name
    ]
