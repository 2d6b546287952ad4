"""How is a check asked so that it cannot hold anybody up? Within its time, and its failure is decided in advance."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.checks.function import imported
from gateway.checks.http import HttpCheck
from gateway.checks.refusals import CHECK_FAILED, refused
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.checks.check import Check, Subject
    from gateway.config.checks import CheckConfig

log = logging.getLogger(__name__)


class Guard:
    """A check with its time limit."""

    def __init__(self, check: Check, *, timeout_seconds: float, refuse_on_error: bool) -> None:
        self._check = check
        self._timeout_seconds = timeout_seconds
        self._refuse_on_error = refuse_on_error

    @classmethod
    def of(cls, config: CheckConfig, environment: Mapping[str, str]) -> Guard:
        """The check that `config` describes.

        Raises:
            LookupError: when its function or its key is not there.
        """
        if config.function is not None:
            check: Check = imported(config.function)
        else:
            check = HttpCheck(config.url or "", config.key.open(environment) if config.key else None)
        return cls(check, timeout_seconds=config.timeout_seconds, refuse_on_error=config.on_error == "refuse")

    async def close(self) -> None:
        if isinstance(self._check, HttpCheck):
            await self._check.close()

    async def ask(self, subject: Subject) -> None:
        """Let the subject pass.

        Raises:
            RefusedError: 400 where the check says no, 503 where it fails and may not.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                reason = await self._check(subject)
        except Exception as error:  # noqa: BLE001 it is the operator's code, or a service on the way
            # The kind alone: an error's text may quote what was checked.
            log.warning(
                "a check failed",
                extra={
                    "fields": {
                        "request_id": subject.request_id,
                        "stage": subject.stage,
                        "error": type(error).__name__,
                        "refused": self._refuse_on_error,
                    }
                },
            )
            if self._refuse_on_error:
                raise RefusedError(CHECK_FAILED) from None
            return
        if reason is not None:
            raise RefusedError(refused(subject.stage, reason))
