"""What happens when the stack makes, changes or removes its endpoint?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.sagemaker.api import EndpointApi
from components.sagemaker.clients import check_account
from components.sagemaker.failures import BusyError, EndpointError
from components.sagemaker.removal import Removal, delete_command, refuse_foreign
from components.sagemaker.rollout import Rollout
from components.sagemaker.scaling import Scaling
from components.sagemaker.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from components.sagemaker.api import Seen
    from components.sagemaker.clients import Clients
    from components.sagemaker.clock import Clock
    from components.sagemaker.wanted import Configuration, Wanted

_OVER = frozenset({"Failed", "OutOfService"})
"""States that nothing but a new start leads out of."""


class Lifecycle:
    """One endpoint, from the first order to the last; each operation begins with a look at what there is."""

    def __init__(self, wanted: Wanted, clients: Clients, clock: Clock, say: Callable[[str], None]) -> None:
        """Nothing is asked yet."""
        self._wanted, self._clients, self._say = wanted, clients, say
        self.api = EndpointApi(wanted, clients, clock)
        self.scaling = Scaling(wanted, clients, clock)
        self._watch = Watch(wanted.endpoint_name, self.api, clock, say)
        self._removal = Removal(wanted, self.api, self._watch, self.scaling, clock)
        self._rollout = Rollout(wanted, self.api, self._watch, self.scaling, self._removal, say)

    def create(self) -> Seen | None:
        """Make the endpoint, or take up one whose making was interrupted; None when it is to be parked, or asleep.

        Raises:
            EndpointError: it does not serve. What was started here has been deleted again, since a resource whose
                creation failed is not in the stack's state, and nobody would delete it later.
        """
        check_account(self._clients, self._wanted.access)
        if self._wanted.power == "off":
            self._park(has_one=False)
            return None
        seen = self._settled()
        if seen is None and self._wanted.keeper_managed and not self._wanted.starts_awake:
            self._say(f"{self._wanted.endpoint_name}: is made asleep; the keeper starts it")
            return None
        if seen is not None:
            self._say(f"{self._wanted.endpoint_name}: is there already, tagged as this service's: taken over")
            try:
                return self._bring_up(seen, None)
            except EndpointError as error:
                raise EndpointError(
                    f"{error}; the endpoint that was found is not in the stack's state yet: run `pulumi up` again, or"
                    f" delete it, {delete_command(self._wanted)}"
                ) from None
        # Without the right to ask, there is none to register: better said now than when the GPU runs.
        self.scaling.read()
        self._rollout.start()
        try:
            return self._finished(None)
        except EndpointError as error:
            raise self._rollout.given_up(error) from None

    def update(self, before: Wanted) -> Seen | None:
        """Bring the endpoint from what was wanted before to what is wanted now; None when it is parked."""
        check_account(self._clients, self._wanted.access)
        if self._wanted.power == "off":
            self._park(has_one=before.power == "on")
            return None
        seen = self._settled()
        if seen is not None:
            return self._bring_up(seen, before)
        if self._wanted.keeper_managed:
            self._say(f"{self._wanted.endpoint_name}: is parked, and stays so")
            return None
        return self._start(before)

    def delete(self) -> None:
        """Remove the endpoint; returns when AWS knows nothing of it any more."""
        check_account(self._clients, self._wanted.access)
        self._park(has_one=self._wanted.power == "on")

    def look(self) -> Seen | None:
        """Return the endpoint as it is; in another account it would seem to be gone."""
        check_account(self._clients, self._wanted.access)
        return self.api.describe()

    def _park(self, *, has_one: bool) -> None:
        """Leave nothing; a parked service has no endpoint, so that one which is not tagged as its own is another's."""
        seen = self.api.describe()
        if seen is None:
            return
        if seen.status != "Deleting":
            tags = self.api.tags(seen.arn)
            if not has_one and not self._wanted.owns(tags):
                self._say(f"{self._wanted.endpoint_name}: is there, not tagged as this service's: left alone")
                return
            refuse_foreign(self._wanted, tags, seen.arn)
        self._removal.leave_nothing()

    def _settled(self) -> Seen | None:
        """Wait for what somebody else began; whose endpoint it is, is asked first."""
        seen = self.api.describe()
        if seen is not None and seen.status != "Deleting":
            self._refuse_foreign(seen)
        return self._watch.settled(limit_seconds=self._wanted.ready_timeout_seconds)

    def _bring_up(self, seen: Seen, before: Wanted | None) -> Seen:
        if seen.status in _OVER:
            self._say(f"{self._wanted.endpoint_name}: is {seen.status} ({seen.failure}), so it is made anew")
            self._removal.leave_nothing()
            return self._start(before)
        if candidates := self._candidates(seen, before):
            self._rollout.move(seen, candidates)
        return self._finished(before)

    def _candidates(self, seen: Seen, before: Wanted | None) -> Sequence[Configuration]:
        """Return the configurations to try; none when the one in place is right."""
        wanted = self._wanted.configurations
        names = [one.name for one in wanted]
        if seen.status != "InService" or seen.config_name not in names:
            return wanted
        if before is None or (before.configurations and before.configurations[0] == wanted[0]):
            # It may be a later one, taken when the first could not be had: no reason to move while it serves.
            return ()
        return wanted[: names.index(seen.config_name)]

    def _start(self, before: Wanted | None) -> Seen:
        self._rollout.start()
        return self._finished(before)

    def _finished(self, before: Wanted | None) -> Seen:
        """Scaling, a fixed number of replicas and tags, of an endpoint that serves."""
        wanted = self._wanted
        self.scaling.reconcile()
        seen = self._serving()
        if wanted.max_replicas <= wanted.min_replicas and seen.desired != wanted.min_replicas:
            self._set_count(wanted.min_replicas)
            seen = self._watch.counted(wanted.min_replicas, limit_seconds=wanted.ready_timeout_seconds)
            if seen.running != wanted.min_replicas:
                raise EndpointError(
                    f"{wanted.endpoint_name}: runs {seen.running} instances, and AWS did not give"
                    f" {wanted.min_replicas}: {seen.failure or 'it gives no reason'}"
                )
        self._retag(seen, before)
        return seen

    def _set_count(self, count: int) -> None:
        try:
            self.api.set_count(count)
        except BusyError:
            # The scaling that has just been ended had begun something.
            self._watch.settled(limit_seconds=self._wanted.ready_timeout_seconds)
            self.api.set_count(count)

    def _retag(self, seen: Seen, before: Wanted | None) -> None:
        """Leave the tags of others alone: only what this stack had set is taken away."""
        tags, wanted = self.api.tags(seen.arn), self._wanted.tags
        had = before.tags if before else {}
        self.api.change_tags(
            seen.arn,
            add={key: value for key, value in wanted.items() if tags.get(key) != value},
            remove=[key for key in had if key not in wanted and key in tags],
        )

    def _serving(self) -> Seen:
        seen = self.api.describe()
        if seen is None:
            raise EndpointError(f"{self._wanted.endpoint_name}: the endpoint is not there any more")
        return seen

    def _refuse_foreign(self, seen: Seen) -> None:
        refuse_foreign(self._wanted, self.api.tags(seen.arn), seen.arn)
