"""How does an endpoint end, so that it is certain that it costs nothing any more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.sagemaker.failures import BusyError, EndpointError, TimedOutError

if TYPE_CHECKING:
    from components.sagemaker.api import EndpointApi
    from components.sagemaker.clock import Clock
    from components.sagemaker.scaling import Scaling
    from components.sagemaker.wanted import Wanted
    from components.sagemaker.watching import Watch

LIMIT_SECONDS = 2 * 3600
"""AWS gives up on a start after at most an hour, and lets nobody delete the endpoint before."""
_PAUSE_SECONDS = 5


class Removal:
    """Ends one endpoint."""

    def __init__(self, wanted: Wanted, api: EndpointApi, watch: Watch, scaling: Scaling, clock: Clock) -> None:
        """Nothing is asked yet."""
        self._wanted, self._api, self._watch, self._scaling, self._clock = wanted, api, watch, scaling, clock

    def leave_nothing(self) -> None:
        """Return when there is no endpoint any more, and only then.

        Raises:
            EndpointError: AWS refuses, or has not finished within the limit.
        """
        deadline = self._clock.now() + LIMIT_SECONDS
        while True:
            seen = self._watch.settled(limit_seconds=self._left(deadline))
            if seen is None:
                return
            # AWS does it too, but asks the one who deletes for the right to do so.
            self._scaling.deregister()
            try:
                self._api.delete()
            except BusyError:
                # Something began between the question and the order.
                self._clock.sleep(_PAUSE_SECONDS)
                continue
            if self._watch.gone(limit_seconds=self._left(deadline)) is None:
                return

    def _left(self, deadline: float) -> float:
        left = deadline - self._clock.now()
        if left <= 0:
            raise TimedOutError(f"{self._wanted.endpoint_name}: could not be deleted within the limit")
        return left


def refuse_foreign(wanted: Wanted, tags: dict[str, str], arn: str) -> None:
    """Raise EndpointError when an endpoint is not the one that this stack made for this service."""
    missing = {key: value for key, value in wanted.identity.items() if tags.get(key) != value}
    if not missing:
        return
    region = wanted.access.region
    given = " ".join(f"Key={key},Value={value}" for key, value in missing.items())
    raise EndpointError(
        f"{wanted.endpoint_name}: there is an endpoint of that name in {region} which is not tagged as this service's"
        f" ({', '.join(f'{key}={value}' for key, value in missing.items())}), so it is left alone; if it is:"
        f" aws sagemaker add-tags --region {region} --resource-arn {arn} --tags {given}; if not, give this service"
        " another name"
    )


def delete_command(wanted: Wanted) -> str:
    """Return how to delete an endpoint by hand."""
    return (
        f"when it is not Creating any more: aws sagemaker delete-endpoint --region {wanted.access.region}"
        f" --endpoint-name {wanted.endpoint_name}"
    )
