"""KMS: a key remembers how often it is rotated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.kms.responses import KmsResponse

if TYPE_CHECKING:
    from moto.kms.models import Key, KmsBackend

_YEAR = 365


def keep_rotation_period_of_keys() -> None:
    enable, status = KmsResponse.enable_key_rotation, KmsResponse.get_key_rotation_status

    def enable_key_rotation(self: KmsResponse) -> str:
        answer = enable(self)
        vars(_key(self))["rotation_days"] = self._get_param("RotationPeriodInDays") or _YEAR
        return answer

    def get_key_rotation_status(self: KmsResponse) -> str:
        answer: dict[str, Any] = json.loads(status(self))
        if answer["KeyRotationEnabled"]:
            answer |= {"KeyId": _key(self).id, "RotationPeriodInDays": vars(_key(self)).get("rotation_days", _YEAR)}
        return json.dumps(answer)

    KmsResponse.enable_key_rotation = enable_key_rotation
    KmsResponse.get_key_rotation_status = get_key_rotation_status


def _key(response: KmsResponse) -> Key:
    backend: KmsBackend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]  # noqa: SLF001


PATCHES = (keep_rotation_period_of_keys,)
