"""How is an SVG written: elements with their attributes, everything escaped?"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """Return an element; `content` is markup, attributes are texts or numbers, `_` in their names is a dash.

    >>> element("text", text("a < b"), x=1.25, text_anchor="end")
    '<text x="1.25" text-anchor="end">a &lt; b</text>'
    >>> element("line", x1=0, y1=10)
    '<line x1="0" y1="10"/>'
    """
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(words: str) -> str:
    """Return words that stand for themselves."""
    return escape(words, quote=False)


def picture(parts: Iterable[str], *, width: float, height: float, title: str, name: str, kind: str = "") -> str:
    """Return an SVG of a page: it scales with its place, and `title` is what a screen reader says of it."""
    head = element("title", text(title), id=f"{name}-title")
    return element(
        "svg",
        head + "".join(parts),
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        role="img",
        aria_labelledby=f"{name}-title",
        **({"class_": kind} if kind else {}),
    )


def points(found: Iterable[tuple[float, float]]) -> str:
    """Return the points of a line.

    >>> points([(0, 1.5), (10, 2)])
    '0,1.5 10,2'
    """
    return " ".join(f"{_value(x)},{_value(y)}" for x, y in found)


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 2):g}"
