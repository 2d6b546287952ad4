from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from components.catalogue.flags import vllm_flags
from components.catalogue.gpus import gpus
from components.catalogue.images import engine_image
from components.catalogue.runpod import (
    container_disk_usd,
    dearest_usd_per_gpu_hour,
    network_volume_usd,
    pool_of,
    pool_types,
    quota_tiers,
    runpod_price_date,
    types_of,
    usd_per_gpu_hour,
)
from components.catalogue.worker import worker_name, worker_names


def test_every_gpu_of_a_pool_has_a_usable_memory_below_its_name() -> None:
    """A type that the catalogue knows can be sized; 48 GB cards have 44.4 with ECC on."""
    known = [gpus()[row.gpu] for row in pool_types() if row.gpu is not None]
    assert [gpu.name for gpu in known if gpu.usable_gib is None or gpu.usable_gib > gpu.vram_gib] == []
    assert {gpu.usable_gib for gpu in known if gpu.vram_gib == 48} == {44.4, 44.7}
    assert all(gpu.vendor == "NVIDIA" for gpu in known)


def test_types_without_figures_are_unknown() -> None:
    """Two cards have no row among the GPUs, so nothing is planned on them."""
    assert [row.gpu_type for row in pool_types() if row.gpu is None] == [
        "NVIDIA RTX 2000 Ada Generation",
        "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition",
    ]


def test_a_pool_has_one_price_and_a_gpu_one_pool() -> None:
    """Prices are those of pools; a GPU is found in one place."""
    for pool in {row.pool for row in pool_types()}:
        assert len({row.usd_per_gpu_second for row in types_of(pool)}) == 1
    named = [row.gpu for row in pool_types() if row.gpu is not None]
    assert len(set(named)) == len(named) == 22


@pytest.mark.parametrize(
    ("gpu", "pool", "usd"),
    [
        ("L4", "AMPERE_24", 0.684),
        ("RTX-4090", "ADA_24", 1.116),
        ("A40", "AMPERE_48", 1.224),
        ("L40S", "ADA_48_PRO", 1.908),
        ("A100-80GB", "AMPERE_80", 2.736),
        ("H100", "ADA_80_PRO", 4.176),
        ("H200", "HOPPER_141", 5.58),
        ("B200", "BLACKWELL_180", 8.64),
        ("RTX-5090", "ADA_32_PRO", None),
    ],
)
def test_price_of_a_gpu_hour(gpu: str, pool: str, usd: float | None) -> None:
    """3600 times the price of a second; unknown where RunPod publishes none."""
    assert pool_of(gpu) == pool
    assert usd_per_gpu_hour(pool) == usd


def test_the_dearest_type_of_a_pool_counts() -> None:
    """RunPod chooses among them; a type without a price says nothing, and none at all is unknown."""
    l4, a5000, rtx_3090 = types_of("AMPERE_24")
    mixed = [replace(l4, usd_per_gpu_second=0.0001), a5000, replace(rtx_3090, usd_per_gpu_second=None)]
    assert dearest_usd_per_gpu_hour(mixed) == 0.684
    assert dearest_usd_per_gpu_hour(mixed[2:]) is None


def test_storage_prices() -> None:
    """A volume is cheaper above 1 TB, a worker's disk is paid for while it runs."""
    assert (network_volume_usd(10), network_volume_usd(1000), network_volume_usd(1001)) == (0.7, 70.0, 70.05)
    assert container_disk_usd(60) == 6.0


def test_the_quota_grows_with_the_balance() -> None:
    """From 5 workers to 60."""
    tiers = [(tier.balance_usd, tier.workers) for tier in quota_tiers()]
    assert tiers == sorted(tiers)
    assert (tiers[0], tiers[-1]) == ((0, 5), (900, 60))


def test_the_table_is_as_old_as_its_oldest_price() -> None:
    """The day of RunPod's last published list."""
    assert runpod_price_date() == date(2026, 6, 8)


def test_the_flags_of_the_workers_engine() -> None:
    """The version that the image brings, with switches and values told apart."""
    flags = vllm_flags(engine_image("runpod", "vllm", None).version)
    assert len(flags) == 282
    assert (flags["--enable-prefix-caching"], flags["--max-model-len"], flags["--hf-token"]) == (True, False, False)
    assert "--watermark-config" not in flags


def test_the_names_of_the_worker() -> None:
    """One of each kind, and how a flag finds its name."""
    names = worker_names()
    kinds = {
        "MAX_MODEL_LEN": "value",
        "ENFORCE_EAGER": "pair",
        "DISABLE_LOG_STATS": "switch",
        "MODEL_REVISION": "alias",
        "MAX_CONCURRENCY": "worker",
        "VLLM_NO_USAGE_STATS": "engine",
        "PORT": "reserved",
        "DEFAULT_BATCH_SIZE": "ignored",
    }
    assert {name: names[name].kind for name in kinds} == kinds
    found = worker_name("tool-call-parser")
    assert found is not None
    assert (found.name, found.flag) == ("TOOL_CALL_PARSER", "--tool-call-parser")
    assert worker_name("spec-tokens") is None
