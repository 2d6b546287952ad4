"""How is a service asked whether something may pass? One POST; its answer says yes, or no and why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from gateway.checks.check import Subject
    from gateway.config.secret import Secret

HTTP_OK = 200


class NoVerdictError(Exception):
    """The service did not answer with `{"allow": true}` or `{"allow": false, "reason": "..."}`."""


class HttpCheck:
    """POSTs the subject as JSON to `url`; a session is opened with the first question and kept."""

    def __init__(self, url: str, key: Secret | None = None) -> None:
        self._url = url
        self._key = key
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __call__(self, subject: Subject) -> str | None:
        headers = {"authorization": f"Bearer {self._key.value}"} if self._key is not None else {}
        session = await self._open()
        question = {
            "stage": subject.stage,
            "request_id": subject.request_id,
            "key": subject.key,
            "path": subject.path,
            "request": subject.request,
            "text": subject.text,
            "complete": subject.complete,
        }
        async with session.post(self._url, json=question, headers=headers, allow_redirects=False) as answer:
            if answer.status != HTTP_OK:
                raise NoVerdictError(f"status {answer.status}")
            verdict: Any = await answer.json(content_type=None)
        allow = verdict.get("allow") if isinstance(verdict, dict) else None
        if not isinstance(allow, bool):
            raise NoVerdictError("no 'allow' in the answer")
        return None if allow else str(verdict.get("reason") or "no reason was given")

    async def _open(self) -> aiohttp.ClientSession:
        async with self._opening:
            if self._session is None:
                self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            return self._session
