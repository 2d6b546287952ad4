"""Which official sources there are, what each is asked for, and which tables it can change."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.catalogue.instances import instances, known_regions
from components.catalogue.models import models
from components.catalogue.sagemaker import sagemaker_instances
from components.refresh import (
    ec2_prices,
    hub_models,
    offers,
    price_list,
    runpod_pools,
    sagemaker_images,
    sagemaker_prices,
    spot_prices,
)
from components.refresh.hub_files import config_files
from components.refresh.source import Answer, RefreshError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.runpod.client import RunpodClient


def _aws(service: str, region: str) -> Any:
    import boto3  # noqa: PLC0415 (heavy, and only a refresh needs it)
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        return boto3.client(service, region_name=region)
    except BotoCoreError as error:
        raise RefreshError(f"AWS: {price_list.reason(error)}") from error


def _runpod() -> RunpodClient:
    from components.runpod.client import connect  # noqa: PLC0415 (not for the other sources)

    return connect()


@dataclass(frozen=True, slots=True)
class Access:
    """How the outside is reached; a test hands in what answers instead."""

    aws: Callable[[str, str], Any] = _aws
    runpod: Callable[[], RunpodClient] = _runpod
    sdk_python: Path = Path(".tools/sagemaker-sdk/bin/python")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    model_ids: tuple[str, ...] = ()
    """Models to ask the hub for; none: those of the catalogue."""


def _ask_ec2(access: Access) -> Answer:
    return ec2_prices.ec2_answer(ec2_prices.ask(access.aws("pricing", price_list.REGION), instances()))


def _ask_sagemaker(access: Access) -> Answer:
    client = access.aws("pricing", price_list.REGION)
    return sagemaker_prices.sagemaker_answer(sagemaker_prices.ask(client, sagemaker_instances()))


def _ask_spot(access: Access) -> Answer:
    now = datetime.now(UTC)
    return spot_prices.spot_answer(
        {region: spot_prices.ask(access.aws("ec2", region), instances(), now) for region in known_regions()}
    )


def _ask_offers(access: Access) -> Answer:
    return offers.offers_answer(
        {region: offers.ask(access.aws("ec2", region), instances()) for region in known_regions()}
    )


def _ask_runpod(access: Access) -> Answer:
    return runpod_pools.runpod_answer(runpod_pools.ask(access.runpod()))


def _ask_images(access: Access) -> Answer:
    return sagemaker_images.images_answer(sagemaker_images.ask(access.sdk_python))


def _ask_models(access: Access) -> Answer:
    files, refused = config_files(access.model_ids or tuple(models()), access.environment)
    answer = hub_models.models_answer(files)
    return Answer(answer.findings, answer.remarks, tuple(f"{line}: its row is left as it is" for line in refused))


@dataclass(frozen=True, slots=True)
class Source:
    """One source: what it is, and how it is asked."""

    about: str
    ask: Callable[[Access], Answer]


SOURCES: dict[str, Source] = {
    "ec2": Source("AWS Price List API: EC2, Linux on demand", _ask_ec2),
    "sagemaker": Source("AWS Price List API: SageMaker hosting", _ask_sagemaker),
    "spot": Source("EC2: spot prices of each region", _ask_spot),
    "offers": Source("EC2: instance types that each region offers", _ask_offers),
    "runpod": Source("RunPod's catalogue: GPU pools and serverless prices", _ask_runpod),
    "images": Source("sagemaker SDK: images and registries", _ask_images),
    "models": Source("Hugging Face Hub: config.json of the models", _ask_models),
}
