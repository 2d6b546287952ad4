"""How is text that somebody else wrote put into Markdown, so that it is text there and nothing more?

Specs, messages and names come from a pull request: they must make no link, mention, table or command.
"""

from __future__ import annotations

import re
from html import escape

from components.ci.hidden import scrubbed

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~!$#])")
_NOTHING = "\u200b"
"""A space without width: it parts what a forge would make a link of."""
_MOST = 2000


def text(value: str, most: int = _MOST) -> str:
    r"""Return a text on one line that Markdown shows as it is.

    >>> text("a|b <img src=x>\n@team #12 https://evil.example")
    'a\\|b &lt;img src=x&gt; @\u200bteam \\#\u200b12 https:\u200b//evil.example'
    """
    flat = _cut(" ".join(scrubbed(value).split()), most)
    parted = flat.replace("://", f":{_NOTHING}//").replace("@", f"@{_NOTHING}")
    escaped = _SPECIAL.sub(r"\\\1", escape(parted, quote=False))
    parted = re.sub(r"\\#(?=\w)", rf"\\#{_NOTHING}", escaped)
    # At the beginning of a line GitLab takes a slash for a command.
    return f"{_NOTHING}{parted}" if parted.startswith("/") else parted


def code(value: str, most: int = 200) -> str:
    r"""Return a text as code; inside of it nothing is read but the bar of a table.

    >>> print(code("a`b|c"), code(""))
    `` a`b\|c `` ` `
    """
    flat = _cut(" ".join(scrubbed(value).split()), most).replace("|", "\\|")
    runs = [len(run) for run in re.findall("`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if not flat or "`" in (flat[0], flat[-1]) or runs else ""
    return f"{fence}{pad}{flat}{pad if flat else ''}{fence}"


def _cut(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[: most - 4]} ..."
