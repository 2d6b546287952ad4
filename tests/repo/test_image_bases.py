"""The bases of a release are digests that somebody looked up; the program says what is missing and how to get it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IMAGES = Path(__file__).resolve().parents[2] / "images"
DIGEST = "sha256:" + "0a" * 32
PYTHON = "docker.io/library/python:3.12-slim-trixie"


def bases(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program as the README says, with the bare Python that it promises to need."""
    command = [sys.executable, "-I", "-S", IMAGES / "bases.py", *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_a_build_of_ones_own_starts_from_the_tag() -> None:
    """The command can be pasted; a placeholder is no digest and is left out."""
    done = bases("gateway")
    assert done.returncode == 0
    assert done.stdout == (
        f"docker buildx build --file images/gateway/Dockerfile --tag berth/gateway --build-arg PYTHON_IMAGE={PYTHON} "
        "images/gateway\n"
    )


def test_the_workers_context_holds_the_gateway_too() -> None:
    """Its Dockerfile copies from two other folders."""
    assert bases("runpod_worker").stdout.endswith(" images\n")


def test_a_release_from_a_placeholder_is_refused_with_the_command_that_finds_the_digest() -> None:
    """Nothing invents one."""
    done = bases("gateway", "--release")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"PYTHON_IMAGE: {PYTHON}@sha256:PLACEHOLDER names no digest, which a release needs; read it with\n"
        f"  docker buildx imagetools inspect {PYTHON} --format '{{{{.Manifest.Digest}}}}'\n"
        f"and write {PYTHON}@sha256:... into images/bases.env, or into the variable PYTHON_IMAGE\n"
    )


@pytest.mark.parametrize(
    "reference", ["python:3.12", "python:3.12@sha256:abc", f"python:3.12@{DIGEST}0", "a b@" + DIGEST]
)
def test_what_is_no_digest_is_refused(reference: str) -> None:
    """Neither a tag nor a digest that was cut or has a slip in it."""
    assert bases("gateway", "--release", PYTHON_IMAGE=reference).returncode == 1


def test_a_release_from_a_digest_hands_it_to_the_build() -> None:
    """A line for each argument, as a workflow's build step takes them; the Dockerfile checks again."""
    done = bases("weight_cache", "--release", "--build-args", PYTHON_IMAGE=f"{PYTHON}@{DIGEST}")
    assert (done.returncode, done.stdout) == (0, f"PYTHON_IMAGE={PYTHON}@{DIGEST}\nBERTH_RELEASE=1\n")


def test_an_image_that_is_not_here_is_refused() -> None:
    """The message names those that are."""
    done = bases("engine")
    assert done.returncode == 2
    assert "gateway" in done.stderr
