"""How is one call to AWS made: again when it was throttled, and with an error that a user can read when it fails?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.sagemaker.failures import (
    BusyError,
    CapacityError,
    EndpointError,
    NoAnswerError,
    NotFoundError,
    lacks_capacity,
    quota_advice,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.sagemaker.clock import Clock

ATTEMPTS = 8
LONGEST_PAUSE_SECONDS = 30
SILENCE_SECONDS = 120
"""How long a question may stay without an answer: a network that fails for a moment ends no deployment."""
_AGAIN = frozenset(
    {
        "ConcurrentUpdateException",
        "InternalFailure",
        "InternalServiceException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def call(clock: Clock, operation: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Return AWS' answer.

    Raises:
        NotFoundError: AWS knows nothing of that name.
        BusyError: something else is under way.
        CapacityError: there is no such instance to be had.
        NoAnswerError: there was no answer, so the order may have been heard.
        EndpointError: any other refusal, with its code.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - a preview without changes needs none

    pauses = iter([min(2**attempt, LONGEST_PAUSE_SECONDS) for attempt in range(ATTEMPTS - 1)])
    while True:
        try:
            return operation(**arguments)
        except ClientError as error:
            details = error.response["Error"]
            pause = next(pauses, None)
            if details["Code"] not in _AGAIN or pause is None:
                raise _said(error.operation_name, details["Code"], details["Message"]) from None
        except BotoCoreError as error:
            raise NoAnswerError(str(error)) from None
        clock.sleep(pause)


def ask(clock: Clock, question: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Return AWS' answer to a question, which changes nothing and so may be asked again; raises as `call` does."""
    begun, pause = clock.now(), 1
    while True:
        try:
            return call(clock, question, **arguments)
        except NoAnswerError:
            if clock.now() - begun >= SILENCE_SECONDS:
                raise
        clock.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _said(operation: str, code: str, message: str) -> EndpointError:
    text = f"{operation}: {code}: {message.rstrip('.')}"
    low = message.lower()
    if code == "ObjectNotFoundException" or (code == "ValidationException" and "could not find endpoint" in low):
        return NotFoundError(text)
    if code == "ValidationException" and "in-progress" in low:
        return BusyError(text)
    if lacks_capacity(f"{code} {message}"):
        return CapacityError(text)
    if code == "ResourceLimitExceeded":
        return EndpointError(f"{text}; {quota_advice(message)}")
    if "createservicelinkedrole" in low:
        return EndpointError(
            f"{text}; the first autoscaled endpoint of an account needs a role of AWS' own: allow"
            " iam:CreateServiceLinkedRole, or once:"
            " aws iam create-service-linked-role --aws-service-name sagemaker.application-autoscaling.amazonaws.com"
        )
    return EndpointError(text)
