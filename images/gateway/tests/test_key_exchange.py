"""What happens when keys are exchanged while the gateway runs?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from typing import TYPE_CHECKING, Any, Self

import pytest
from fake_clock import FakeClock
from fake_engine import FakeEngine, whole
from gateway.access.keyring import KeyRing
from gateway.access.sources import MountedKeys, SecretsManagerKeys
from gateway.aws_api import AwsRefusedError, AwsSilentError
from gateway.config.keys import KeyTerms
from gateway.errors import RefusedError
from gateway.keys import Key, KeysError
from gateway.limits.allowance import Allowances
from running_gateway import running_gateway

if TYPE_CHECKING:
    from pathlib import Path


OLD, NEW = "sk-old-key", "sk-new-key"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def document(**keys: Any) -> str:
    return json.dumps(keys)


def status_of(ring: KeyRing, key: str | None) -> int:
    """What a caller with this key is told."""
    try:
        ring.key_of(None if key is None else f"Bearer {key}")
    except RefusedError as refused:
        return refused.error.status
    return 200


def test_a_mounted_file_is_exchanged_without_a_restart(tmp_path: Path):
    """After a look the old key is refused and the new one accepted; so it is when a link is exchanged."""

    async def run() -> None:
        path = tmp_path / "keys.json"
        path.write_text(document(team=digest(OLD)))
        ring = KeyRing(None, KeyTerms(), source=MountedKeys(path), refresh_seconds=3600)
        async with ring:
            assert (status_of(ring, OLD), status_of(ring, NEW), status_of(ring, None)) == (200, 401, 401)
            path.write_text(document(team=digest(NEW)))
            os.utime(path, ns=(1, 1))
            assert status_of(ring, OLD) == 200
            await ring.refresh()
            assert (status_of(ring, OLD), status_of(ring, NEW)) == (401, 200)
            other = tmp_path / "other.json"
            other.write_text(document(team=digest(OLD)))
            other.replace(path)
            await ring.refresh()
            assert (status_of(ring, OLD), status_of(ring, NEW)) == (200, 401)

    asyncio.run(run())


def test_an_unchanged_file_is_not_read_again(tmp_path: Path):
    """Its time, size and inode are the same: there is nothing to parse, and nothing to say in the log."""
    path = tmp_path / "keys.json"
    path.write_text("first")
    keys = MountedKeys(path)
    assert [keys.read(), keys.read()] == ["first", None]
    path.write_text("longer")
    assert [keys.read(), keys.read()] == ["longer", None]


@pytest.mark.parametrize("bad", ["{", '{"team": "sk-new-key"}', "{}", None])
def test_keys_that_cannot_be_used_leave_the_old_ones_in_force(tmp_path: Path, bad: str | None, caplog):
    """A half-written or vanished document locks nobody out; the log says why, without a value."""

    async def run() -> None:
        path = tmp_path / "keys.json"
        path.write_text(document(team=digest(OLD)))
        async with KeyRing(None, KeyTerms(), source=MountedKeys(path)) as ring:
            if bad is None:
                path.unlink()
            else:
                path.write_text(bad)
            await ring.refresh()
            assert status_of(ring, OLD) == 200
            path.write_text(document(team=digest(NEW)))
            await ring.refresh()
            assert (status_of(ring, OLD), status_of(ring, NEW)) == (401, 200)

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    (record,) = caplog.records
    assert record.getMessage() == "the new client keys cannot be used, the old ones hold on"
    assert NEW not in str(record.__dict__)


def test_keys_are_looked_for_again_and_again(tmp_path: Path):
    """Nobody has to ask: within the interval the new key works in the running gateway."""

    async def run() -> None:
        path = tmp_path / "keys.json"
        path.write_text(document(team=digest(OLD)))
        config = json.dumps({"keys": {"file": str(path), "refresh_seconds": 0.02}})
        engine = FakeEngine(whole(b"{}"))
        async with engine.running(), running_gateway(engine.url, BERTH_CONFIG=config) as gateway:

            async def status(key: str, path: str = "/v1/models") -> int:
                async with gateway.client.get(gateway.url + path, headers={"authorization": f"Bearer {key}"}) as got:
                    return got.status

            assert (await status(OLD), await status(NEW)) == (200, 401)
            path.write_text(document(team={"sha256": digest(NEW), "concurrency": 3}))
            async with asyncio.timeout(5):
                while await status(OLD) == 200:
                    pass
            assert (await status(NEW), await status(NEW, "/metrics"), await status(OLD, "/metrics")) == (200, 200, 401)

    asyncio.run(run())


class FakeSecretsManager:
    """The one operation that is asked for, with a secret that the test exchanges."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.version = 1
        self.error: Exception | None = None
        self.asked: list[tuple[str, Any]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def call(self, operation: str, request: Any) -> dict[str, Any]:
        self.asked.append((operation, request))
        if self.error is not None:
            raise self.error
        return {"VersionId": str(self.version), "SecretString": self.text}


def test_a_secret_in_secrets_manager_is_exchanged_without_a_restart():
    """Its version decides whether it is read anew; an outage or a refusal of AWS changes nothing."""

    async def run() -> None:
        manager: Any = FakeSecretsManager(document(team=digest(OLD)))
        source = SecretsManagerKeys("arn:aws:secretsmanager:eu-west-1:1:secret:keys-AbC", manager)
        assert source.place == "the secret keys-AbC"
        async with KeyRing(None, KeyTerms(), source=source, refresh_seconds=3600) as ring:
            manager.text = document(team=digest(NEW))
            for error in (AwsSilentError("no answer in time", sent=True), AwsRefusedError("AccessDenied", {}), None):
                manager.error = error
                await ring.refresh()
                assert status_of(ring, OLD) == 200
            manager.version = 2
            await ring.refresh()
            assert (status_of(ring, OLD), status_of(ring, NEW)) == (401, 200)
        assert manager.asked[0] == (
            "GetSecretValue",
            {"SecretId": "arn:aws:secretsmanager:eu-west-1:1:secret:keys-AbC"},
        )

    asyncio.run(run())


@pytest.mark.parametrize("error", [AwsRefusedError("ResourceNotFoundException", {}), None])
def test_without_keys_from_the_secret_the_gateway_does_not_start(error: Exception | None, caplog):
    """It would be open or useless otherwise; the log says which secret and why."""

    async def run() -> None:
        manager: Any = FakeSecretsManager(None)
        manager.error = error
        async with KeyRing(None, KeyTerms(), source=SecretsManagerKeys("keys", manager)):
            pass

    with caplog.at_level(logging.CRITICAL), pytest.raises(KeysError):
        asyncio.run(run())
    assert caplog.records[0].__dict__["fields"]["place"] == "the secret keys"


def test_an_exchange_of_keys_gives_nobody_a_fresh_allowance():
    """What a caller has used counts on under its name, also when its limit changes."""
    clock = FakeClock()
    allowances = Allowances(clock)
    bucket = allowances.of(Key("a", KeyTerms(requests_per_minute=10))).requests
    assert bucket is not None
    assert bucket.try_take(8, clock()) == 0
    larger = allowances.of(Key("a", KeyTerms(requests_per_minute=12))).requests
    assert larger is bucket
    assert bucket.standing(clock())[0] == 4
    assert allowances.of(Key("a", KeyTerms())).requests is None
