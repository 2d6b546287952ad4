"""What stands between a caller and the upstreams? Keys, limits, money, templates, checks, and the service's sleep.

Built from the configuration and opened together; what is not configured has no stage, and costs nothing.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gateway.access.keyring import KeyRing
from gateway.access.sources import KeySource, MountedKeys, SecretsManagerKeys
from gateway.aws_api import AwsApi
from gateway.checks.guard import Guard
from gateway.limits.allowance import Allowances
from gateway.models import Models
from gateway.money.ledger import Ledger
from gateway.money.priced import check_priced
from gateway.money.shared_budgets import DynamoDbBudgets
from gateway.sleep.hook import HttpHook
from gateway.sleep.service import ServiceSleep
from gateway.sleep.sources import source_of
from gateway.stages.awaken import Awaken
from gateway.stages.check_input import CheckInput
from gateway.stages.fill_template import FillTemplate
from gateway.stages.limit import Limit
from gateway.stages.permit import Permit
from gateway.stages.reserve import Reserve
from gateway.surroundings import region_of
from gateway.templates import Templates
from gateway.upstreams.aws import AwsCredentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gateway.config.settings import GatewayConfig
    from gateway.deadline import Drain
    from gateway.stages.stage import Stage
    from gateway.upstreams.fleet import Fleet


class Admission:
    """The stages in three groups, and what they hold; `async with` opens it."""

    def __init__(self, config: GatewayConfig, fleet: Fleet, drain: Drain, environment: Mapping[str, str]) -> None:
        self._config = config
        self._environment = environment
        self._credentials = AwsCredentials()
        self._open = AsyncExitStack()
        self.keys = KeyRing(
            config.client_keys,
            config.keys.defaults,
            source=self._key_source(),
            refresh_seconds=config.keys.refresh_seconds,
            check=lambda keys: check_priced(keys, config),
        )
        templates = Templates(config.templates, {model for route in fleet.routes for model in route.models})
        self.models = Models(fleet.routes, config.model_name, templates=templates)
        self.ledger = self._ledger()
        self.sleep = self._sleep(fleet)
        self._guards = [
            Guard.of(check, environment) if check else None for check in (config.checks.input, config.checks.output)
        ]
        limited = not self.keys.open or config.keys.defaults.model_fields_set
        allowances = Allowances()
        self.before_body: tuple[Stage, ...] = (Limit(allowances),) if limited else ()
        self.after_body: tuple[Stage, ...] = (
            *((Permit(),) if limited else ()),
            *((FillTemplate(templates),) if templates else ()),
        )
        answer_tokens = config.keys.estimated_output_tokens
        self.before_relay: tuple[Stage, ...] = (
            *((Reserve(allowances, self.ledger, fleet.members, answer_tokens),) if limited else ()),
            *self._check_stages(),
            *self._sleep_stages(drain),
        )

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self.keys)
            await opening.enter_async_context(self.ledger)
            if self.sleep is not None:
                await opening.enter_async_context(self.sleep)
            for guard in self._guards:
                if guard is not None:
                    opening.push_async_callback(guard.close)
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @property
    def held(self) -> int:
        """How many requests wait for the service to wake."""
        return self.sleep.held if self.sleep is not None else 0

    def _key_source(self) -> KeySource | None:
        keys = self._config.keys
        if keys.file is not None:
            return MountedKeys(Path(keys.file))
        return None if keys.secret is None else SecretsManagerKeys(keys.secret, self._api("secretsmanager"))

    def _ledger(self) -> Ledger:
        budget = self._config.budget
        shared = None if budget.table is None else DynamoDbBudgets(budget.table, self._api("dynamodb"))
        return Ledger(self._config.service, shared, serve_when_silent=budget.when_unreachable == "serve")

    def _sleep(self, fleet: Fleet) -> ServiceSleep | None:
        sleep = self._config.sleep
        if sleep is None:
            return None
        members = [fleet.members[name] for name in sleep.upstreams or fleet.members]

        def tell(awake: bool) -> None:
            for member in members:
                member.asleep = not awake

        region = region_of(self._config, self._environment)
        source = source_of(sleep.document, region, self._environment, self._credentials) if sleep.document else None
        hook = HttpHook(sleep.wake_url, self._credentials) if sleep.wake_url else None
        return ServiceSleep(self._config.service, sleep, source, hook, tell)

    def _check_stages(self) -> tuple[Stage, ...]:
        before, behind = self._guards
        if before is None and behind is None:
            return ()
        output = self._config.checks.output
        return (CheckInput(before, behind, output.window_characters if output else 0),)

    def _sleep_stages(self, drain: Drain) -> tuple[Stage, ...]:
        sleep = self._config.sleep
        if sleep is None or self.sleep is None:
            return ()
        return (Awaken(self.sleep, self.models, drain, hold_seconds=sleep.hold_seconds, max_held=sleep.max_held),)

    def _api(self, name: str) -> AwsApi:
        return AwsApi(name, region_of(self._config, self._environment), self._environment, self._credentials)
