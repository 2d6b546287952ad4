"""What of a text must nobody read in a comment, a log or an artifact?"""

from __future__ import annotations

import re
from typing import cast

HIDDEN = "[hidden]"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRETS = re.compile(
    r"hf_[A-Za-z0-9]{8,}|sk-[A-Za-z0-9_-]{8,}|rpa_[A-Za-z0-9_]{8,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|gh[pousr]_[A-Za-z0-9]{16,}"
    r"|github_pat_\w{16,}|glpat-[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_NAMES = re.compile(r"token|secret|password|passwd|api_?key|credential|private_?key", re.IGNORECASE)
_NO_SECRETS = re.compile(r"tokens|_tokens_|max_.*token|keys_secret$|_secret$|_arn$", re.IGNORECASE)
"""Names that count tokens, or hold the name of a secret and not the secret."""


def scrubbed(text: str) -> str:
    """Return a text without what looks like a credential, and without what the engine writes for the unknown.

    >>> scrubbed("the token hf_abcdefgh12345 was refused")
    'the token [hidden] was refused'
    """
    return _SECRETS.sub(HIDDEN, text.replace(_UNKNOWN, "[unknown]"))


def shown_value(path: str, value: object) -> str:
    """Return a value as a report may show it; of a field that is named like a secret, that it has one.

    >>> shown_value("engine.environment.API_KEY", "12345"), shown_value("scaling.max_replicas", 3)
    ('[hidden]', '3')
    """
    last = path.rpartition(".")[2]
    if value is not None and _NAMES.search(last) and not _NO_SECRETS.search(last):
        return HIDDEN
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(shown_value(path, one) for one in cast('list[object]', value))}]"
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value).items()
        shown = ", ".join(f"{key}: {shown_value(f'{path}.{key}', one)}" for key, one in entries)
        return f"{{{shown}}}"
    return scrubbed(f"{value:g}" if isinstance(value, float) else str(value))
