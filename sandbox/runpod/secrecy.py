"""Which values of an endpoint's environment may be written down? All but those that look like secrets.

A reference to a secret of the account (`{{ RUNPOD_SECRET_name }}`) is no secret. As on the real RunPod, the API shows
every value in clear; after a restart of the sandbox a secret one is a placeholder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# fmt: off
_WORDS = frozenset({
    "APIKEY", "AUTH", "CREDENTIAL", "CREDENTIALS", "KEY", "PASS", "PASSPHRASE", "PASSWD", "PASSWORD", "PWD", "SECRET",
    "TOKEN",
})
# fmt: on
_KNOWN_FORMS = re.compile(r"^(hf_|sk-|rpa_|ghp_|github_pat_|AKIA|xox[bp]-|-----BEGIN )|://[^/\s:@]+:[^/\s:@]+@")
_REFERENCE = re.compile(r"\{\{\s*RUNPOD_SECRET_\w+\s*\}\}")
PLACEHOLDER = re.compile(r"^sandboxplaceholder[0-9a-f]{24}==$")


def is_secret(name: str, value: str) -> bool:
    """Whether a variable looks like a secret.

    >>> is_secret("HF_TOKEN", "hf_abc"), is_secret("HF_TOKEN", "{{ RUNPOD_SECRET_hf }}"), is_secret("MAX_TOKENS", "5")
    (True, False, False)
    """
    if not value or _REFERENCE.fullmatch(value.strip()) or PLACEHOLDER.match(value):
        return False
    return bool(_WORDS & set(name.upper().split("_")) or _KNOWN_FORMS.search(value))


def redacted(record: dict[str, Any], placeholder: Callable[[str], str]) -> dict[str, Any]:
    """The record of an endpoint as it may be written."""
    settings = record["settings"]
    return record | {
        "settings": settings | {"env": _env(settings["env"], placeholder)},
        "releases": [
            release | {"diff": [_entry(entry, placeholder) for entry in release["diff"]]}
            for release in record["releases"]
        ],
    }


def placeholders_in(record: dict[str, Any]) -> int:
    """How many values of an endpoint's environment are placeholders."""
    return sum(1 for value in record["settings"]["env"].values() if PLACEHOLDER.match(value))


def _entry(entry: dict[str, Any], placeholder: Callable[[str], str]) -> dict[str, Any]:
    if entry["field"] != "template.env":
        return entry
    return entry | {side: _env(entry[side], placeholder) for side in ("old", "new")}


def _env(env: dict[str, str], placeholder: Callable[[str], str]) -> dict[str, str]:
    return {name: placeholder(value) if is_secret(name, value) else value for name, value in env.items()}
