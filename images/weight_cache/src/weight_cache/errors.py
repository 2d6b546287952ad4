"""What can go wrong, and which exit code says so to whoever reads only the task's exit code?"""

from __future__ import annotations


class WeightCacheError(Exception):
    """Base of all below; `str()` is one line for the log.

    WeightCacheError (1)
    |- ConfigError (2)        the environment cannot be used
    |- AccessDeniedError (3)  the hub or S3 refuses: no token, a wrong one, or a licence not accepted
    |- NotFoundError (4)      no such model, revision or prefix
    |- DiskFullError (5)      the file system has no room
    |- UnreachableError (6)   hub or S3 cannot be reached, or fails itself
    |- ConflictError (7)      the folder holds, or became, something else than what was asked for
    """

    exit_code = 1


class ConfigError(WeightCacheError):
    exit_code = 2


class AccessDeniedError(WeightCacheError):
    exit_code = 3


class NotFoundError(WeightCacheError):
    exit_code = 4


class DiskFullError(WeightCacheError):
    exit_code = 5


class UnreachableError(WeightCacheError):
    exit_code = 6


class ConflictError(WeightCacheError):
    exit_code = 7
