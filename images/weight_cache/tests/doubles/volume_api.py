"""What does a network volume answer? moto's S3 on a real socket, and how a test looks at it and breaks it."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEYS = {"RUNPOD_S3_ACCESS_KEY_ID": "user_public", "RUNPOD_S3_SECRET_ACCESS_KEY": "rps_very_secret_value"}


class VolumeApi:
    """One volume of its own name, since moto holds one account for all; `url` is where its API listens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.id = f"agv{uuid.uuid4().hex[:7]}"
        self.client: Any = boto3.client(
            "s3", "eu-ro-1", endpoint_url=url, aws_access_key_id="user_public", aws_secret_access_key="secret"
        )
        self.client.create_bucket(Bucket=self.id, CreateBucketConfiguration={"LocationConstraint": "eu-ro-1"})

    @property
    def files(self) -> dict[str, bytes]:
        found = self.client.list_objects_v2(Bucket=self.id).get("Contents", [])
        return {item["Key"]: self.client.get_object(Bucket=self.id, Key=item["Key"])["Body"].read() for item in found}

    def mount(self, folder: Path) -> Path:
        """What a worker would see below /runpod-volume."""
        for key, content in self.files.items():
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(content)
        return folder


@contextmanager
def running_volume_api() -> Iterator[VolumeApi]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield VolumeApi(f"http://127.0.0.1:{port}")
    finally:
        server.stop()


class FaultyClient:
    """boto3's client, but for the calls in `faults`: each is given the real one, and what it was called with."""

    def __init__(self, client: Any, **faults: Callable[..., Any]) -> None:
        self._client = client
        self._faults = faults
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)

        def call(*positional: Any, **request: Any) -> Any:
            self.calls.append(name)
            return self._faults[name](real, **request) if name in self._faults else real(*positional, **request)

        return call
