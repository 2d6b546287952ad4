"""How does the provider reach AWS: which endpoint, which region, which default tags?"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CLIENTS: dict[tuple[str, str, str], Any] = {}
_ACCOUNTS: dict[str, str] = {}
_MAKING = threading.Lock()  # boto3 makes clients from shared, unlocked state

_LONGEST_FUNCTION_SECONDS = 930
_MISSING_CODES = (
    "NoSuchBucket",
    "NoSuchEntity",
    "ResourceNotFound",
    "InvalidLaunchTemplateId.Malformed",
    "InvalidAllocationID.NotFound",
    "AWS.SimpleQueueService.NonExistentQueue",
    "InvalidTarget",
    "UnknownMonitorException",
    "UnknownSubscriptionException",
)


@dataclass(frozen=True)
class Aws:
    """One provider configuration: calls go to `endpoint`, in `region`."""

    endpoint: str
    region: str = "us-east-1"
    default_tags: dict[str, str] = field(default_factory=dict)

    partition = "aws"
    dns_suffix = "amazonaws.com"

    def __call__(self, service: str) -> Any:
        """Return the client of a service; it is made at its first use."""
        key = (self.endpoint, self.region, service)
        with _MAKING:
            if key not in _CLIENTS:
                _CLIENTS[key] = boto3.client(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=self.region,
                    aws_access_key_id="sandbox",
                    aws_secret_access_key="sandbox",  # noqa: S106 - the sandbox's public value
                    config=Config(
                        # An invocation is never made twice, however long the function takes.
                        retries={"total_max_attempts": 1 if service == "lambda" else 2},
                        connect_timeout=5,
                        read_timeout=_LONGEST_FUNCTION_SECONDS if service == "lambda" else 60,
                        max_pool_connections=32,
                        proxies={},
                    ),
                )
            return _CLIENTS[key]

    @property
    def account(self) -> str:
        """The account that the endpoint answers for; asked once, since every ARN needs it."""
        if self.endpoint not in _ACCOUNTS:
            _ACCOUNTS[self.endpoint] = self("sts").get_caller_identity()["Account"]
        return _ACCOUNTS[self.endpoint]

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def is_missing(error: ClientError) -> bool:
    """Tell whether AWS says that the thing asked for does not exist."""
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    if code == "ClientException":  # ECS has no code of its own for it
        return "does not exist" in message
    if code == "ValidationException":  # nor has SageMaker
        return message.startswith("Could not find ")
    return "NotFound" in code or code in _MISSING_CODES


def error_code(error: ClientError) -> str:
    """Return AWS's short name of an error."""
    return error.response.get("Error", {}).get("Code", "")
