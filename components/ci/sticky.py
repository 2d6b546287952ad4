"""How is there one comment for a change, found again among many, and edited in place?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from components.ci.markdown import MARKER

if TYPE_CHECKING:
    from components.ci.forge import Comment, Forge

Posted = Literal["created", "edited", "left as it is", "not posted: nothing changes"]
_DIGESTS = re.compile(r"<!-- berth-digests (?P<all>[^>]*)-->")


def post(forge: Forge, body: str, *, is_news: bool, always: bool) -> Posted:
    """Post the report; where nothing changes only over an earlier one, which would be wrong by now."""
    there = sticky(forge)
    if there is None:
        if not (is_news or always):
            return "not posted: nothing changes"
        forge.create(body)
        return "created"
    if there.body.strip() == body.strip():
        return "left as it is"
    forge.edit(there, body)
    return "edited"


def sticky(forge: Forge) -> Comment | None:
    """Return the comment that an earlier run made."""
    return next((one for one in forge.comments() if one.body.startswith(MARKER)), None)


def digests_in(body: str) -> dict[str, str]:
    """Return the digest of each stack that a comment tells of.

    >>> digests_in("<!-- berth-digests prod=sha256:ab dev=sha256:cd -->")
    {'prod': 'sha256:ab', 'dev': 'sha256:cd'}
    """
    found = _DIGESTS.search(body)
    pairs = (one.partition("=") for one in found["all"].split()) if found else ()
    return {stack: digest for stack, _, digest in pairs}
