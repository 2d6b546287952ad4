"""RunPod's list of GPU types becomes rows of the pools."""

from __future__ import annotations

from typing import Any

import pytest

from components.refresh.runpod_pools import ask, runpod_answer
from components.refresh.source import RefreshError
from components.runpod.client import RunpodClient
from components.runpod.errors import RunpodError
from components.runpod.retry import Patience
from tests.components.runpod.fake_runpod import KEY, FakeRunpod, serving


def gpu(name: str, pool: str | None, serverless: float | None, memory: int = 24) -> dict[str, Any]:
    """A type as `GET /v2/catalog/gpus` lists it."""
    return {
        "id": name,
        "name": name.removeprefix("NVIDIA "),
        "pool": pool,
        "manufacturer": "NVIDIA",
        "memory": memory,
        "secure": True,
        "community": False,
        "price": {"secure": 0.44, "community": None, "serverless": serverless},
        "maxCount": {"secure": 8, "community": 4},
    }


def test_an_hour_becomes_a_second() -> None:
    """RunPod quotes an hour of one GPU; the table has what is billed, a second."""
    [found] = runpod_answer({"gpus": [gpu("NVIDIA L4", "AMPERE_24", 0.684)]}).findings
    assert dict(found.values) == {
        "gpu_type": "NVIDIA L4",
        "pool": "AMPERE_24",
        "memory_gb": "24",
        "usd_per_gpu_second": "0.00019",
    }


def test_a_type_that_moves_to_another_pool_takes_its_row_along() -> None:
    """The pool is RunPod's decision."""
    [found] = runpod_answer({"gpus": [gpu("NVIDIA L4", "ADA_24", 0.684)]}).findings
    assert found.values["pool"] == "ADA_24"


@pytest.mark.parametrize("price", [None, 0])
def test_a_missing_price_is_not_a_zero(price: float | None) -> None:
    """The row keeps the price that it has, and a remark says so."""
    answer = runpod_answer({"gpus": [gpu("NVIDIA L4", "AMPERE_24", price)]})
    assert answer.findings == ()
    assert answer.remarks == ("NVIDIA L4 has no serverless price: its price is left as it is",)


def test_a_new_type_asks_for_its_name_in_the_catalogue() -> None:
    """RunPod does not know what we call it; a type without a pool serves no endpoint."""
    listed = {"gpus": [gpu("NVIDIA B300", "BLACKWELL_288", 9.0, 288), gpu("NVIDIA RTX 5080", None, 0.5)]}
    answer = runpod_answer(listed)
    assert [one.values["gpu_type"] for one in answer.findings] == ["NVIDIA B300"]
    assert answer.findings[0].may_add
    assert answer.remarks == (
        "NVIDIA B300 is new in pool BLACKWELL_288: write its name of gpus.csv into the column gpu",
    )


@pytest.mark.parametrize("listed", [None, [], {"gpus": None}, {"error": "x"}])
def test_an_answer_that_is_no_list_is_refused(listed: object) -> None:
    """What cannot be read changes nothing."""
    with pytest.raises(RefreshError, match="answered without a list of gpus"):
        runpod_answer(listed)


@pytest.mark.parametrize("entry", [7, {}, {"id": 7, "pool": "AMPERE_24"}, {"id": "NVIDIA L4", "pool": ""}])
def test_an_entry_that_is_none_is_passed_over(entry: object) -> None:
    """The others count."""
    answer = runpod_answer({"gpus": [entry, gpu("NVIDIA L40S", "ADA_48_PRO", 1.908, 48)]})
    assert [one.values["gpu_type"] for one in answer.findings] == ["NVIDIA L40S"]


def test_the_catalogue_is_asked_with_the_key() -> None:
    """Over real HTTP, by the client that deploys endpoints."""
    fake = FakeRunpod()
    with serving(fake, fake.handle):
        listed = ask(RunpodClient(fake.url, KEY))
    assert isinstance(listed, dict)
    assert "NVIDIA L4" in [one["id"] for one in listed["gpus"]]


def test_a_wrong_key_is_told_and_not_shown() -> None:
    """401 says what to check; the key is in no message."""
    fake = FakeRunpod()
    with serving(fake, fake.handle), pytest.raises(RunpodError) as caught:
        ask(RunpodClient(fake.url, "rpa_WRONG_KEY_0123456789", patience=Patience()))
    assert "401" in str(caught.value)
    assert "rpa_WRONG" not in str(caught.value)
