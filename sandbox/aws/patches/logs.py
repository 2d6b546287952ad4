"""CloudWatch Logs: groups keep their class, and their key can be changed."""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from sandbox.aws.errors import AwsError


def keep_class_of_groups() -> None:
    create, describe = LogsResponse.create_log_group, LogGroup.to_describe_dict

    def create_log_group(self: LogsResponse) -> str:
        answer = create(self)
        _group(self).log_group_class = self._get_param("logGroupClass") or "STANDARD"  # type: ignore[attr-defined]
        return answer

    def to_describe_dict(self: LogGroup) -> dict[str, Any]:
        return describe(self) | {"logGroupClass": getattr(self, "log_group_class", "STANDARD")}

    LogsResponse.create_log_group = create_log_group
    LogGroup.to_describe_dict = to_describe_dict


def change_key_of_groups() -> None:
    def associate_kms_key(self: LogsResponse) -> str:
        _group(self).kms_key_id = self._get_param("kmsKeyId")
        return ""

    LogsResponse.associate_kms_key = LogsResponse.disassociate_kms_key = associate_kms_key  # type: ignore[attr-defined]


def _group(response: LogsResponse) -> LogGroup:
    name = response._get_param("logGroupName")  # noqa: SLF001
    try:
        return response.logs_backend.groups[name]
    except KeyError:
        raise AwsError("ResourceNotFoundException", f"The specified log group does not exist: {name}") from None


PATCHES = (keep_class_of_groups, change_key_of_groups)
