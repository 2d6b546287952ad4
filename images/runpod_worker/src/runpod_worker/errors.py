"""What can go wrong, and which exit code says so?"""

from __future__ import annotations


class WorkerError(Exception):
    """Base of all below; `str()` is one line for the log.

    WorkerError (1)
    |- ConfigError (2)    the environment cannot be used
    |- HardwareError (3)  other GPUs than planned
    |- EndedError (1)     a process ended that should not have
    |- LateError (4)      a process did not become ready in time
    """

    exit_code = 1


class ConfigError(WorkerError):
    exit_code = 2


class HardwareError(WorkerError):
    exit_code = 3


class EndedError(WorkerError):
    exit_code = 1


class LateError(WorkerError):
    exit_code = 4
