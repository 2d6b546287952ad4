"""How is one of AWS's JSON APIs asked (Secrets Manager, SSM, DynamoDB)? One signed POST, without an SDK in between.

Only the credentials and the signature come from botocore, which is loaded with the first call.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

from multidict import CIMultiDict

from gateway.upstreams.aws import AwsCredentials, signed
from gateway.upstreams.http import HttpClient
from gateway.upstreams.upstream import BrokenOffError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

CALL_SECONDS = 3.0
HTTP_OK = 200
FIRST_SERVER_ERROR = 500
THROTTLED = ("Throttl", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "TooManyRequests")
# The name that signs, the prefix of operations, and the version of the protocol (botocore's service models, 1.44.5).
APIS = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "ssm": ("AmazonSSM", "1.1"),
}


class AwsRefusedError(Exception):
    """AWS answered with an error: `code` is its name, `document` what came with it; the message is the code alone."""

    def __init__(self, code: str, document: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.document = document


class AwsSilentError(Exception):
    """AWS did not answer; `sent` says whether it may have acted all the same."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class AwsApi:
    """One API in one region; `async with` holds its connections."""

    def __init__(self, name: str, region: str, environment: Mapping[str, str], credentials: AwsCredentials) -> None:
        self._name = name
        self._prefix, self._version = APIS[name]
        self._region = region
        self._credentials = credentials
        china = ".cn" if region.startswith("cn-") else ""
        origin = (
            environment.get(f"AWS_ENDPOINT_URL_{'SECRETS_MANAGER' if name == 'secretsmanager' else name.upper()}")
            or environment.get("AWS_ENDPOINT_URL")
            or f"https://{name}.{region}.amazonaws.com{china}"
        )
        self._client = HttpClient(origin.rstrip("/"))

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    async def call(self, operation: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of one operation.

        Raises:
            AwsRefusedError: AWS said no, and did nothing.
            AwsSilentError: there was no answer.
        """
        try:
            async with asyncio.timeout(CALL_SECONDS):
                status, answer = await self._post(operation, json.dumps(document).encode())
        except UnreachableError as error:
            raise AwsSilentError(str(error), sent=False) from None
        except (BrokenOffError, TimeoutError) as error:
            raise AwsSilentError(str(error) or "no answer in time", sent=True) from None
        if status == HTTP_OK:
            return answer
        code = str(answer.get("__type", "")).rpartition("#")[2] or str(status)
        if status >= FIRST_SERVER_ERROR or code.startswith(THROTTLED):
            raise AwsSilentError(code, sent=status >= FIRST_SERVER_ERROR)
        raise AwsRefusedError(code, answer)

    async def _post(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        headers = {
            "content-type": f"application/x-amz-json-{self._version}",
            "x-amz-target": f"{self._prefix}.{operation}",
        }
        credentials = await self._credentials.current()
        url = self._client.origin + "/"
        headers = signed(url, self._region, headers, body, credentials, service=self._name)
        answer = await self._client.request("POST", "/", CIMultiDict(headers), body)
        try:
            return answer.status, _object(await answer.whole())
        finally:
            answer.close()


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
