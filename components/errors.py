"""Which errors Berth raises, and how they read.

    BerthError
    ├── SpecError        the spec, or an override of it, is wrong; holds every problem found
    ├── PlanError        the spec is right, but nothing satisfies it
    ├── CatalogueError   a fact that Berth ships is missing or broken
    ├── ConfigError      a model's config.json describes nothing that can be sized
    ├── StackError       the stack's configuration is wrong
    ├── DeployedError    what is deployed cannot be asked, or is not there
    ├── KeeperError      a service could not be kept as it should be (components.keeper.runtime.errors)
    ├── LocalError       a process of this machine cannot be started (components.local.errors)
    └── RunpodError      RunPod refused a request, or did not answer it (components.runpod.errors)

`str(error)` is what a user reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what was found, what is allowed, and what to do about it.

    >>> str(Problem("chat.yaml: scaling.max_replicas", "0", "is less than min_replicas 1", "raise it to 1 or more"))
    'chat.yaml: scaling.max_replicas: 0 is less than min_replicas 1; raise it to 1 or more'
    """

    place: str
    value: str
    message: str
    fix: str

    def __str__(self) -> str:
        said = f"{self.value} {self.message}" if self.value else self.message
        return f"{self.place}: {said}; {self.fix}"


class BerthError(Exception):
    """Base of everything that Berth raises on purpose."""


class _ProblemError(BerthError):
    """An error made of problems, one per line, in the order in which they were found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SpecError(_ProblemError):
    """The spec, or an override of it, is wrong."""


class StackError(_ProblemError):
    """The stack's configuration is wrong."""


class PlanError(BerthError):
    """The spec is right, but nothing in the catalogue satisfies it."""


class CatalogueError(BerthError):
    """A fact that Berth ships is missing or broken."""


class ConfigError(BerthError):
    """A model's `config.json` describes nothing that can be sized; `fix` says what to give instead."""

    def __init__(self, message: str, fix: str) -> None:
        self.message = message
        self.fix = fix
        super().__init__(f"{message}; {fix}")


class DeployedError(BerthError):
    """What is deployed cannot be asked, or is not there."""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return a fix that names the nearest allowed word, or the allowed words when none is near.

    >>> did_you_mean("L40", ["L4", "L40S", "A10G"])
    'did you mean L40S?'
    >>> did_you_mean("zebra", ["ecs", "runpod"])
    'use one of: ecs, runpod'
    """
    words = sorted(set(allowed))
    near = nearest(word, words)
    return f"did you mean {near}?" if near else f"use one of: {', '.join(words)}"


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that is most like `word`, None when none is.

    >>> nearest("scalling", ["scaling", "gateway"]), nearest("zebra", ["ecs"])
    ('scaling', None)
    """
    from difflib import get_close_matches  # noqa: PLC0415 - for what goes wrong alone

    by_lower = {candidate.lower(): candidate for candidate in allowed}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None
