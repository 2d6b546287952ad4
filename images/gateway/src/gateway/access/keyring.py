"""Who may come in now? Keys can be exchanged while the gateway runs; those that are taken away stop working."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Self

from gateway import errors
from gateway.errors import RefusedError
from gateway.key_document import KeysError
from gateway.keys import ClientKeys, Key

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gateway.access.sources import KeySource
    from gateway.config.keys import KeyTerms

# Whoever calls an open gateway.
ANYONE = ""

log = logging.getLogger(__name__)


class KeyRing:
    """The keys that hold now. Without any the gateway is open, and all callers are one key without a name."""

    def __init__(
        self,
        keys: ClientKeys | None,
        defaults: KeyTerms,
        *,
        source: KeySource | None = None,
        refresh_seconds: float = 60.0,
        check: Callable[[ClientKeys], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`check` raises KeysError for keys that this gateway cannot serve; `clock` gives seconds since the epoch."""
        self._keys = keys.with_defaults(defaults) if keys is not None else None
        self._defaults = defaults
        self._source = source
        self._refresh_seconds = refresh_seconds
        self._check = check
        self._clock = clock
        self._anyone = Key(ANYONE, defaults)
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        return self._keys is None and self._source is None

    def key_of(self, authorization: str | None) -> Key:
        """The caller.

        Raises:
            RefusedError: 401 without a key that holds.
        """
        if self._keys is None:
            if self._source is None:
                return self._anyone
            raise RefusedError(errors.BAD_KEY)
        key = self._keys.find(authorization)
        if key is None:
            raise RefusedError(errors.BAD_KEY)
        if key.expires_at is not None and self._clock() >= key.expires_at:
            raise RefusedError(errors.EXPIRED_KEY)
        return key

    async def __aenter__(self) -> Self:
        if self._source is not None:
            await self._source.__aenter__()
            await self._take_first(self._source)
            self._refreshing = asyncio.create_task(self._refresh_for_ever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
        if self._source is not None:
            await self._source.__aexit__(kind, error, traceback)

    async def _take_first(self, source: KeySource) -> None:
        try:
            await self._take_new()
        except KeysError as error:
            fields = {"place": source.place, "reason": str(error)}
            log.critical("the client keys cannot be used", extra={"fields": fields})
            await source.__aexit__(None, None, None)
            raise

    async def refresh(self) -> None:
        """Look once; keys that cannot be read or used leave the present ones in force."""
        try:
            if await self._take_new():
                log.info("the client keys were exchanged", extra={"fields": {"keys": len(self._keys or ())}})
        except KeysError as error:
            place = self._source.place if self._source else ""
            log.error(  # noqa: TRY400 the traceback could show the document
                "the new client keys cannot be used, the old ones hold on",
                extra={"fields": {"place": place, "reason": str(error)}},
            )

    async def _take_new(self) -> bool:
        raw = await self._source.changed() if self._source is not None else None
        if raw is None:
            return False
        keys = ClientKeys.parse(raw).with_defaults(self._defaults)
        self._check(keys)
        self._keys = keys
        return True

    async def _refresh_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            try:
                await self.refresh()
            except Exception:  # one bad look must not be the last
                log.exception("looking for new client keys failed")
