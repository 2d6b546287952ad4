"""Is the service awake? If not: may this request wake it, may it wait, or does somebody else serve it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import errors
from gateway.deadline import Ending
from gateway.errors import RefusedError
from gateway.sleep.state import Condition

if TYPE_CHECKING:
    from gateway.deadline import Drain
    from gateway.exchange import Exchange
    from gateway.models import Models
    from gateway.sleep.service import ServiceSleep

# Only these make an engine work; who asks for a list of models does not want a GPU for it.
WAKING_METHOD = "POST"
# Where no keys are configured.
ANYBODY = "anybody"


class Awaken:
    """Costs nothing while the service is awake."""

    def __init__(
        self, sleep: ServiceSleep, models: Models, drain: Drain, *, hold_seconds: float, max_held: int
    ) -> None:
        self._sleep = sleep
        self._models = models
        self._drain = drain
        self._hold_seconds = hold_seconds
        self._max_held = max_held

    async def __call__(self, exchange: Exchange) -> None:
        if self._sleep.awake or exchange.route is None:
            return
        if exchange.method == WAKING_METHOD:
            await self._wake_and_wait(exchange)
        elif not exchange.route.is_served_awake(exchange.path) and self._models.lists(exchange.path):
            await self._models.answer(exchange)
            return
        if not self._sleep.awake and not exchange.route.is_served_awake(exchange.path):
            raise RefusedError(self._sleep.refusal())

    async def _wake_and_wait(self, exchange: Exchange) -> None:
        sleep, key = self._sleep, exchange.key
        may_wake = key is not None and key.terms.may_wake
        if key is not None and may_wake:
            sleep.wake(key.name or ANYBODY)
        if exchange.route is None or exchange.route.is_served_awake(exchange.path) or sleep.held >= self._max_held:
            return
        deadline = exchange.deadline
        client_is_back = exchange.when_client_leaves(lambda: deadline.end_in(0, Ending.CLIENT_LEFT))
        try:
            if may_wake:
                await sleep.asked()
            if self._hold_seconds and sleep.condition is Condition.WAKING:
                await sleep.wait(self._hold_seconds, unless=lambda: self._drain.draining)
        finally:
            client_is_back()
        if self._drain.draining:
            raise RefusedError(errors.DRAINING)
