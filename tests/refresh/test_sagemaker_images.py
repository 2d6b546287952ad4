"""What the SageMaker SDK answers becomes tags and registries; the SDK lives in an interpreter of its own."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from components.refresh import sagemaker_images
from components.refresh.sagemaker_images import images_answer, wanted
from components.refresh.source import Finding, RefreshError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TGI = "huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04"
VLLM = "vllm:server-sagemaker-cuda-v2.5"


def registry(region: str, image: str, account: str = "763104351884", domain: str = "amazonaws.com") -> str:
    return f"{account}.dkr.ecr.{region}.{domain}/{image}"


def answered(*newer: str) -> dict[str, Any]:
    """What the SDK answers when it knows these versions of TGI besides."""
    regions = {"us-east-1": "763104351884", "me-central-1": "914824155844"}
    return {
        "images": {
            "tgi": {region: registry(region, TGI, account) for region, account in regions.items()},
            "vllm": {region: registry(region, VLLM, account) for region, account in regions.items()},
        },
        "versions": {"tgi": ["3.3.4", *newer, "3.3.6"], "vllm": ["2", "2.5"]},
        "sdk": "2.30.0",
    }


def rows(found: tuple[Finding, ...], table: str) -> list[tuple[str, ...]]:
    return [tuple(one.values.values()) for one in found if one.table == table]


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], Path]:
    """An interpreter that runs a line of shell, whatever script it is given."""

    def python_(line: str) -> Path:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return path

    return python_


def test_the_sdk_is_asked_under_its_own_names() -> None:
    """TGI is huggingface-llm there, and AWS numbers its vLLM server by itself."""
    assert wanted() == {"tgi": ("huggingface-llm", "3.3.6"), "vllm": ("vllm-server", "2.5")}


def test_tags_and_registries_become_rows() -> None:
    """One row for each engine's image, one for each region's account."""
    found = images_answer(answered()).findings
    assert sorted(rows(found, "images")) == [
        ("sagemaker", "tgi", "3.3.6", TGI),
        ("sagemaker", "vllm", "0.30.0", VLLM),
    ]
    assert set(rows(found, "sagemaker_registries")) == {
        ("us-east-1", "763104351884", "amazonaws.com"),
        ("me-central-1", "914824155844", "amazonaws.com"),
    }


def test_the_version_of_the_sdk_is_the_source() -> None:
    """What else the source of an image says stays."""
    found = images_answer(answered()).findings
    assert {one.source for one in found if one.table == "sagemaker_registries"} == {
        "sagemaker-core 2.30.0 image_uri_config"
    }
    [tgi] = [one for one in found if one.values.get("engine") == "tgi"]
    assert tgi.source.startswith("repository and tag: image_uri_config of sagemaker-core 2.30.0; CUDA from the tag")


def test_secluded_regions_and_strange_names_are_left_out() -> None:
    """Only the public domains of AWS are registries that Berth deploys from."""
    said = answered()
    said["images"]["tgi"] |= {
        "us-iso-east-1": registry("us-iso-east-1", TGI, "886529160074", "c2s.ic.gov"),
        "eu-west-1": "public.ecr.aws/vllm:latest",
        "cn-north-1": registry("cn-north-1", TGI, "727897471807", "amazonaws.com.cn"),
    }
    regions = {row[0] for row in rows(images_answer(said).findings, "sagemaker_registries")}
    assert regions == {"us-east-1", "me-central-1", "cn-north-1"}


def test_newer_versions_are_a_remark() -> None:
    """Their CUDA, driver and flags are not in the SDK, so a person writes the row."""
    answer = images_answer(answered("3.3.10"))
    assert answer.remarks == (
        (
            "the SDK has huggingface-llm 3.3.10 and the catalogue 3.3.6: a row needs the CUDA version, driver and "
            "flags of the new image"
        ),
    )


def test_an_image_that_the_sdk_has_lost_keeps_its_row() -> None:
    """As does one whose tag differs between regions."""
    said = answered()
    said["images"]["vllm"] = {}
    said["images"]["tgi"]["us-east-1"] = registry("us-east-1", f"{TGI}-v2")
    answer = images_answer(said)
    assert rows(answer.findings, "images") == []
    assert sorted(answer.remarks) == [
        "tgi 3.3.6 has another image in some regions: its row is left as it is",
        "the SDK does not have vllm 0.30.0: its row is left as it is",
    ]


def test_an_interpreter_is_run_and_its_answer_read(python: Callable[[str], Path]) -> None:
    """JSON on stdout, whatever it logs elsewhere."""
    said = answered()
    assert sagemaker_images.ask(python(f"echo log >&2; echo {shlex.quote(json.dumps(said))}")) == said


def test_the_arguments_are_the_engines_and_the_regions(python: Callable[[str], Path]) -> None:
    """Script, engines, regions."""
    said = sagemaker_images.ask(python('printf \'{"script": "%s", "wanted": %s, "regions": %s}\' "$1" "$2" "$3"'))
    assert isinstance(said, dict)
    assert said["script"].endswith("components/refresh/ask_sagemaker_sdk.py")
    assert said["wanted"] == {engine: list(name) for engine, name in wanted().items()}
    assert "eu-central-1" in said["regions"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "echo 'Traceback' >&2; echo \"No module named 'sagemaker'\" >&2; exit 1",
            "failed: No module named 'sagemaker'",
        ),
        ("exit 3", "failed: exit code 3"),
        ("echo '<html>'", "gave no usable answer"),
    ],
)
def test_an_interpreter_that_fails_is_one_line(python: Callable[[str], Path], line: str, message: str) -> None:
    """The last line of what it said, and no traceback."""
    with pytest.raises(RefreshError) as caught:
        sagemaker_images.ask(python(line))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_interpreter_is_told_with_what_to_do(tmp_path: Path) -> None:
    """`make test` makes one; another can be named."""
    with pytest.raises(RefreshError) as caught:
        sagemaker_images.ask(tmp_path / "python")
    assert str(caught.value) == (
        f"sagemaker SDK: no interpreter at {tmp_path}/python; `make test` makes one with the SDK, or name yours with "
        "--sdk-python"
    )


@pytest.mark.parametrize("said", [None, [], {}, {"versions": {}}])
def test_an_answer_without_images_is_refused(said: object) -> None:
    """What cannot be read changes nothing."""
    with pytest.raises(RefreshError, match="answered without images"):
        images_answer(said)
