"""What can go wrong with an endpoint, and what does a user do about it?

EndpointError
├── TimedOutError    AWS has not finished within the limit
├── BusyError        AWS refuses the call because another one is under way
├── CapacityError    AWS has no instance of that type to give
├── NotFoundError    AWS knows nothing of that name
└── NoAnswerError    nobody knows whether AWS heard the order
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from components.errors import BerthError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAPACITY = re.compile(
    r"InsufficientInstanceCapacity|InsufficientCapacity|requested ML compute capacity", re.IGNORECASE
)
_QUOTA = re.compile(r"limit '(?P<quota>[^']+)'")


class EndpointError(BerthError):
    """An endpoint could not be brought into the state that is wanted."""


class TimedOutError(EndpointError):
    """AWS has not finished within the limit."""


class BusyError(EndpointError):
    """AWS refuses the call because another one is under way."""


class CapacityError(EndpointError):
    """AWS has no instance of that type to give."""


class NotFoundError(EndpointError):
    """AWS knows nothing of that name."""


class NoAnswerError(EndpointError):
    """Nobody knows whether AWS heard the order."""


def lacks_capacity(reason: str) -> bool:
    """Whether a failure says that AWS has no such instance left; a quota is another matter.

    >>> lacks_capacity("Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.")
    True
    >>> lacks_capacity("The account-level service limit 'ml.g5.2xlarge for endpoint usage' is 0 Instances")
    False
    """
    return _CAPACITY.search(reason) is not None


def quota_advice(message: str) -> str:
    """Return what to do about a quota that is too small, with its name where AWS tells it.

    >>> quota_advice("The account-level service limit 'ml.g5.2xlarge for endpoint usage' is 0 Instances")[:66]
    "request the quota 'ml.g5.2xlarge for endpoint usage' of SageMaker "
    """
    match = _QUOTA.search(message)
    quota = f"the quota '{match['quota']}'" if match else "a higher quota"
    return (
        f"request {quota} of SageMaker in Service Quotas; a blue/green update needs twice the instances that run."
        " Another accelerator is not tried, because a quota is no shortage"
    )


def start_failure(reason: str, *, log_group: str, region: str, logged: bool | None) -> str:
    """Return why an endpoint did not start, and where to look; an empty `reason` is one that AWS keeps to itself.

    `logged` says whether the containers printed anything; None when that is not known.
    """
    return "; ".join([reason.rstrip(". ") or "AWS gives no reason", *_hints(reason, log_group, region, logged)])


def _hints(reason: str, log_group: str, region: str, logged: bool | None) -> Iterator[str]:
    low = reason.lower()
    never_started = logged is False and ("health check" in low or not reason)
    if never_started:
        yield (
            f"nothing was ever written to {log_group}, so the container never started: the driver of the machine image"
            " does not suit the CUDA version of the container image; check sagemaker.inference_ami"
        )
        return
    if "health check" in low:
        yield (
            "the engine was not ready in time: weights that it may not read or that are not there, too little memory,"
            " or a start that takes longer than the time it was given"
        )
    if "model data" in low or "s3" in low:
        yield "the weights could not be copied in time: check model.s3_uri, and that the execution role may read it"
    yield f"see aws logs tail {log_group} --since 3h --region {region}"
