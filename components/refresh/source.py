"""What a source has answered, in the terms of the catalogue's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Mapping


class RefreshError(BerthError):
    """A source could not be asked, or answered with something that cannot be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that a source vouches for: the table's key columns, and every column that the source knows.

    Without `may_add` it says something of a row that is there, and nothing when there is none.
    """

    table: str
    values: Mapping[str, str]
    source: str
    may_add: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source knows. `remarks` say what a person should look at, `failures` what could not be asked."""

    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def figure(value: float) -> str:
    """Return a price as a table has it: without an exponent, and without zeros that say nothing.

    >>> figure(0.8048), figure(0.00016), figure(63.0)
    ('0.8048', '0.00016', '63')
    """
    return f"{value:.8f}".rstrip("0").rstrip(".")
