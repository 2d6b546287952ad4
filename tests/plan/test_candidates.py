"""One accelerator on a market: which offer carries it, and which are passed over with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.catalogue.disks import local_disks_gb
from components.catalogue.images import engine_image
from components.catalogue.models import models
from components.catalogue.sagemaker import sagemaker_instances
from components.plan.candidates import Workload, size_accelerator
from components.plan.market import Market, Offer
from components.plan.sagemaker.market import sagemaker_market
from components.spec.values import Accelerator

SHAPE = models()["Qwen/Qwen3-8B"].shape
WORKLOAD = Workload(SHAPE, "none", "auto", 15.3, 8192, 0, "none")
ON_SAGEMAKER = sagemaker_market("us-east-1", engine_image("sagemaker", "vllm", None))


def _market(*offers: Offer) -> Market:
    return replace(ON_SAGEMAKER, offers=offers)


def _offer(name: str, gpus: int, usd: float | None, disk_gb: float | None = 1000) -> Offer:
    return Offer(name, "L4", gpus, 8, 64.0, usd, disk_gb)


def test_a_disk_that_does_not_hold_image_and_weights_is_passed_over() -> None:
    """25 GiB of image and 15.3 GiB of weights need 48 GB: the offer with 40 GB is refused, the next one serves."""
    found = size_accelerator(
        Accelerator("L4"), WORKLOAD, _market(_offer("small", 1, 1.0, 40), _offer("roomy", 1, 2.0, 48.3))
    )
    assert found.hardware is not None
    assert found.hardware.instance_type == "roomy"
    assert [(row.instance_type, row.reason) for row in found.rejections] == [
        ("small", "image and weights need 48 GB of disk, it has 40 GB")
    ]


def test_a_disk_that_nobody_knows_is_no_refusal() -> None:
    """Unknown is not zero."""
    found = size_accelerator(Accelerator("L4"), WORKLOAD, _market(_offer("open", 1, 1.0, None)))
    assert found.hardware is not None


def test_one_gpu_without_a_price_comes_before_eight_with_one() -> None:
    """A replica on one GPU does not buy eight because the price of one is not known."""
    found = size_accelerator(Accelerator("L4"), WORKLOAD, _market(_offer("eight", 8, 60.0), _offer("one", 1, None)))
    assert found.hardware is not None
    assert (found.hardware.instance_type, found.hardware.usd_per_hour) == ("one", None)


def test_of_offers_of_one_size_the_cheapest_is_taken() -> None:
    """And the one without a price last."""
    offers = (_offer("open", 1, None), _offer("dear", 1, 2.0), _offer("cheap", 1, 1.0))
    found = size_accelerator(Accelerator("L4"), WORKLOAD, _market(*offers))
    assert found.hardware is not None
    assert found.hardware.instance_type == "cheap"


def test_every_instance_of_endpoints_has_a_local_disk() -> None:
    """SageMaker keeps weights on it, and the catalogue knows how large it is."""
    assert sorted(local_disks_gb()) == sorted(sagemaker_instances())
    assert min(local_disks_gb().values()) == 125


@pytest.mark.parametrize(
    ("instance_type", "gpus"), [("ml.g7e.12xlarge", 2), ("ml.g6e.12xlarge", 4), ("ml.g5.12xlarge", 4)]
)
def test_a_12xlarge_has_two_gpus_in_g7e_and_four_elsewhere(instance_type: str, gpus: int) -> None:
    """The size says nothing about the number of GPUs."""
    assert [row.gpu_count for row in ON_SAGEMAKER.offers if row.instance_type == instance_type] == [gpus]
