"""Do AWS's APIs, as moto plays them, take what the gateway sends: budgets in DynamoDB, keys and states elsewhere?"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from fake_engine import FakeEngine, whole
from fake_sagemaker import CREDENTIALS
from gateway.access.keyring import KeyRing
from gateway.access.sources import SecretsManagerKeys
from gateway.aws_api import AwsApi, AwsRefusedError, AwsSilentError
from gateway.config.keys import KeyTerms
from gateway.money.account import NANO
from gateway.money.month import Month
from gateway.money.shared_budgets import BudgetsSilentError, DynamoDbBudgets
from gateway.sleep.sources import ParameterState
from gateway.sleep.state import StateError, StateSilentError
from gateway.upstreams.aws import AwsCredentials
from moto.server import ThreadedMotoServer
from running_gateway import RunningGateway, environment, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"
NUMBERS = itertools.count()
KEY = "sk-budget"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """The server of moto, so that signature, headers and body go over a socket."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """The AWS SDK's own variables, as a task has them."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def table(moto_url: str) -> str:
    """A table as the stack makes it, of the test's own."""
    name = f"berth-budgets-{next(NUMBERS)}"
    client("dynamodb", moto_url).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def client(service: str, moto_url: str) -> Any:
    return boto3.client(service, region_name=REGION, endpoint_url=moto_url)


def api(name: str, moto_url: str) -> AwsApi:
    return AwsApi(name, REGION, {"AWS_ENDPOINT_URL": moto_url}, AwsCredentials())


def item(moto_url: str, table: str, name: str) -> dict[str, Any]:
    return client("dynamodb", moto_url).get_item(TableName=table, Key={"id": {"S": name}}).get("Item", {})


def test_leases_add_up_to_the_budget_and_not_to_more(moto_url: str, table: str):
    """Takes what there is, halves what is left, refuses what is not; `add` counts past the budget and below."""

    async def run() -> None:
        async with DynamoDbBudgets(table, api("dynamodb", moto_url)) as budgets:
            assert await budgets.take("chat#a#2026-11", 1000, 1, 400, 1_800_000_000) == 400
            assert await budgets.take("chat#a#2026-11", 1000, 1, 400, 1_800_000_000) == 400
            assert await budgets.take("chat#a#2026-11", 1000, 1, 400, 1_800_000_000) == 100
            assert await budgets.take("chat#a#2026-11", 1000, 101, 400, 1_800_000_000) == 0
            assert await budgets.take("chat#b#2026-11", 50, 1, 400, 1_800_000_000) == 50
            await budgets.add("chat#a#2026-11", 300, 1_800_000_000)
            assert await budgets.take("chat#a#2026-11", 1000, 1, 400, 1_800_000_000) == 0
            await budgets.add("chat#a#2026-11", -700, 1_800_000_000)
            assert await budgets.take("chat#a#2026-11", 1000, 400, 400, 1_800_000_000) == 400
        assert item(moto_url, table, "chat#a#2026-11") == {
            "id": {"S": "chat#a#2026-11"},
            "nano_usd": {"N": "900"},
            "expires": {"N": "1800000000"},
        }

    asyncio.run(run())


def test_replicas_that_take_at_the_same_time_get_what_there_is_once(moto_url: str, table: str):
    """Forty takes of 30 from 1000 at once: the table gives out no more than it has."""

    async def run() -> None:
        async with DynamoDbBudgets(table, api("dynamodb", moto_url)) as budgets:
            taken = await asyncio.gather(
                *(budgets.take("chat#a#2026-11", 1000, 1, 30, 1_800_000_000) for _ in range(40))
            )
        assert sum(taken) == int(item(moto_url, table, "chat#a#2026-11")["nano_usd"]["N"])
        assert 900 <= sum(taken) <= 1000

    asyncio.run(run())


def test_a_table_that_is_not_there_is_silence_and_no_budget(moto_url: str):
    """An error of the operator must not look like a budget that is used up."""

    async def run() -> None:
        async with DynamoDbBudgets("other", api("dynamodb", moto_url)) as budgets:
            for call in (budgets.take("x", 1000, 1, 30, 1), budgets.add("x", 5, 1)):
                with pytest.raises(BudgetsSilentError, match="ResourceNotFoundException") as caught:
                    await call
                assert not caught.value.sent

    asyncio.run(run())


def test_keys_in_secrets_manager_are_read_and_exchanged(moto_url: str):
    """The real operation of the real service model, as moto has it."""

    async def run() -> None:
        manager = client("secretsmanager", moto_url)
        manager.create_secret(Name="keys", SecretString=_keys())
        source = SecretsManagerKeys("keys", api("secretsmanager", moto_url))
        async with KeyRing(None, KeyTerms(), source=source, refresh_seconds=3600) as ring:
            assert ring.key_of(f"Bearer {KEY}").name == "team"
            manager.put_secret_value(SecretId="keys", SecretString=_keys(name="other"))
            await ring.refresh()
            assert ring.key_of(f"Bearer {KEY}").name == "other"

    asyncio.run(run())


def test_the_state_is_read_from_an_ssm_parameter(moto_url: str):
    """A parameter that is not there is another error than an SSM that does not answer."""

    async def run() -> None:
        client("ssm", moto_url).put_parameter(Name="/berth/prod/chat/state", Value='{"state":"asleep"}', Type="String")
        async with ParameterState("/berth/prod/chat/state", api("ssm", moto_url)) as source:
            assert await source.read() == '{"state":"asleep"}'
        async with ParameterState("/berth/prod/other/state", api("ssm", moto_url)) as source:
            with pytest.raises(StateError, match="ParameterNotFound") as missing:
                await source.read()
            assert type(missing.value) is StateError
        async with ParameterState("/berth/prod/chat/state", api("ssm", "http://127.0.0.1:9")) as source:
            with pytest.raises(StateSilentError, match=r"SSM does not answer \(ClientConnectorError\)"):
                await source.read()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "status", "error", "sent"),
    [
        (b'{"__type":"com.amazonaws.dynamodb#AccessDeniedException"}', 400, AwsRefusedError, None),
        (b'{"__type":"com.amazonaws.dynamodb#ThrottlingException"}', 400, AwsSilentError, False),
        (b'{"__type":"InternalServerError"}', 500, AwsSilentError, True),
        (b"<html>", 503, AwsSilentError, True),
    ],
)
def test_what_aws_says_is_a_no_or_silence(answer: bytes, status: int, error: type[Exception], sent: bool | None):
    """A refusal has done nothing; throttling has done nothing and may pass; a broken AWS may have acted."""

    async def run() -> None:
        engine = FakeEngine(whole(answer, status), base_path="")
        async with engine.running(), api("dynamodb", engine.url) as dynamodb:
            with pytest.raises(error) as caught:
                await dynamodb.call("UpdateItem", {})
            assert getattr(caught.value, "sent", None) is sent
            assert engine.seen[0].headers["x-amz-target"] == "DynamoDB_20120810.UpdateItem"
            assert "/eu-west-1/dynamodb/aws4_request" in engine.seen[0].headers["authorization"]

    asyncio.run(run())


def _keys(name: str = "team", **terms: Any) -> str:
    return json.dumps({name: {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), **terms}})


def test_two_gateways_share_one_budget_through_the_table(moto_url: str, table: str):
    """What one has spent is gone for the other, over a restart, and the log's lines carry what each request cost."""

    async def run() -> None:
        engine = FakeEngine(whole(b'{"usage":{"prompt_tokens":1000,"completion_tokens":0}}'))
        price = {"usd_per_million_input": 1000.0, "usd_per_million_output": 1000.0}
        async with engine.running():
            config = {
                "upstreams": [{"name": "hosted", "url": engine.url, "price": price}],
                "budget": {"table": table},
                "region": REGION,
            }
            variables = {
                "BERTH_CONFIG": json.dumps(config),
                "BERTH_CLIENT_KEYS": _keys(usd_per_month=10),
                "AWS_ENDPOINT_URL": moto_url,
            }
            async with _running(variables) as first, _running(variables) as second:
                # Each costs a dollar; the last may not fit beside what the other gateway has on lease.
                answers = [await _post(gateway) for gateway in (first, second) * 6]
                served = [status for status, _ in answers].count(200)
                assert served in {9, 10}
                assert [status for status, _ in answers] == [200] * served + [429] * (12 - served)
                assert answers[-1][1]["error"]["code"] == "insufficient_quota"
            spent = f"chat#team#{Month.of(time.time()).name}"
            assert item(moto_url, table, spent)["nano_usd"] == {"N": str(served * NANO)}
            async with _running(variables) as third:
                statuses = [(await _post(third))[0] for _ in range(2)]
                assert statuses.count(200) == 10 - served

    asyncio.run(run())


def _running(variables: dict[str, str]) -> Any:
    plain = environment(**variables)
    del plain["BERTH_UPSTREAM_URL"]
    return serving(plain)


async def _post(gateway: RunningGateway) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {KEY}"}
    data = json.dumps({"prompt": "x" * 3950, "max_tokens": 0})
    async with gateway.client.post(gateway.url + "/v1/completions", data=data, headers=headers) as got:
        return got.status, json.loads(await got.read())
