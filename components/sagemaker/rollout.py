"""How does an endpoint come to a configuration: from nothing, or from another one that serves meanwhile?

Configurations are tried in order of preference. Only a shortage of instances leads to the next one: a quota, a wrong
image or missing weights would be as wrong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.sagemaker.failures import (
    BusyError,
    CapacityError,
    EndpointError,
    NoAnswerError,
    TimedOutError,
    lacks_capacity,
    start_failure,
)
from components.sagemaker.removal import delete_command, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from components.sagemaker.api import EndpointApi, Seen
    from components.sagemaker.removal import Removal
    from components.sagemaker.scaling import Registration, Scaling
    from components.sagemaker.wanted import Configuration, Wanted
    from components.sagemaker.watching import Watch


class Rollout:
    """Brings one endpoint to one of its configurations."""

    def __init__(
        self,
        wanted: Wanted,
        api: EndpointApi,
        watch: Watch,
        scaling: Scaling,
        removal: Removal,
        say: Callable[[str], None],
    ) -> None:
        """Nothing is asked yet."""
        self._wanted, self._api, self._watch = wanted, api, watch
        self._scaling, self._removal, self._say = scaling, removal, say
        self._name = wanted.endpoint_name

    def start(self) -> None:
        """Make the endpoint on the first configuration that there are instances for.

        Raises:
            EndpointError: it did not come to serve; nothing of it is left then.
        """
        for configuration in self._wanted.configurations:
            try:
                self._start_on(configuration)
            except CapacityError as error:
                self._say(f"{self._name}: no {configuration.instance_type} to be had: {error}")
            else:
                return
        raise EndpointError(self._nothing_to_be_had(self._wanted.configurations))

    def move(self, seen: Seen, candidates: Sequence[Configuration]) -> None:
        """Update an endpoint that serves to the first of `candidates` that there are instances for.

        Raises:
            EndpointError: AWS took the update back; the old configuration serves, scaled as before.
        """
        registration = self._scaling.read()
        try:
            self._move_to_any(seen, candidates)
        except EndpointError as error:
            self._register_again(registration, error)
            raise

    def _move_to_any(self, seen: Seen, candidates: Sequence[Configuration]) -> None:
        type_now = self._api.instance_type(seen.config_name)
        for configuration in candidates:
            if configuration.instance_type != type_now:
                # AWS refuses another instance type while the variant is a scalable target.
                self._scaling.deregister()
            try:
                self._move_to(configuration, seen)
            except CapacityError as error:
                self._say(f"{self._name}: no {configuration.instance_type} to be had: {error}")
            else:
                return
        if seen.status != "InService" or seen.config_name not in {one.name for one in self._wanted.configurations}:
            raise EndpointError(self._nothing_to_be_had(candidates))
        self._say(f"{self._name}: stays on {type_now}")

    def _register_again(self, registration: Registration | None, error: EndpointError) -> None:
        """Scale the old configuration as before, when it had to be deregistered for an update that failed."""
        if registration is None:
            return
        try:
            if self._scaling.read() is None:
                self._scaling.register(registration)
        except EndpointError as second:
            raise EndpointError(f"{error}; and its scaling could not be registered again: {second}") from None

    def _start_on(self, configuration: Configuration) -> None:
        self._say(f"{self._name}: starting on {configuration.instance_type}")
        self._order(configuration)
        try:
            seen = self._watch.created(limit_seconds=self._wanted.ready_timeout_seconds)
        except TimedOutError as error:
            raise self.given_up(EndpointError(f"{error}: {self._explained('')}")) from None
        except EndpointError as error:
            raise self.given_up(error) from None
        if seen.status == "InService":
            return
        if lacks_capacity(seen.failure):
            self._removal.leave_nothing()
            raise CapacityError(seen.failure)
        raise self.given_up(EndpointError(f"{self._name} is {seen.status}: {self._explained(seen.failure)}"))

    def _order(self, configuration: Configuration) -> None:
        """Order the endpoint once; whoever looked before knows that there was none."""
        try:
            self._api.create(configuration.name)
        except NoAnswerError as error:
            self._say(f"{self._name}: {error}; looking whether the order was heard")
            lost = error
        except EndpointError as error:
            # The SDK asks again when an answer is lost.
            if "already existing" not in str(error):
                raise
            lost = error
        else:
            return
        seen = self._watch.appeared()
        if seen is None:
            raise EndpointError(f"{lost}; no endpoint came up")
        refuse_foreign(self._wanted, self._api.tags(seen.arn), seen.arn)

    def _move_to(self, configuration: Configuration, seen: Seen) -> None:
        ringing = self._api.ringing()
        for alarm in ringing:
            self._say(f"{self._name}: alarm {alarm} is in ALARM already, so it does not guard this update")
        guards = [name for name in self._wanted.deployment.rollback_alarm_names if name not in ringing]
        self._say(f"{self._name}: updating to {configuration.instance_type}, configuration {configuration.name}")
        unheard = self._order_update(configuration, seen, guards)
        after = self._watch.updated(configuration.name, limit_seconds=self._wanted.ready_timeout_seconds)
        if after.status == "InService" and after.config_name == configuration.name:
            return
        if after.status == "InService" and lacks_capacity(after.failure):
            raise CapacityError(after.failure)
        rung = [alarm for alarm in self._api.ringing() if alarm in guards]
        because = f"{', '.join(rung)} in ALARM; " if rung else ""
        raise EndpointError(
            f"{self._name}: the update to {configuration.name} was not done, {after.config_name} is in place and"
            f" {after.status}: {unheard}{because}{self._explained(after.failure)}"
        )

    def _order_update(self, configuration: Configuration, seen: Seen, guards: Sequence[str]) -> str:
        """Order an update; the text says that nobody knows whether it was heard, which what follows will tell."""
        try:
            self._api.update(configuration.name, seen, guards)
        except NoAnswerError as error:
            return f"{error}; "
        except BusyError:
            # Somebody scales the endpoint, or the SDK asked again for want of an answer.
            now = self._watch.settled(limit_seconds=self._wanted.ready_timeout_seconds)
            if now is not None and now.config_name != configuration.name:
                self._api.update(configuration.name, now, guards)
        return ""

    def given_up(self, error: EndpointError) -> EndpointError:
        """Delete what was started, so that nothing of it is billed, and return the error to raise."""
        self._say(f"{self._name}: deleting it again, so that it costs nothing")
        try:
            self._removal.leave_nothing()
        except EndpointError as second:
            return EndpointError(
                f"{error}; and it could not be deleted, so that it may cost money: {second};"
                f" {delete_command(self._wanted)}"
            )
        return EndpointError(f"{error}; it was deleted again")

    def _explained(self, reason: str) -> str:
        return start_failure(
            reason,
            log_group=self._wanted.log_group,
            region=self._wanted.access.region,
            logged=self._api.has_logged(),
        )

    def _nothing_to_be_had(self, tried: Sequence[Configuration]) -> str:
        types = ", ".join(one.instance_type for one in tried)
        return (
            f"{self._name}: AWS has none of {types} in {self._wanted.access.region} now; try again later, or name more"
            " accelerators"
        )
