"""How are rows printed so that a person can read them in a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[str] = frozenset()) -> str:
    """Columns as wide as their widest cell; those named in `right` are aligned to the right.

    >>> print(table(["what", "usd"], [["gpu", "9.50"], ["disk", "10.00"]], right=frozenset({"usd"})))
    WHAT    USD
    gpu    9.50
    disk  10.00
    """
    lines = [[title.upper() for title in head], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    aligned = [
        "  ".join(
            cell.rjust(width) if title in right else cell.ljust(width)
            for title, cell, width in zip(head, line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join(aligned)


def usd(amount: float | None, digits: int = 2) -> str:
    """Money, or the word that no price is known; an unknown is never a zero.

    >>> usd(1234.5), usd(None)
    ('1,234.50', 'unknown')
    """
    return "unknown" if amount is None else f"{amount:,.{digits}f}"
