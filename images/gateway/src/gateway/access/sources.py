"""Where does the document with the keys lie, and has it changed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from gateway.aws_api import AwsRefusedError, AwsSilentError
from gateway.key_document import KeysError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from gateway.aws_api import AwsApi


class KeySource(Protocol):
    """A place that can be asked again and again; `async with` holds what that takes."""

    place: str
    """How the log calls it."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    async def changed(self) -> str | None:
        """The document, or None where it is the one that was read last.

        Raises:
            KeysError: when it cannot be read.
        """
        ...


class MountedKeys:
    """A file; a new one is known by its time, size or inode (mounted secrets are exchanged by a link)."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is held."""

    async def changed(self) -> str | None:
        return self.read()

    def read(self) -> str | None:
        """As `changed`, for the start, when nothing waits."""
        try:
            found = self._path.stat()
            version = (found.st_mtime_ns, found.st_size, found.st_ino)
            if version == self._seen:
                return None
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KeysError(f"{self._path} cannot be read ({type(error).__name__}); mount it readable") from None
        self._seen = version
        return text


class SecretsManagerKeys:
    """A secret's current version."""

    def __init__(self, secret: str, api: AwsApi) -> None:
        self.place = f"the secret {secret.rpartition(':secret:')[2]}"
        self._secret = secret
        self._api = api
        self._seen: str | None = None

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, traceback)

    async def changed(self) -> str | None:
        try:
            found = await self._api.call("GetSecretValue", {"SecretId": self._secret})
        except (AwsRefusedError, AwsSilentError) as error:
            raise KeysError(f"Secrets Manager does not give it ({error}); let the task role read it") from None
        version, text = found.get("VersionId"), found.get("SecretString")
        if not isinstance(text, str):
            raise KeysError("it holds bytes and no text; store the JSON object as SecretString")
        if version is not None and version == self._seen:
            return None
        self._seen = version
        return text
