"""What makes the same calls give the same ids and times again: seeds, a clock, and defaults made in a fixed order."""

from __future__ import annotations

import hashlib
import random
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import time_machine
from moto.backends import get_backend, list_of_moto_modules
from moto.core import base_backend
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random
from moto.s3.models import S3Backend

from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

# Calls are numbered from 1; reads and defaults draw from seeds that no call number reaches.
_READ_SEED = 10**12
_MODULE_OF_SERVICE = {
    "application-autoscaling": "applicationautoscaling",
    "lambda": "awslambda",
    "sagemaker-runtime": "sagemakerruntime",
}


def seed(number: int) -> None:
    mock_random.seed(number)
    random.seed(number)


def seed_for_read() -> None:
    """What moto creates lazily while it reads (a default key, a default group) is the same in each process."""
    seed(_READ_SEED)


@contextmanager
def clock_at(seconds: float) -> Iterator[None]:
    """Freeze the clock that moto reads at `seconds` since the epoch."""
    with time_machine.travel(seconds, tick=False):
        yield


class Defaults:
    """Creates what an untouched account has in a region before the first call there, under a fixed seed and time."""

    # 2026-01-01T00:00:00Z: any fixed moment; the default VPC carries no time that a user reads.
    CREATED_AT = 1767225600.0

    def __init__(self) -> None:
        self._made: set[tuple[str, str]] = set()

    @property
    def regions(self) -> set[str]:
        return {region for _, region in self._made}

    def ensure(self, service: str, region: str) -> bool:
        """Make them where they are missing; whether anything was made."""
        if (service, region) in self._made:
            return False
        with clock_at(self.CREATED_AT):
            for module in ("ec2", "iam", "ssm", _MODULE_OF_SERVICE.get(service, service)):
                if (module, region) not in self._made:
                    self._make(module, region)
        self._made.add((service, region))
        return True

    def _make(self, module: str, region: str) -> None:
        self._made.add((module, region))
        if module not in list_of_moto_modules():
            return
        seed(_READ_SEED + int(hashlib.sha256(f"{module}/{region}".encode()).hexdigest()[:8], 16))
        regional = get_backend(module)[ACCOUNT_ID]  # type: ignore[call-overload]
        # A global service keeps one back end under the partition's name.
        for name in (region, "aws"):
            with suppress(KeyError):
                regional[name]


def forget_everything() -> None:
    """Empty every back end of moto: its state is global to the process."""
    instances: list[dict[str, Any]] = vars(base_backend.BackendDict)["_instances"]
    for service in instances:
        for regional in service.values():
            for backend in regional.values():
                if isinstance(backend, S3Backend):
                    backend.reset()  # objects are open files
        service.clear()
    instances.clear()
    reset_model_data()
