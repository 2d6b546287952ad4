"""Which images SageMaker has for our engines, and in which registry of each region: as the SageMaker SDK knows it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from components.catalogue.hub.keys import list_of, mapping_of
from components.catalogue.images import engine_images
from components.catalogue.tables import read_table
from components.refresh.source import Answer, Finding, RefreshError
from components.refresh.table import natural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.catalogue.images import EngineImage

_SERVER = "vllm:server-sagemaker-cuda-v"
_REGISTRY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>amazonaws\.com(\.cn)?)/(?P<image>\S+)"
)
_SDK = re.compile(r"sagemaker-core [0-9.]+")
_SECONDS = 120
_LAST_LINES = 1


def wanted() -> dict[str, tuple[str, str]]:
    """Return under which framework and version the SDK keeps the images of the catalogue, by engine."""
    return {row.engine: _framework(row) for row in engine_images() if row.target == "sagemaker"}


def ask(python: Path) -> object:
    """Return what the SDK of an interpreter answers; `RefreshError` when there is none, or it fails."""
    if not python.is_file():
        raise RefreshError(
            f"sagemaker SDK: no interpreter at {python}; `make test` makes one with the SDK, or name yours with "
            "--sdk-python"
        )
    regions = [row["region"] for row in read_table("sagemaker_registries")]
    script = Path(__file__).with_name("ask_sagemaker_sdk.py")
    command = [str(python), str(script), json.dumps(wanted()), json.dumps(regions)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS)
        return json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.strip().splitlines()[-_LAST_LINES:]) or f"exit code {error.returncode}"
        raise RefreshError(f"sagemaker SDK: {python} failed: {said}; check that it has the package sagemaker") from None
    except subprocess.TimeoutExpired:
        raise RefreshError(f"sagemaker SDK: {python} gave no answer within {_SECONDS} s; try again") from None
    except (OSError, ValueError) as error:
        raise RefreshError(f"sagemaker SDK: {python} gave no usable answer ({error})") from error


def images_answer(answered: object) -> Answer:
    """Return tags and registries that the SDK knows, with remarks on versions that the catalogue does not have yet."""
    said = mapping_of(answered) or {}
    images, versions = mapping_of(said.get("images")), mapping_of(said.get("versions")) or {}
    if images is None:
        raise RefreshError("sagemaker SDK: answered without images")
    sdk = f"sagemaker-core {said.get('sdk', 'of an unknown version')}"
    found: list[Finding] = []
    remarks: list[str] = []
    for row in engine_images():
        if row.target != "sagemaker":
            continue
        places = _places(mapping_of(images.get(row.engine)) or {})
        if not places:
            remarks.append(f"the SDK does not have {row.engine} {row.version}: its row is left as it is")
        tags = {image for _, _, image in places.values()}
        if len(tags) == 1:
            values = {"target": "sagemaker", "engine": row.engine, "version": row.version, "image": tags.pop()}
            found.append(Finding("images", values, _SDK.sub(sdk, row.source)))
        elif tags:
            remarks.append(f"{row.engine} {row.version} has another image in some regions: its row is left as it is")
        source = f"{sdk} image_uri_config"
        found += [
            Finding(
                "sagemaker_registries", {"region": region, "account": account, "suffix": suffix}, source, may_add=True
            )
            for region, (account, suffix, _) in places.items()
        ]
        remarks += _newer(row, [str(version) for version in list_of(versions.get(row.engine))])
    return Answer(tuple(found), tuple(remarks))


def _framework(row: EngineImage) -> tuple[str, str]:
    """Return framework and version: AWS numbers its vLLM server by itself."""
    if row.image.startswith(_SERVER):
        return "vllm-server", row.image.removeprefix(_SERVER)
    return {"tgi": "huggingface-llm", "vllm": "vllm"}[row.engine], row.version


def _places(by_region: Mapping[str, object]) -> dict[str, tuple[str, str, str]]:
    """Return account, domain and image of each public region; secluded ones have domains of their own."""
    places: dict[str, tuple[str, str, str]] = {}
    for region, image in by_region.items():
        found = _REGISTRY.fullmatch(str(image))
        if found and found["region"] == region:
            places[region] = (found["account"], found["suffix"], found["image"])
    return places


def _newer(row: EngineImage, versions: list[str]) -> list[str]:
    framework, have = _framework(row)
    newer = [version for version in sorted(versions, key=natural) if natural(version) > natural(have)]
    exact = [version for version in newer if version.count(".") >= have.count(".")]
    if not exact:
        return []
    needs = "a row needs the CUDA version, driver and flags of the new image"
    return [f"the SDK has {framework} {', '.join(exact)} and the catalogue {have}: {needs}"]
