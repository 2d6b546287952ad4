"""Which environment makes `pulumi`, `berth`, boto3, the AWS CLI and RunPod's SDK work on this checkout's sandbox?

Nothing but the tools' own variables, so that no product code needs to know of a sandbox.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.health import HOST
from sandbox.ports import VARIABLES, Ports
from sandbox.runpod.keys import FULL_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

STACK = "local"
PASSPHRASE = "berth-local"  # noqa: S105 - public on purpose; components.stack refuses it for any other stack
REGION = "us-east-1"
LOWEST_PORT, HIGHEST_PORT = 1024, 65535
# fmt: off
DROPPED = (
    "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "PYTHONDONTWRITEBYTECODE",
    "RUNPOD_API_KEY_SECRET_ARN", "RUNPOD_AI_API_KEY", "RUNPOD_BASE_URL", "RUNPOD_GRAPHQL_URL", "RUNPOD_REST_API_URL",
    "RUNPOD_REST_V2_API_URL",
)
# fmt: on
"""Variables of a real account, or of this shell, that would get in the way."""


def ports(environment: Mapping[str, str] = os.environ) -> Ports:
    """Ports of the local AWS, the provider and the local RunPod; the others follow the first unless chosen too.

    Raises:
        SandboxError: a chosen port is not a number from 1024 to 65535.
    """
    first, second, third = VARIABLES
    port = _port(environment, first, Ports().aws)
    return Ports(port, _port(environment, second, port + 1), _port(environment, third, port + 2))


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    chosen = environment.get(variable) or str(default)
    if not chosen.isdecimal() or not LOWEST_PORT <= int(chosen) <= HIGHEST_PORT:
        raise SandboxError(
            f"{variable}: {chosen!r} is not a port from {LOWEST_PORT} to {HIGHEST_PORT}; correct or unset it"
        )
    return int(chosen)


def pulumi_folder(root: Path) -> Path | None:
    """Folder of the CLI that the set-up chose, None before any set-up."""
    recorded = root / ".tools" / "pulumi-folder"
    return Path(recorded.read_text()) if recorded.is_file() else None


def variables(root: Path, ports: Ports, path: str) -> dict[str, str]:
    """Name and value of every variable to set, in a fixed order; `path` is the caller's PATH."""
    folders = [str(root / ".venv" / "bin")]
    if folder := pulumi_folder(root):
        folders.insert(0, str(folder))
    kept = [entry for entry in path.split(os.pathsep) if entry and entry not in folders]
    settings = {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{ports.aws}",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "BERTH_SANDBOX_PORT": str(ports.aws),
        # A proxy that this shell may have does not lead back to this machine.
        "NO_PROXY": _with_loopback("NO_PROXY"),
        "no_proxy": _with_loopback("no_proxy"),
        "PATH": os.pathsep.join([*folders, *kept]),
        "PULUMI_BACKEND_URL": f"file://{root / '.berth' / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(root / ".berth" / "pulumi-home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "RUNPOD_API_BASE_URL": f"http://{HOST}:{ports.runpod}",
        "RUNPOD_API_KEY": FULL_KEY,
        "RUNPOD_ENDPOINT_BASE_URL": f"http://{HOST}:{ports.runpod}/ai/v2",
    }
    if os.environ.get("SANDBOX_AWS_PROVIDER") == "official":
        # The official plugin asks S3 Control under a host name that only a proxy can lead here.
        settings |= {"HTTP_PROXY": f"http://{HOST}:{ports.aws}", "AWS_MAX_ATTEMPTS": "3"}
    else:
        settings["PULUMI_DEBUG_PROVIDERS"] = f"aws:{ports.provider}"
    return settings


def _with_loopback(variable: str) -> str:
    hosts = [host for host in os.environ.get(variable, "").split(",") if host]
    return ",".join([*hosts, *(host for host in ("127.0.0.1", "localhost") if host not in hosts)])


def process_environment(root: Path, ports: Ports) -> dict[str, str]:
    """The caller's environment with those variables, for a child process."""
    inherited = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return inherited | variables(root, ports, inherited.get("PATH", ""))


def shell_lines(root: Path, ports: Ports) -> str:
    """The same as lines for `eval` in a POSIX shell."""
    lines = [f"unset {' '.join(DROPPED)}"]
    for name, value in variables(root, ports, os.environ.get("PATH", "")).items():
        lines.append(f"export {name}={shlex.quote(value)}")
    return "\n".join(lines)
