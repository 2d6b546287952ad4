"""Does our table of SageMaker images agree with AWS's own, which the SageMaker SDK carries?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bootstrap.environment import SDK_PYTHON
from components.catalogue.images import EngineImage, engine_images
from components.catalogue.sagemaker import sagemaker_registry
from components.catalogue.tables import read_table

SERVER = "vllm:server-sagemaker-cuda-v"
ASK = Path(__file__).with_name("ask_sagemaker_sdk.py")


def framework(row: EngineImage) -> tuple[str, str]:
    """Under which name and version the SDK keeps an image: AWS numbers its vLLM server by itself."""
    if row.image.startswith(SERVER):
        return "vllm-server", row.image.removeprefix(SERVER)
    return {"tgi": "huggingface-llm", "vllm": "vllm"}[row.engine], row.version


@pytest.fixture(scope="module")
def sdk() -> dict[str, dict[str, str]]:
    """What the SDK answers: engine -> region -> image; `make test` has made the environment that it lives in."""
    assert SDK_PYTHON.is_file(), "the SageMaker SDK is not installed; run `make test`"
    wanted = {row.engine: framework(row) for row in engine_images() if row.target == "sagemaker"}
    regions = [row["region"] for row in read_table("sagemaker_registries")]
    command = [str(SDK_PYTHON), str(ASK), json.dumps(wanted), json.dumps(regions)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


@pytest.mark.parametrize("engine", ["tgi", "vllm"])
def test_image_and_registry_are_those_of_the_sdk(sdk: dict[str, dict[str, str]], engine: str) -> None:
    """Account, suffix, repository and tag agree in every region for which the SDK has the image."""
    [row] = [row for row in engine_images() if (row.target, row.engine) == ("sagemaker", engine)]
    assert len(sdk[engine]) > 30
    ours = {region: f"{sagemaker_registry(region)}/{row.image}" for region in sdk[engine]}
    assert ours == sdk[engine]
