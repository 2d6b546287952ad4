"""What can go wrong in the sandbox itself, told to the user who ran a command.

SandboxError
├── JournalError      the recorded state cannot be used
└── PortTakenError    another process listens where the sandbox should
"""

from __future__ import annotations


class SandboxError(Exception):
    """One sentence with place, value and fix; `str()` is what the user reads."""


class JournalError(SandboxError):
    """The state is corrupt, or was written by versions whose ids this one cannot repeat."""


class PortTakenError(SandboxError):
    """A port of the sandbox is held by somebody else."""
