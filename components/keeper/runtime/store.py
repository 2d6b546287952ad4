"""Where are the documents of a service: in parameters of SSM, or in files where there is no AWS?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from components.contracts import parameter_name
from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from pathlib import Path

    from components.contracts import ParameterKind
    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.keep import Kind

_KINDS: tuple[ParameterKind, ...] = ("config", "state", "awake_until", "wake")
_STANDARD: Literal["String"] = "String"


class SsmStore:
    """The parameters of one service, as they were at the first look of a run, and as they were written since."""

    def __init__(self, stack: str, service: str, ssm: Any, calls: Calls) -> None:
        """Nothing is asked yet."""
        self._names = {kind: parameter_name(stack, service, kind) for kind in _KINDS}
        self._ssm, self._calls = ssm, calls
        self._texts: dict[str, str] | None = None

    def read(self, kind: ParameterKind) -> str | None:
        """Return a document, None when there is none; raises KeeperError where SSM does not answer."""
        if self._texts is None:
            # All at once: SSM answers so many questions in a second, and a stack may have many services.
            found = self._calls(self._ssm.get_parameters, Names=list(self._names.values()))
            self._texts = {one["Name"]: one["Value"] for one in found["Parameters"]}
        return self._texts.get(self._names[kind])

    def write(self, kind: Kind, text: str) -> None:
        """Put a document in the place of the last one; raises KeeperError where SSM refuses."""
        self._calls(self._ssm.put_parameter, Name=self._names[kind], Value=text, Type=_STANDARD, Overwrite=True)
        if self._texts is not None:
            self._texts[self._names[kind]] = text


class FileStore:
    """The documents of one service as files of a folder, `<folder>/<stack>/<service>/<kind>.json`."""

    def __init__(self, folder: Path, stack: str, service: str) -> None:
        """Nothing is read yet."""
        self._folder = folder / stack / service

    def read(self, kind: ParameterKind) -> str | None:
        """Return a document, None when there is none; raises KeeperError where the file cannot be read."""
        try:
            return self._path(kind).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise KeeperError(f"{self._path(kind)}: cannot be read: {error}") from None

    def write(self, kind: ParameterKind, text: str) -> None:
        """Put a document in the place of the last one, whole or not at all; raises KeeperError where that fails."""
        path = self._path(kind)
        unfinished = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise KeeperError(f"{path}: cannot be written: {error}") from None

    def _path(self, kind: ParameterKind) -> Path:
        return self._folder / f"{kind}.json"
