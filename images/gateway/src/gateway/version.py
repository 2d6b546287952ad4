"""Which version of the gateway is this?"""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """As installed; `from source` where the package is not, as in a checkout."""
    try:
        return metadata.version("berth-gateway")
    except metadata.PackageNotFoundError:
        return "from source"
