"""Does the provider that is installed know the machine image that an endpoint needs?

The provider takes only the names that it was built with: those of service/sagemaker in the AWS SDK for Go, which has
had `al2023-ami-sagemaker-inference-gpu-4-1` since v1.234.0 (2026-03-03; v1.233.1 of 2026-02-23 has not). So
terraform-provider-aws 6.34 refuses it (tried), and 6.46 of 2026-05, which is pulumi-aws 7.31, was built with it.
Leaving the name out instead would start a driver that cannot carry CUDA 13: the endpoint hangs in Creating, logless.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Plan

_KNOWN_SINCE: Mapping[str, tuple[int, int]] = {"al2023-ami-sagemaker-inference-gpu-4-1": (7, 31)}
"""Releases of pulumi-aws; names that are not here are known to all that Berth can be installed with."""


def check_machine_images(plan: Plan, version: str | None = None) -> None:
    """Raise StackError when `version` of pulumi-aws, the installed one, would refuse a machine image of the plan."""
    if plan.sagemaker is None:
        return
    installed = version or installed_version("pulumi_aws")
    have = tuple(int(part) for part in installed.split(".")[:2])
    images = dict.fromkeys(one.inference_ami_version or "" for one in plan.sagemaker.alternatives)
    problems = [
        Problem(
            f"{plan.service}: sagemaker.inference_ami",
            image,
            f"is not known to pulumi-aws {installed}, and without it the engine's CUDA has no driver",
            f"install pulumi-aws {'.'.join(map(str, _KNOWN_SINCE[image]))} or newer",
        )
        for image in images
        if image in _KNOWN_SINCE and have < _KNOWN_SINCE[image]
    ]
    if problems:
        raise StackError(problems)
