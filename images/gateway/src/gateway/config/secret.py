"""Where does a secret come from? An environment variable or a mounted file; the configuration never holds its value."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.section import Section, Text, allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A mounted secret that is rotated is picked up within this time.
REREAD_SECONDS = 10.0


class SecretSource(Section):
    """`{"env": NAME}` or `{"file": PATH}`."""

    env: Text | None = Field(default=None, json_schema_extra=allowed("the name of an environment variable"))
    """Name of an environment variable, read once at start. Omitted: it is in a file."""
    file: Text | None = Field(default=None, json_schema_extra=allowed("the path of a mounted file"))
    """Path of a mounted file, read again when it has changed. Omitted: it is in a variable."""

    @model_validator(mode="after")
    def _one_of_both(self) -> SecretSource:
        if (self.env is None) == (self.file is None):
            raise PydanticCustomError("choice", 'name either an environment variable ("env") or a mounted "file"')
        return self

    def open(self, environment: Mapping[str, str] = os.environ) -> Secret:
        """The secret's value, and its later values.

        Raises:
            LookupError: when the variable is not set, the file cannot be read, or either is empty.
        """
        if self.env is not None:
            value = environment.get(self.env, "").strip()
            if not value:
                raise LookupError(f"the environment variable {self.env} is not set")
            return Secret(lambda: value)
        assert self.file is not None  # noqa: S101 _one_of_both
        mounted = MountedSecret(Path(self.file))
        mounted()
        return Secret(mounted)


class Secret:
    """A value that is neither printed nor logged."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    @property
    def value(self) -> str:
        return self._read()


class MountedSecret:
    """The text of a file, looked at again every few seconds; the last good one is kept while it cannot be read."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looked_at = float("-inf")
        self._value = ""

    def __call__(self) -> str:
        now = self._clock()
        if now - self._looked_at >= REREAD_SECONDS:
            self._looked_at = now
            try:
                self._value = self._path.read_text(encoding="utf-8").strip() or self._value
            except (OSError, ValueError) as error:
                if not self._value:
                    raise LookupError(f"{self._path} cannot be read ({type(error).__name__})") from error
            if not self._value:
                raise LookupError(f"{self._path} is empty")
        return self._value
