"""How is an endpoint started and stopped from one run to the next, with nobody waiting for it?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.errors import BusyError, DocumentError, KeeperError, NoCapacityError
from components.keeper.runtime.facts import Capacity
from components.keeper.runtime.minutes import Figure, read_minutes, traffic_of
from components.keeper.runtime.targets.orders import Orders
from components.sagemaker import failures
from components.sagemaker.api import EndpointApi
from components.sagemaker.removal import refuse_foreign
from components.sagemaker.scaling import Scaling
from components.sagemaker.wanted import wanted_of
from components.sagemaker.watching import moving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Depth
    from components.keeper.runtime.facts import Power, Traffic
    from components.sagemaker.api import Seen
    from components.sagemaker.clients import Clients
    from components.sagemaker.clock import Clock
    from components.sagemaker.wanted import Configuration, Wanted

_POWER: Mapping[str, Power] = {
    "Creating": "starting",
    "Deleting": "stopping",
    "Failed": "failed",
    "OutOfService": "failed",
}
"""Of the states in which an endpoint does not answer; in every other it does, if with its old configuration."""


class SagemakerTarget:
    """One service on an endpoint; see `target.Target`."""

    def __init__(self, config: KeeperConfig, clients: Clients, calls: Calls, clock: Clock) -> None:
        """Nothing is asked yet; `clock` bounds how long a throttled call is tried again."""
        self._wanted = _wanted(config)
        self._dearest = max(config.usd_per_hour, key=lambda name: config.usd_per_hour[name], default="unknown")
        self._name = self._wanted.endpoint_name
        self._cloudwatch, self._calls = clients.cloudwatch, calls
        self._api = EndpointApi(self._wanted, clients, clock)
        self._scaling = Scaling(self._wanted, clients, clock)

    def capacity(self) -> Capacity:
        """Return what there is now; an endpoint of somebody else with that name is an error."""
        with _told():
            seen = self._api.describe()
            if seen is None:
                return Capacity("off")
            if seen.status != "Deleting":
                self._refuse_foreign(seen)
            power = _POWER.get(seen.status, "on")
            count = seen.running
            if power == "starting":
                # AWS shows no instance before the endpoint is in service.
                count = count or seen.desired or max(1, self._wanted.min_replicas)
            known = self._configuration(seen.config_name)
            runs_on = known.instance_type if known else self._api.instance_type(seen.config_name)
            return Capacity(
                power,
                # Of what nobody can name, the dearest is the safe price: a meter that stands still parks nothing.
                {runs_on or self._dearest: count} if count else {},
                f"{seen.status}: {seen.failure}" if seen.failure else seen.status,
                known and known.accelerator,
            )

    def traffic(self, since: datetime, now: datetime) -> Traffic:
        """Return what AWS counted. A minute without a request may have no count, but has the load of the processors."""
        dimensions = {"EndpointName": self._name, "VariantName": self._wanted.variant_name}
        figures = (
            Figure("AWS/SageMaker", "ConcurrentRequestsPerModel", "Maximum", dimensions),
            Figure("AWS/SageMaker", "Invocations", "Sum", dimensions),
            Figure("/aws/sagemaker/Endpoints", "CPUUtilization", "SampleCount", dimensions),
        )
        busy, requests, load = read_minutes(self._calls, self._cloudwatch, figures, since, now)
        heard = busy.keys() | requests.keys() | load.keys()
        return traffic_of(busy=busy, requests=requests, heard=heard, since=since, now=now)

    def billed_usd(self, now: datetime) -> float | None:  # noqa: ARG002 - as every target has it
        """Return None: AWS bills hours later."""
        return None

    def wake(self, capacity: Capacity, attempts: int) -> str:  # noqa: ARG002 - what is ordered follows from a new look
        """Order the endpoint, or its scaling as soon as it serves; clear away what failed.

        One that serves on any of the configurations stays there.
        """
        with _told():
            seen = self._api.describe()
            if seen is None:
                return self._start(attempts)
            if seen.status == "Deleting":
                raise BusyError(f"endpoint {self._name} is being deleted")
            if _POWER.get(seen.status) == "failed":
                raise self._cleared(seen)
            if seen.status == "UpdateRollbackFailed":
                raise KeeperError(
                    f"endpoint {self._name} is {seen.status}: {seen.failure}; it may still serve: deploy the stack"
                )
            if seen.status != "InService":
                return ""
            if self._configuration(seen.config_name) is None and self._api.instance_type(seen.config_name) is None:
                # A run in the middle of a deployment started what that has deleted since: its weights are the old ones.
                self._refuse_foreign(seen)
                self._end()
                gone = f"with configuration {seen.config_name}, which is deleted"
                raise KeeperError(f"endpoint {self._name} serves {gone}; it is made anew")
            return self._scaled(seen)

    def sleep(self, capacity: Capacity, depth: Depth) -> str:  # noqa: ARG002 - there is one way to cost nothing
        """Order the end of the endpoint; model and configurations stay, and cost nothing."""
        with _told():
            seen = self._api.describe()
            if seen is None or seen.status == "Deleting":
                return ""
            if moving(seen):
                raise BusyError(f"endpoint {self._name} is {seen.status}, and until that is over AWS deletes nothing")
            self._refuse_foreign(seen)
            self._end()
            return "deleted the endpoint"

    def _start(self, attempts: int) -> str:
        """Order it on the configuration whose turn it is, or on the next that AWS does not refuse at once."""
        alternatives = self._wanted.configurations
        turn = attempts % len(alternatives)
        refused: list[str] = []
        for configuration in (*alternatives[turn:], *alternatives[:turn]):
            try:
                self._api.create(configuration.name)
            except failures.CapacityError as error:
                refused.append(f"{configuration.instance_type}: {error}")
            except failures.NoAnswerError as error:
                raise BusyError(f"{error}; the next run sees whether the order was heard") from None
            except failures.EndpointError as error:
                if "already existing" in str(error):
                    raise BusyError(f"somebody else has just made endpoint {self._name}") from None
                raise
            else:
                return f"starts on {configuration.instance_type}"
        raise NoCapacityError("; ".join(refused))

    def _cleared(self, seen: Seen) -> KeeperError:
        """Order the end of an endpoint that will never serve; return why it does not."""
        self._refuse_foreign(seen)
        self._end()
        if failures.lacks_capacity(seen.failure):
            return NoCapacityError(f"endpoint {self._name}: {seen.failure.rstrip('. ')}; another one is tried")
        reason = failures.start_failure(
            seen.failure,
            log_group=self._wanted.log_group,
            region=self._wanted.access.region,
            logged=self._api.has_logged(),
        )
        return KeeperError(f"endpoint {self._name} is {seen.status}: {reason}")

    def _end(self) -> None:
        orders = Orders()
        # AWS does it too, but asks the one who deletes for the right to do so.
        orders.give(lambda: _ordered(self._scaling.deregister))
        orders.give(lambda: _ordered(self._api.delete))
        orders.result()

    def _scaled(self, seen: Seen) -> str:
        now, wanted = self._scaling.read(), self._scaling.wanted()
        if wanted is not None:
            if now is not None and now.as_inputs() == wanted.as_inputs():
                return ""
            self._scaling.register(wanted)
            return f"scaled from {wanted.least} to {wanted.most}"
        if now is not None:
            self._scaling.deregister()
        count = max(1, self._wanted.min_replicas)
        if seen.desired == count:
            return "" if now is None else "not scaled any more"
        self._api.set_count(count)
        return f"{count} instances, not {seen.desired}"

    def _configuration(self, name: str) -> Configuration | None:
        return next((one for one in self._wanted.configurations if one.name == name), None)

    def _refuse_foreign(self, seen: Seen) -> None:
        refuse_foreign(self._wanted, self._api.tags(seen.arn), seen.arn)


def _wanted(config: KeeperConfig) -> Wanted:
    try:
        wanted = wanted_of(config.details)
    except (KeyError, TypeError) as error:
        raise DocumentError("config", f"sagemaker lacks {error}; deploy the stack") from None
    if not wanted.configurations:
        raise DocumentError("config", "sagemaker.configurations is empty; deploy the stack")
    return wanted


def _ordered(order: Any) -> str:
    with _told():
        order()
    return ""


@contextmanager
def _told() -> Iterator[None]:
    """Raise what went wrong with an endpoint as the keeper knows it."""
    try:
        yield
    except failures.BusyError as error:
        raise BusyError(str(error)) from None
    except failures.CapacityError as error:
        raise NoCapacityError(str(error)) from None
    except failures.EndpointError as error:
        raise KeeperError(str(error)) from None
