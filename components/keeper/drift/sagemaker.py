"""What is not as it should be of a kept endpoint: whether it is there, on which configuration, within which limits?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.errors import KeeperError
from components.sagemaker import failures
from components.sagemaker.api import EndpointApi
from components.sagemaker.clients import Clients
from components.sagemaker.clock import Clock
from components.sagemaker.scaling import Scaling
from components.sagemaker.wanted import wanted_of
from components.sagemaker.watching import moving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.keeper.drift.band import Band
    from components.keeper.runtime.config import KeeperConfig
    from components.sagemaker.api import Seen
    from components.sagemaker.wanted import Wanted

_SERVES, _ENDS = "InService", "Deleting"
_FAILED = ("Failed", "OutOfService", "UpdateRollbackFailed")


def foreign(config: KeeperConfig, clients: Callable[[str, str | None], Any]) -> str | None:
    """Return what to say of an endpoint of that name that is not this service's; None where it is, or there is none."""
    with _told():
        wanted, api, _ = _reached(config, clients)
        seen = api.describe()
        if seen is None or seen.status == _ENDS or wanted.owns(api.tags(seen.arn)):
            return None
        return f"endpoint {wanted.endpoint_name} is not tagged as this service's, so the keeper leaves it alone"


def sagemaker_drift(config: KeeperConfig, band: Band, clients: Callable[[str, str | None], Any]) -> Iterator[str]:
    """Yield each difference; raises KeeperError where AWS does not say."""
    with _told():
        wanted, api, scaling = _reached(config, clients)
        seen = api.describe()
        if seen is None or seen.status == _ENDS:
            if not band.asleep and not band.is_new:
                yield f"endpoint {wanted.endpoint_name} is {'not there' if seen is None else 'being deleted'}"
        elif band.awake:
            yield from _serving(wanted, seen, None if band.is_waking else scaling)
        elif not moving(seen):
            # What starts or changes, AWS lets nobody delete.
            yield f"endpoint {wanted.endpoint_name} is there ({seen.status})"


def _reached(config: KeeperConfig, clients: Callable[[str, str | None], Any]) -> tuple[Wanted, EndpointApi, Scaling]:
    wanted, region = wanted_of(config.details), config.region
    reached = Clients(
        sagemaker=clients("sagemaker", region),
        autoscaling=clients("application-autoscaling", region),
        cloudwatch=clients("cloudwatch", region),
        logs=clients("logs", region),
        sts=None,
    )
    return wanted, EndpointApi(wanted, reached, Clock()), Scaling(wanted, reached, Clock())


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except failures.EndpointError as error:
        raise KeeperError(str(error)) from None


def _serving(wanted: Wanted, seen: Seen, scaling: Scaling | None) -> Iterator[str]:
    """Yield what is wrong with an endpoint that may be there; `scaling` None while the keeper has yet to see to it."""
    if seen.status in _FAILED:
        yield f"endpoint {wanted.endpoint_name} is {seen.status}: {seen.failure or 'AWS does not say why'}"
    known = [one.name for one in wanted.configurations]
    if seen.config_name not in known and not moving(seen):
        yield f"endpoint {wanted.endpoint_name} is on configuration {seen.config_name}, and not on {' or '.join(known)}"
    if seen.status != _SERVES:
        return
    if seen.running > wanted.max_replicas:
        yield f"{seen.running} instances run, and not {wanted.max_replicas} or less"
    if scaling is not None:
        yield from _scaled(scaling)


def _scaled(scaling: Scaling) -> Iterator[str]:
    now, registered = scaling.read(), scaling.wanted()
    if registered is None:
        if now is not None:
            yield f"it is scaled from {now.least} to {now.most}, and its number is fixed"
    elif now is None:
        yield f"nothing scales it, and not {registered.least} to {registered.most}"
    elif now.as_inputs() != registered.as_inputs():
        if (now.least, now.most) != (registered.least, registered.most):
            yield f"limits are {now.least} to {now.most}, and not {registered.least} to {registered.most}"
        else:
            yield "its scaling policy is not the one that was deployed"
