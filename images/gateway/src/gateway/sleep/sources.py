"""Where does the keeper say how the service is? In a file, behind an address, or in an SSM parameter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import aiohttp

from gateway.aws_api import AwsApi, AwsRefusedError, AwsSilentError
from gateway.sleep.state import StateError, StateSilentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gateway.config.sleep import StateDocumentConfig
    from gateway.upstreams.aws import AwsCredentials

ASK_SECONDS = 3.0
HTTP_OK, FIRST_SERVER_ERROR, TOO_MANY = 200, 500, 429


class StateSource(Protocol):
    """A place that holds the state document; `async with` holds what asking takes."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    async def read(self) -> str:
        """The document.

        Raises:
            StateError: when it is not there, or may not be read.
            StateSilentError: when nobody answers.
        """
        ...


def source_of(
    config: StateDocumentConfig, region: str, environment: Mapping[str, str], credentials: AwsCredentials
) -> StateSource:
    """The place that `config` names; `region` matters for SSM alone."""
    if config.file is not None:
        return FileState(Path(config.file))
    if config.url is not None:
        return HttpState(config.url)
    return ParameterState(config.parameter or "", AwsApi("ssm", region, environment, credentials))


class FileState:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is held."""

    async def read(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"the file cannot be read ({type(error).__name__})") from None


class HttpState:
    """What an address answers to a GET."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limit = aiohttp.ClientTimeout(total=ASK_SECONDS)
        self._session = aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def read(self) -> str:
        if self._session is None:
            raise RuntimeError("the state is asked for outside of its 'async with'")
        try:
            async with self._session.get(self._url) as answer:
                if answer.status >= FIRST_SERVER_ERROR or answer.status == TOO_MANY:
                    raise StateSilentError(f"its address answers with {answer.status}")
                if answer.status != HTTP_OK:
                    raise StateError(f"its address answers with {answer.status}")
                return await answer.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise StateSilentError(f"its address does not answer ({type(error).__name__})") from None


class ParameterState:
    """The value of an SSM parameter."""

    def __init__(self, name: str, api: AwsApi) -> None:
        self._name = name
        self._api = api

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, traceback)

    async def read(self) -> str:
        try:
            found = await self._api.call("GetParameter", {"Name": self._name})
        except AwsSilentError as error:
            raise StateSilentError(f"SSM does not answer ({error})") from None
        except AwsRefusedError as error:
            raise StateError(f"SSM does not give the parameter ({error})") from None
        value = found.get("Parameter", {}).get("Value")
        if not isinstance(value, str):
            raise StateError("SSM gave no value")
        return value
