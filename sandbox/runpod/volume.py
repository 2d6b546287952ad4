"""A network volume: storage in one data center that only grows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Volume:
    id: str
    name: str
    size_gb: int
    data_center: str
    type: str

    def to_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "size": self.size_gb,
            "dataCenter": self.data_center,
            "type": self.type,
        }

    def to_record(self) -> dict[str, Any]:
        """As it is kept on the disk; `Volume(**record)` reads it back."""
        return asdict(self)
