"""Does our table of SageMaker images agree with AWS's own, which the SageMaker SDK carries?"""

from __future__ import annotations

import pytest

from bootstrap.environment import SDK_PYTHON
from components.catalogue.images import engine_images
from components.catalogue.sagemaker import sagemaker_registry
from components.catalogue.tables import read_table
from components.refresh.sagemaker_images import ask


@pytest.fixture(scope="module")
def sdk() -> dict[str, dict[str, str]]:
    """What the SDK answers: engine -> region -> image; `make test` has made the environment that it lives in."""
    assert SDK_PYTHON.is_file(), "the SageMaker SDK is not installed; run `make test`"
    said = ask(SDK_PYTHON)
    assert isinstance(said, dict)
    return said["images"]


@pytest.mark.parametrize("engine", ["tgi", "vllm"])
def test_image_and_registry_are_those_of_the_sdk(sdk: dict[str, dict[str, str]], engine: str) -> None:
    """Account, suffix, repository and tag agree in every region for which the SDK has the image."""
    [row] = [row for row in engine_images() if (row.target, row.engine) == ("sagemaker", engine)]
    regions = {one["region"] for one in read_table("sagemaker_registries")} & set(sdk[engine])
    assert len(regions) > 30
    ours = {region: f"{sagemaker_registry(region)}/{row.image}" for region in regions}
    assert ours == {region: sdk[engine][region] for region in regions}
