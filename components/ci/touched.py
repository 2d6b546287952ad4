"""Which stacks does a change touch, and by which file?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from components.ci.project import StackFiles

_EVERY_STACK = re.compile(
    r"Pulumi\.yaml|requirements\.lock|pyproject\.toml|stacks/[^/]+\.py|policies/(?!config/).+|"
    r"components/(?!(?:ci|cli|compare|simulate|refresh)/).+"
)
"""What is part of every deployment, or of what may stop it; other parts of Berth plan, show and check."""
_POLICY_CONFIG = re.compile(r"policies/config/(?P<environment>[^/]+)\.json")
_MOST_NAMED = 3


def touched(files: Iterable[str], stacks: Sequence[StackFiles]) -> dict[str, tuple[str, ...]]:
    """Return the stacks that a change of these files touches, each with the reasons; paths are from the root."""
    files = sorted(set(files))
    of_all = [file for file in files if _EVERY_STACK.fullmatch(file)]
    found: dict[str, tuple[str, ...]] = {}
    for stack in stacks:
        own = [file for file in files if file in stack.files or _configures(file, stack.environment)]
        if own or of_all:
            found[stack.stack] = _named([*own, *of_all])
    return found


def _configures(file: str, environment: str) -> bool:
    match = _POLICY_CONFIG.fullmatch(file)
    return match is not None and match["environment"] == environment


def _named(files: Sequence[str]) -> tuple[str, ...]:
    more = len(files) - _MOST_NAMED
    return (*files[:_MOST_NAMED], *((f"and {more} more",) if more > 0 else ()))
