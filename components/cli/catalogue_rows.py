"""How each kind of fact is listed: columns, cells, source and date, and which rows are stale or have no price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.apis import api_prices
from components.catalogue.discounts import commitments, spot_prices
from components.catalogue.gpus import gpus
from components.catalogue.images import engine_images
from components.catalogue.instances import instances, is_offered, known_regions, region_price
from components.catalogue.machine_images import machine_images
from components.catalogue.models import models
from components.catalogue.prices import STALE_AFTER_DAYS, is_stale, service_prices, service_usd
from components.catalogue.runpod import pool_types
from components.catalogue.sagemaker import sagemaker_offers, sagemaker_region_price
from components.catalogue.tables import as_of_date
from components.errors import CatalogueError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from components.catalogue.instances import RegionPrice

Cell = str | float | int | None
Fact = dict[str, Cell]
_LONGEST_SOURCE = 60
_NO_PRICE = "unknown"


@dataclass(frozen=True, slots=True)
class Listed:
    """Facts as values, and as the cells of a table for people."""

    facts: list[Fact]
    head: list[str]
    rows: list[list[str]]
    numbers: frozenset[str]
    footnotes: tuple[str, ...]


def listed(kind: str, region: str, today: date) -> Listed:
    """Return the facts of a kind; `CatalogueError` for a region that is not in the catalogue.

    A fact that is a price is stale after the days that the catalogue sets, and says so; one without a price says
    unknown.
    """
    if kind in _OF_A_REGION and region not in known_regions():
        raise CatalogueError(f"region {region!r} is not in the catalogue; {did_you_mean(region, known_regions())}")
    facts = list(_KINDS[kind](region))
    priced = kind in _PRICED
    for fact in facts:
        if priced:
            fact["stale"] = is_stale(as_of_date(str(fact["as_of"])), today)
    head = list(dict.fromkeys(name for fact in facts for name in fact if name != "stale"))
    numbers = frozenset(name for name in head if any(isinstance(fact.get(name), int | float) for fact in facts))
    rows = [[_cell(name, fact) for name in head] for fact in facts]
    return Listed(facts, head, rows, numbers, tuple(_footnotes(kind, region, facts)))


def _cell(name: str, fact: Fact) -> str:
    value = fact.get(name)
    if value is None:
        return _NO_PRICE if name.startswith("usd") or name == "factor" else "-"
    if name == "as_of" and fact.get("stale"):
        return f"{value} (stale)"
    if name == "source" and len(str(value)) > _LONGEST_SOURCE:
        return f"{str(value)[: _LONGEST_SOURCE - 3]}..."
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return str(value)


def _footnotes(kind: str, region: str, facts: list[Fact]) -> Iterator[str]:
    stale = sum(bool(fact.get("stale")) for fact in facts)
    if stale:
        yield (
            f"{stale} of {len(facts)} rows are stale, more than {STALE_AFTER_DAYS} days old: `berth catalogue refresh`"
        )
    unknown = sum(_NO_PRICE in (_cell(name, fact) for name in fact) for fact in facts)
    if unknown:
        yield f"{unknown} of {len(facts)} rows have no known price; a plan with one of them says so"
    if kind in _OF_A_REGION:
        yield f"prices of {region}; ~ us-east-1: the price there times the price level of the family"


def _gpus(_region: str) -> Iterator[Fact]:
    for row in gpus().values():
        yield {
            "gpu": row.name,
            "usable_gib": row.usable_gib,
            "gb_per_s": row.bandwidth_gb_per_s,
            "fp16_tflops": row.fp16_tflops,
            "fp8_tflops": row.fp8_tflops,
            "capability": row.compute_capability,
            "as_of": row.as_of,
            "source": row.source,
        }


def _instances(region: str) -> Iterator[Fact]:
    for row in instances().values():
        if is_offered(row.instance_type, region):
            hardware = (row.instance_type, row.gpu, row.gpu_count, row.vcpus, row.memory_gib)
            yield _hardware(hardware, region_price(row.instance_type, region), row.source, row.as_of)


def _sagemaker(region: str) -> Iterator[Fact]:
    for row in sagemaker_offers(region):
        hardware = (row.instance_type, row.gpu, row.gpu_count, row.vcpus, row.memory_gib)
        yield _hardware(hardware, sagemaker_region_price(row.instance_type, region), row.source, row.as_of)


def _hardware(hardware: tuple[str, str, float, int, float], price: RegionPrice | None, source: str, as_of: str) -> Fact:
    name, gpu, count, vcpus, memory_gib = hardware
    return {
        "instance_type": name,
        "gpu": gpu,
        "gpus": count,
        "vcpus": vcpus,
        "memory_gib": memory_gib,
        "usd_per_hour": price.usd_per_hour if price else None,
        "basis": "-" if price is None else "~ us-east-1" if price.is_estimate else "list price",
        "as_of": price.as_of if price else as_of,
        "source": price.source if price else source,
    }


def _runpod(_region: str) -> Iterator[Fact]:
    for row in pool_types():
        hour = None if row.usd_per_gpu_second is None else round(row.usd_per_gpu_second * 3600, 4)
        yield {
            "pool": row.pool,
            "gpu_type": row.gpu_type,
            "gpu": row.gpu,
            "memory_gb": row.memory_gb,
            "usd_per_gpu_hour": hour,
            "as_of": row.as_of,
            "source": row.source,
        }


def _models(_region: str) -> Iterator[Fact]:
    for row in models().values():
        shape = row.shape
        yield {
            "model": row.id,
            "billion": round(shape.parameters_b, 3),
            "active": round(shape.active_parameters_b, 3),
            "layers": shape.layers,
            "kv_heads": shape.kv_heads,
            "attention": shape.attention,
            "context": shape.max_context_tokens,
            "stored": row.quantization,
            "gated": "yes" if row.gated else "no",
            "as_of": row.as_of,
            "source": row.source,
        }


def _images(_region: str) -> Iterator[Fact]:
    for row in engine_images():
        yield {
            "target": row.target,
            "engine": f"{row.engine} {row.version}",
            "image": row.image,
            "cuda": row.cuda,
            "driver": row.min_driver,
            "as_of": row.as_of,
            "source": row.source,
        }
    for row in machine_images().values():
        yield {
            "target": "sagemaker",
            "engine": "machine image",
            "image": row.name,
            "cuda": row.cuda,
            "driver": row.driver,
            "as_of": row.as_of,
            "source": row.source,
        }


def _apis(_region: str) -> Iterator[Fact]:
    for row in api_prices():
        yield {
            "provider": row.provider,
            "model": row.model,
            "serves": row.serves,
            "usd_per_million_in": row.usd_per_million_input,
            "usd_per_million_out": row.usd_per_million_output,
            "retires": row.retires,
            "as_of": row.as_of,
            "source": row.source,
        }


def _prices(region: str) -> Iterator[Fact]:
    for row in service_prices().values():
        yield {
            "item": row.item,
            "unit": row.unit,
            "usd": service_usd(row.item, region),
            "as_of": row.as_of,
            "source": row.source,
        }
    for row in spot_prices():
        if row.region == region:
            unit = f"spot hour, {row.factor:.2f} of on demand"
            yield {
                "item": row.instance_type,
                "unit": unit,
                "usd": row.spot_usd_per_hour,
                "as_of": row.as_of,
                "source": row.source,
            }
    for row in commitments():
        yield {
            "item": f"{row.target} {row.family}",
            "unit": f"share of on demand, {row.term}",
            "usd": row.factor,
            "as_of": row.as_of,
            "source": row.source,
        }


_KINDS: dict[str, Callable[[str], Iterable[Fact]]] = {
    "gpus": _gpus,
    "instances": _instances,
    "sagemaker": _sagemaker,
    "runpod": _runpod,
    "models": _models,
    "images": _images,
    "apis": _apis,
    "prices": _prices,
}
_PRICED = frozenset({"instances", "sagemaker", "runpod", "apis", "prices"})
_OF_A_REGION = frozenset({"instances", "sagemaker", "prices"})
