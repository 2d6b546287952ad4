"""Which upstreams does this gateway have? Built from the configuration, opened and closed together."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from gateway.config.upstreams import OpenAiConfig, RunPodConfig
from gateway.money.price import price_of
from gateway.upstreams.breaker import Breaker
from gateway.upstreams.credentials import FixedCredentials
from gateway.upstreams.member import Member
from gateway.upstreams.openai import HEALTH_PATH, METRICS_PATH, OpenAiUpstream
from gateway.upstreams.route import Route

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gateway.config.settings import GatewayConfig
    from gateway.config.upstreams import UpstreamConfig
    from gateway.upstreams.upstream import Upstream


class Fleet:
    """All members, and the routes over them; `async with` holds their connections."""

    def __init__(self, members: Mapping[str, Member], routes: tuple[Route, ...]) -> None:
        self.members = dict(members)
        self.routes = routes
        self._open = AsyncExitStack()

    @classmethod
    def of(cls, config: GatewayConfig, environment: Mapping[str, str] = os.environ) -> Fleet:
        """Build what the configuration describes."""
        members = {
            upstream.name: Member(
                _upstream(upstream, environment),
                Breaker(config.breaker),
                model=upstream.model,
                first_byte_seconds=upstream.first_byte_seconds,
                price=price_of(upstream.price) if upstream.price else None,
            )
            for upstream in config.upstreams
        }
        routes = tuple(
            Route(
                route.models,
                [[members[name] for name in route.upstreams], *([members[name]] for name in route.fallback)],
                least_loaded=route.balance == "least_loaded",
                fallback_statuses=route.fallback_statuses,
            )
            for route in config.all_routes()
        )
        return cls(members, routes)

    async def __aenter__(self) -> Self:
        for member in self.members.values():
            await self._open.enter_async_context(member.upstream)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, traceback)

    async def healthy(self) -> bool:
        """Whether at least one upstream is. One that is known to sleep is as it should be, and is not asked."""
        if any(member.asleep for member in self.members.values()):
            return True
        return any(await asyncio.gather(*(member.upstream.healthy() for member in self.members.values())))


def _upstream(config: UpstreamConfig, environment: Mapping[str, str]) -> Upstream:
    if isinstance(config, OpenAiConfig):
        secrets = {name: source.open(environment) for name, source in config.headers.items()}
        key = config.key.open(environment) if config.key else None
        credentials = FixedCredentials(key, secrets) if key or secrets else None
        return OpenAiUpstream(
            config.name,
            config.url,
            credentials=credentials,
            health_path=config.asked_path("health_path", HEALTH_PATH),
            metrics_path=config.asked_path("metrics_path", METRICS_PATH),
        )
    if isinstance(config, RunPodConfig):
        from gateway.upstreams.runpod import runpod_upstream  # noqa: PLC0415 loaded where it is used

        return runpod_upstream(config, environment)
    from gateway.upstreams.sagemaker import sagemaker_upstream  # noqa: PLC0415 loaded where it is used

    return sagemaker_upstream(config, environment)
