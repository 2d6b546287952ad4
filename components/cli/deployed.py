"""Which services has a stack deployed, and what did each of them tell about itself?"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from components.errors import DeployedError

PULUMI_SECONDS = 120


def services(stack: str | None) -> dict[str, dict[str, Any]]:
    """Return the outputs of a stack's services by name; of the stack that is selected when None is given.

    Raises:
        DeployedError: there is no Pulumi CLI, it refuses, or nothing is deployed.
    """
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise DeployedError('no pulumi on PATH; install it, or run `eval "$(make -s env)"` in a checkout of Berth')
    command = [pulumi, "stack", "output", "--json", "--non-interactive", *(["--stack", stack] if stack else [])]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PULUMI_SECONDS)
    except subprocess.TimeoutExpired:
        raise DeployedError(f"`{' '.join(command[1:])}` did not answer within {PULUMI_SECONDS} s; try again") from None
    if result.returncode:
        raise DeployedError(f"`{' '.join(command[1:])}`: {result.stderr.strip().removeprefix('error: ')}")
    found = json.loads(result.stdout).get("services")
    if not found:
        raise DeployedError(f"stack {stack or '(selected)'} has no services deployed; run `pulumi up`")
    return found
