"""How is one call to AWS made: again when AWS stumbles, and with a `KeeperError` when it refuses?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from components.keeper.runtime.errors import BusyError, KeeperError, MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSES_SECONDS = (1.0, 2.0, 4.0)
"""Between tries: the next run is ten minutes away, and a GPU may be on until then."""
_AGAIN = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalServiceFault",
        "InternalServiceException",
        "RequestLimitExceeded",
        "ServerException",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)
_BUSY = frozenset(
    {
        "ConcurrentUpdateException",
        "ResourceContention",
        "ScalingActivityInProgress",
        "ServiceNotActiveException",
        "UpdateInProgressException",
    }
)
_MISSING = frozenset({"ObjectNotFoundException", "ParameterNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes calls; what they have in common is here, so that each driver only says what it asks."""

    sleep: Callable[[float], None] = time.sleep
    pauses: tuple[float, ...] = PAUSES_SECONDS

    def __call__(self, operation: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Return AWS' answer; all calls that are made here may be heard twice.

        Raises:
            BusyError: something else is under way.
            MissingError: AWS knows nothing of that name.
            KeeperError: any other refusal, or no answer; with operation, code and AWS' own words.
        """
        for pause in (*self.pauses, None):
            try:
                return operation(**arguments)
            except ClientError as error:
                details = error.response["Error"]
                if pause is None or details["Code"] not in _AGAIN:
                    raise _said(error.operation_name, details["Code"], details["Message"]) from None
            except BotoCoreError as error:
                if pause is None:
                    raise KeeperError(f"{getattr(operation, '__name__', 'AWS')}: {error}") from None
            self.sleep(pause)
        raise AssertionError("the last try returns or raises")


def _said(operation: str, code: str, message: str) -> KeeperError:
    text = f"{operation}: {code}: {message.rstrip('.')}"
    if code in _BUSY:
        return BusyError(text)
    return MissingError(text) if code in _MISSING else KeeperError(text)
