"""A RunPod over real HTTP, a client that does not sleep, and the providers that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.plan.model import EnginePlan
from components.plan.runpod.values import RunpodPlan
from components.runpod.client import RunpodClient
from components.runpod.resources import EndpointProvider, NetworkVolumeProvider
from tests.components.example_plan import example_plan
from tests.components.runpod.fake_runpod import KEY, FakeRunpod, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.plan.model import Plan


@pytest.fixture
def runpod() -> Iterator[FakeRunpod]:
    """A RunPod of this test alone."""
    fake = FakeRunpod()
    with serving(fake, fake.handle):
        yield fake


@pytest.fixture
def slept() -> list[float]:
    """How long the client would have slept."""
    return []


@pytest.fixture
def client(runpod: FakeRunpod, slept: list[float]) -> RunpodClient:
    """A client with the key of that RunPod."""
    return RunpodClient(runpod.url, KEY, sleep=slept.append, read_seconds=0.3)


@pytest.fixture
def endpoints(client: RunpodClient) -> EndpointProvider:
    """The provider of endpoints, as a provider process has it."""

    class Provider(EndpointProvider):
        def connect(self) -> RunpodClient:
            return client

    return Provider()


@pytest.fixture
def volumes(client: RunpodClient) -> NetworkVolumeProvider:
    """The provider of volumes, as a provider process has it."""

    class Provider(NetworkVolumeProvider):
        def connect(self) -> RunpodClient:
            return client

    return Provider()


@pytest.fixture
def props() -> dict[str, Any]:
    """An endpoint as a program declares it, numbers as they come over the wire."""
    return {
        "name": "dev-chat",
        "type": "QUEUE",
        "image": "runpod/worker-v1-vllm:v2.25.2",
        "disk": 60.0,
        "env": {"MODEL_NAME": "org/model", "MAX_MODEL_LEN": "16384"},
        "gpu": {"pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA RTX A5000"], "count": 1.0, "minCudaVersion": "13.0"},
        "workers": {"min": 0.0, "max": 3.0},
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 8.0},
        "flashboot": "FLASHBOOT",
        "timeout": 600000.0,
        "owner": "berth/dev/chat-endpoint",
        "__provider": "gASV",
    }


@pytest.fixture
def plan_on_runpod() -> Callable[..., Plan]:
    """Make the plan of a service on RunPod."""
    return _plan


def _plan(**changes: Any) -> Plan:
    """The plan of the example on RunPod; keywords replace fields of its RunPod part, `plan` those of the plan."""
    own = {
        "endpoint_name": "dev-chat",
        "pools": ("AMPERE_24",),
        "excluded_types": ("NVIDIA RTX A5000", "NVIDIA GeForce RTX 3090"),
        "allowed_types": ("NVIDIA L4",),
        "gpu_count": 1,
        "min_cuda_version": "13.0",
        "disk_gb": 60,
        "workers_min": 0,
        "workers_max": 3,
        "idle_timeout_seconds": None,
        "scaler": "REQUEST_COUNT",
        "scaler_value": 8.0,
        "execution_timeout_ms": 600_000,
        "flashboot": "FLASHBOOT",
        "data_centers": (),
        "volume": None,
        "token_secret": "hf",
    }
    of_plan = changes.pop("plan", {})
    engine = EnginePlan(
        kind="vllm",
        version="0.27.1",
        image="runpod/worker-v1-vllm:v2.25.2",
        arguments=(),
        environment={"MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct", "HF_TOKEN": "{{ RUNPOD_SECRET_hf }}"},
    )
    values = {"target": "runpod", "engine": engine, "network": None, "gateway": None, "ecs": None}
    return example_plan(**{**values, "runpod": RunpodPlan(**{**own, **changes}), **of_plan})
