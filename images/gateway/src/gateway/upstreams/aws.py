"""How does the gateway call AWS? With the credentials of this process, found and renewed by botocore.

botocore is an extra of the package, loaded with the first upstream that needs it.
"""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING, Any

from gateway.upstreams.upstream import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SERVICE = "sagemaker"
# botocore renews credentials that a role lends minutes before they end; asking it more rarely than that is enough.
KEPT_SECONDS = 60.0
TOKEN_HOST = "sagemaker.amazonaws.com"  # noqa: S105 a host
TOKEN_PREFIX = "sagemaker-api-key-"  # noqa: S105 a prefix
# A token is worth no longer than the credentials that made it, whatever it says.
TOKEN_SECONDS = 12 * 3600
TOKEN_KEPT_SECONDS = 5 * 60.0


class AwsCredentials:
    """The default chain: environment, profile, container role, instance role."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._source: Any = None
        self._frozen: Any = None
        self._asked_at = float("-inf")
        self._one_question = asyncio.Lock()

    async def current(self) -> Any:
        """Access key, secret key and token as botocore's signers take them.

        Raises:
            UnreachableError: when there are none.
        """
        if self._clock() - self._asked_at < KEPT_SECONDS:
            return self._frozen
        async with self._one_question:
            if self._clock() - self._asked_at >= KEPT_SECONDS:
                # Finding and renewing asks other servers, and blocks.
                self._frozen = await asyncio.to_thread(self._find)
                self._asked_at = self._clock()
        return self._frozen

    def _find(self) -> Any:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 an extra, loaded where it is used
        from botocore.session import Session  # noqa: PLC0415

        try:
            if self._source is None:
                self._source = Session().get_credentials()
            if self._source is None:
                raise UnreachableError("no AWS credentials")
            return self._source.get_frozen_credentials()
        except BotoCoreError as error:
            raise UnreachableError(type(error).__name__) from None


def signed(
    url: str, region: str, headers: Mapping[str, str], body: bytes, credentials: Any, service: str = SERVICE
) -> dict[str, str]:
    """The headers of a POST with their SigV4 signature (AWS, Signature Version 4 signing process)."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 an extra, loaded where it is used
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    request = AWSRequest("POST", url, data=body, headers=dict(headers))
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


class BearerToken:
    """The token that SageMaker's OpenAI route takes: a presigned `CallWithBearerToken`, in base64.

    Source: SageMaker developer guide, OpenAI-compatible endpoints, and `sagemaker.core.token_generator` 3.27 (2026-11).
    """

    def __init__(self, region: str, credentials: AwsCredentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._region = region
        self._credentials = credentials
        self._clock = clock
        self._token = ""
        self._made_at = float("-inf")

    async def headers(self) -> Mapping[str, str]:
        """The authorization header.

        Raises:
            UnreachableError: when there are no credentials.
        """
        if self._clock() - self._made_at >= TOKEN_KEPT_SECONDS:
            self._token = bearer_token(self._region, await self._credentials.current())
            self._made_at = self._clock()
        return {"authorization": f"Bearer {self._token}"}


def bearer_token(region: str, credentials: Any) -> str:
    """A new token."""
    from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 an extra, loaded where it is used
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    request = AWSRequest(
        "POST",
        f"https://{TOKEN_HOST}/",
        headers={"host": TOKEN_HOST},
        params={"Action": "CallWithBearerToken"},
    )
    SigV4QueryAuth(credentials, SERVICE, region, expires=TOKEN_SECONDS).add_auth(request)
    presigned = str(request.url).removeprefix("https://") + "&Version=1"
    return TOKEN_PREFIX + base64.b64encode(presigned.encode()).decode()
