"""What does the file of a stack say, read without Pulumi?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem, StackError, did_you_mean
from components.spec.document import read_document

if TYPE_CHECKING:
    from pathlib import Path

    from components.stack import StackConfig

_PREFIX = "berth:"


def read_stack(directory: Path, stack: str) -> tuple[StackConfig, str]:
    """Return the `berth:` settings of `Pulumi.<stack>.yaml` and its region; `StackError` with every problem.

    Images are placeholders: what is asked here is deployed by nobody.
    """
    from components.plan import UNBUILT  # noqa: PLC0415 - only when a stack is named
    from components.stack import LOCAL_REGION, Images, StackConfig  # noqa: PLC0415

    file = directory / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        there = sorted(path.name.split(".")[1] for path in directory.glob("Pulumi.*.yaml"))
        fix = did_you_mean(stack, there) if there else "run this in a checkout, or name its folder with --directory"
        raise StackError([Problem("--stack", stack, f"has no file {file}", fix)])
    settings = read_document(file).get("config") or {}
    raw = {key.removeprefix(_PREFIX): value for key, value in settings.items() if key.startswith(_PREFIX)}
    unbuilt = {
        "gateway": UNBUILT.gateway,
        "weight_cache": UNBUILT.weight_cache,
        "runpod_worker": UNBUILT.runpod_worker,
    }
    config = StackConfig.parse({**raw, "images": unbuilt}, stack=stack, directory=directory)
    region = settings.get("aws:region") or (None if config.needs_region else LOCAL_REGION)
    if not isinstance(region, str):
        fix = f"pulumi config set --stack {stack} aws:region us-east-1"
        raise StackError([Problem(f"{file}: aws:region", "", "is missing", fix)])
    return config.model_copy(update={"images": Images(**unbuilt)}), region
