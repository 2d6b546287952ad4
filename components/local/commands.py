"""Which program is each process, and what of the environment may it see?"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENGINE, GATEWAY = "engine", "gateway"
_CHECKOUT = Path(__file__).resolve().parents[2]
_GATEWAY_SOURCE = _CHECKOUT / "images" / "gateway" / "src"
_PASSED_ON = (
    "PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""Not the rest: credentials and the passphrase of whoever runs Pulumi are none of a process's business."""


def command_of(role: str, settings: Path) -> list[str]:
    """Return the command line of a process; nothing in it but paths."""
    if role == ENGINE:
        return [sys.executable, "-m", "components.local.engine_server", str(settings)]
    if not _GATEWAY_SOURCE.is_dir():
        raise LocalError(f"{_GATEWAY_SOURCE}: the gateway is not here; run Pulumi with the environment of a checkout")
    return [sys.executable, "-m", "gateway"]


def environment_of(
    role: str, settings: Path, variables: Sequence[str], given: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment of a process, with the variables that its settings name; raises LocalError without one."""
    missing = [name for name in variables if not given.get(name)]
    if missing:
        raise LocalError(f"{', '.join(missing)}: is not set; export the key that the spec names by it")
    source = _CHECKOUT if role == ENGINE else _GATEWAY_SOURCE
    return {
        **{name: given[name] for name in (*_PASSED_ON, *variables) if name in given},
        "PYTHONPATH": str(source),
        "PYTHONUNBUFFERED": "1",
        **({"BERTH_CONFIG_FILE": str(settings)} if role == GATEWAY else {}),
    }
