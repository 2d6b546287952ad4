"""Which resource types does the sandbox know?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.provider.services import ENTRIES

if TYPE_CHECKING:
    from sandbox.provider.resource import Resource

RESOURCES: dict[str, Resource] = {entry.type_name: entry for entry in ENTRIES}
