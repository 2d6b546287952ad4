"""Which base images does a build start from, and is each of them pinned? Run it with a bare Python.

`bases.py gateway` prints the `docker buildx build` that builds an image from its tags; `--release` asks for digests.
`bases.py gateway --release --build-args` prints what a workflow hands to its build step, a line each.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGES = Path(__file__).resolve().parent
BASES = "bases.env"
# The folder that COPY starts from, below this one.
CONTEXTS = {"gateway": "gateway", "weight_cache": "weight_cache", "runpod_worker": "."}
FROM = re.compile(r"^FROM\s+\$\{(?P<argument>[A-Z_]+)\}", re.MULTILINE)
PINNED = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")


class NotPinnedError(Exception):
    """A base has no digest; `str()` has a line for each, with how to get it."""


def base_images(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the reference of every base by the name of its build argument."""
    lines = (line.strip() for line in (folder / BASES).read_text(encoding="utf-8").splitlines())
    written = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: environment.get(name) or reference for name, reference in written.items()}


def build_arguments(folder: Path, image: str, environment: Mapping[str, str], *, release: bool) -> dict[str, str]:
    """Return the build arguments of an image.

    Raises:
        NotPinnedError: for a release, when a base is not named by its digest.
    """
    bases = base_images(folder, environment)
    names = dict.fromkeys(FROM.findall((folder / image / "Dockerfile").read_text(encoding="utf-8")))
    if not release:
        return {name: _tag(bases[name]) for name in names}
    problems = [_advice(name, bases[name]) for name in names if not PINNED.fullmatch(bases[name])]
    if problems:
        raise NotPinnedError("\n".join(problems))
    return {**{name: bases[name] for name in names}, "BERTH_RELEASE": "1"}


def build_command(image: str, arguments: Mapping[str, str]) -> list[str]:
    """Return what builds an image, from the root of the repository."""
    command = ["docker", "buildx", "build", "--file", f"images/{image}/Dockerfile", "--tag", f"berth/{image}"]
    for name, value in arguments.items():
        command += ["--build-arg", f"{name}={value}"]
    return [*command, str(Path("images") / CONTEXTS[image])]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", choices=CONTEXTS)
    parser.add_argument("--release", action="store_true", help="refuse bases without a digest")
    parser.add_argument("--build-args", action="store_true", help="print the arguments alone, a line each")
    asked = parser.parse_args(arguments)
    try:
        found = build_arguments(IMAGES, asked.image, os.environ, release=asked.release)
    except NotPinnedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if asked.build_args:
        sys.stdout.writelines(f"{name}={value}\n" for name, value in found.items())
    else:
        sys.stdout.write(shlex.join(build_command(asked.image, found)) + "\n")
    return 0


def _tag(reference: str) -> str:
    """Return a reference without a digest that is none; one that is stays."""
    return reference if PINNED.fullmatch(reference) else reference.partition("@")[0]


def _advice(name: str, reference: str) -> str:
    tag = reference.partition("@")[0]
    return (
        f"{name}: {reference} names no digest, which a release needs; read it with\n"
        f"  docker buildx imagetools inspect {tag} --format '{{{{.Manifest.Digest}}}}'\n"
        f"and write {tag}@sha256:... into images/{BASES}, or into the variable {name}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
