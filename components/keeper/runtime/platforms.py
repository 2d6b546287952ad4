"""Which driver keeps a service, and with which clients?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from components.errors import StackError
from components.keeper.runtime.calls import Calls
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.patience import Patience
from components.keeper.runtime.targets.ecs import EcsClients, EcsTarget
from components.keeper.runtime.targets.runpod import RunpodClients, RunpodTarget
from components.keeper.runtime.targets.sagemaker import SagemakerTarget
from components.runpod.client import RunpodClient
from components.runpod.keys import api_key
from components.runpod.origins import origins
from components.runpod.retry import Patience as RunpodPatience
from components.sagemaker.clients import Clients as SagemakerClients

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.target import Target

_MAKING = Lock()
_RUNPOD_PATIENCE = RunpodPatience(tries=3, wait_seconds=20)
_RUNPOD_READ_SECONDS = 15


@dataclass
class Platforms:
    """What all services of one run share; AWS and RunPod are asked for nothing before a service needs it."""

    clients: Callable[[str, str | None], Any]
    clock: Callable[[], datetime]
    calls: Calls = field(default_factory=Calls)

    def target(self, config: KeeperConfig) -> Target:
        """Return the driver of a service; raises KeeperError where its configuration or a key is missing."""
        makers: dict[str, Callable[[KeeperConfig], Target]] = {
            "ecs": self._ecs,
            "sagemaker": self._sagemaker,
            "runpod": self._runpod,
        }
        if config.target not in makers:
            raise KeeperError(f"{config.service}: target {config.target} is not kept; use {', '.join(makers)}")
        return makers[config.target](config)

    def _ecs(self, config: KeeperConfig) -> Target:
        region = config.region
        clients = EcsClients(
            ecs=self.clients("ecs", region),
            scaling=self.clients("application-autoscaling", region),
            autoscaling=self.clients("autoscaling", region),
            elb=self.clients("elbv2", region),
            cloudwatch=self.clients("cloudwatch", region),
        )
        return EcsTarget(config, clients, self.calls, self.clock)

    def _sagemaker(self, config: KeeperConfig) -> Target:
        region = config.region
        clients = SagemakerClients(
            sagemaker=self.clients("sagemaker", region),
            autoscaling=self.clients("application-autoscaling", region),
            cloudwatch=self.clients("cloudwatch", region),
            logs=self.clients("logs", region),
            # Whose account it is, the function's role says; a deployment has to ask.
            sts=None,
        )
        return SagemakerTarget(config, clients, self.calls, Patience(sleep=self.calls.sleep).clock)

    def _runpod(self, config: KeeperConfig) -> Target:
        # Reading the key makes a client of boto3, which no two threads must do at a time.
        with _MAKING:
            management, jobs = self._runpod_clients
        cloudwatch = self.clients("cloudwatch", config.region) if config.details.get("front") else None
        return RunpodTarget(config, RunpodClients(management, jobs, cloudwatch), self.calls)

    @cached_property
    def _runpod_clients(self) -> tuple[RunpodClient, RunpodClient]:
        try:
            places, key = origins(), api_key()
        except StackError as error:
            raise KeeperError(str(error)) from None
        management, jobs = (
            RunpodClient(
                origin, key, sleep=self.calls.sleep, patience=_RUNPOD_PATIENCE, read_seconds=_RUNPOD_READ_SECONDS
            )
            for origin in (places.management, places.jobs)
        )
        return management, jobs
