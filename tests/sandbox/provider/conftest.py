"""The provider over gRPC, in front of a served local AWS."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from sandbox.aws.app import LocalAws
from sandbox.aws.http import listen
from sandbox.provider import serve

sys.path.append(str(Path(__file__).parent))
from provider_engine import Engine, connected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An account that the tests of a file share; moto keeps it in the process, where other files reset it."""
    server = listen(0)
    server.app = aws = LocalAws(tmp_path_factory.mktemp("aws"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    aws.close()


@pytest.fixture(scope="module")
def provider_port(endpoint: str) -> Iterator[int]:
    """A served provider."""
    probe = listen(0)
    port = probe.server_port
    probe.server_close()
    server = serve(endpoint, port)
    yield port
    server.stop(grace=0).wait()


@pytest.fixture
def engine(provider_port: int) -> Iterator[Engine]:
    """An engine whose resources are deleted after the test."""
    with connected(provider_port) as running:
        yield running
        running.clean()


@pytest.fixture(scope="module")
def client(endpoint: str) -> Callable[[str], Any]:
    """boto3 clients of the account, as a user has them."""
    made: dict[str, Any] = {}

    def get(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=endpoint,
                region_name="us-east-1",
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
            )
        return made[service]

    return get
