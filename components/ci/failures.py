"""Why did a preview or a deployment fail: is the program wrong, or did a provider refuse?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.ci.hidden import scrubbed

if TYPE_CHECKING:
    from components.ci.events import Told

_PROGRAM_TYPES = re.compile(r"::(pulumi:pulumi:Stack|berth:[\w:]+)::")
_BY_PROVIDER = re.compile(
    r"\bplugin \[|invocation of aws:|error configuring|ExpiredToken|UnauthorizedOperation|AccessDenied|"
    r"InvalidClientTokenId|credential|RunPod (refused|answered|did not answer)|could not connect|Could not connect|"
    r"EndpointConnectionError|Connection (was )?(refused|closed)|rate exceeded|Throttling",
)
_ECHOES = re.compile(r"^(an unhandled error occurred: |preview failed$|update failed$|resource violates|validation of)")
_LOCKED = re.compile(r"is currently locked by|Another update is currently in progress", re.IGNORECASE)
_HOLDER = re.compile(r"created by (?P<who>\S+) \(pid (?P<pid>\d+)\) at (?P<at>\S+)")
_MOST = 40


@dataclass(frozen=True, slots=True)
class Failure:
    """Messages of each kind; `locked` says who holds the stack, None where nobody does."""

    program: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    locked: str | None = None


def failure_of(told: Told, code: int, output: str) -> Failure:
    """Return why a run of Pulumi failed; nothing of it where a policy is the only reason, or it succeeded."""
    if (holder := locked_by(output)) is not None and not told.succeeded:
        return Failure(locked=holder)
    program: list[str] = []
    provider: list[str] = []
    for one in told.errors:
        said = scrubbed(one.message)
        if not said or _ECHOES.match(said):
            continue
        of_resource = bool(one.urn) and not _PROGRAM_TYPES.search(one.urn)
        place = f"{one.urn.rpartition('::')[2]}: " if of_resource else ""
        (provider if of_resource or _BY_PROVIDER.search(said) else program).append(f"{place}{said}")
    if code and not (program or provider or any(one.level == "mandatory" for one in told.findings)):
        tail = [line for line in scrubbed(output).strip().splitlines() if line.strip()][-_MOST:]
        program.append("\n".join(tail) or f"pulumi ended with exit code {code} and said nothing")
    return Failure(tuple(dict.fromkeys(program)), tuple(dict.fromkeys(provider)))


def locked_by(output: str) -> str | None:
    r"""Return who holds the lock of a stack, as far as Pulumi says.

    >>> locked_by("error: the stack is currently locked by 1 lock(s).\n x.json: created by ci@runner (pid 7) at 2026Z")
    'ci@runner (process 7) since 2026Z'
    """
    if not _LOCKED.search(output):
        return None
    holders = [f"{one['who']} (process {one['pid']}) since {one['at']}" for one in _HOLDER.finditer(output)]
    return ", ".join(holders) or "another update, of which the backend does not say more"
