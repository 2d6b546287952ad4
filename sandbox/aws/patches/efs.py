"""EFS: throughput, backup, protection and policy of a file system can be changed."""

from __future__ import annotations

import json
from typing import Any

from moto.efs import urls
from moto.efs.exceptions import FileSystemNotFound
from moto.efs.models import EFSBackend, FileSystem
from moto.efs.responses import EFSResponse

_JSON = {"Content-Type": "application/json"}


def update_file_systems() -> None:
    def update_file_system(self: EFSResponse) -> Any:
        file_system = _file_system(self)
        file_system.throughput_mode = self._get_param("ThroughputMode") or file_system.throughput_mode
        rate = self._get_param("ProvisionedThroughputInMibps")
        file_system.provisioned_throughput_in_mibps = rate if file_system.throughput_mode == "provisioned" else None  # type: ignore[assignment]
        return json.dumps(file_system.info_json()), _JSON | {"status": 202}

    EFSResponse.update_file_system = update_file_system  # type: ignore[attr-defined]


def protect_file_systems() -> None:
    def update_file_system_protection(self: EFSResponse) -> Any:
        protection = {"ReplicationOverwriteProtection": self._get_param("ReplicationOverwriteProtection") or "ENABLED"}
        _file_system(self).file_system_protection = protection  # type: ignore[attr-defined]
        return json.dumps(protection), _JSON

    create = FileSystem.__init__

    def initialise(self: FileSystem, *args: Any, **kwargs: Any) -> None:
        create(self, *args, **kwargs)
        self.file_system_protection = {"ReplicationOverwriteProtection": "ENABLED"}  # type: ignore[attr-defined]

    urls.url_paths["/2015-02-01/file-systems/<file_system_id>/protection"] = urls.response.dispatch
    FileSystem.__init__ = initialise
    EFSResponse.update_file_system_protection = update_file_system_protection  # type: ignore[attr-defined]


def put_backup_policies() -> None:
    def put_backup_policy(self: EFSResponse) -> Any:
        policy = self._get_param("BackupPolicy")
        _file_system(self)._backup = policy["Status"] in {"ENABLED", "ENABLING"}  # noqa: SLF001
        return json.dumps({"BackupPolicy": policy}), _JSON

    EFSResponse.put_backup_policy = put_backup_policy  # type: ignore[attr-defined]


def report_disabled_backups() -> None:
    def describe_backup_policy(self: EFSBackend, file_system_id: str) -> dict[str, str]:
        if file_system_id not in self.file_systems_by_id:
            raise FileSystemNotFound(file_system_id)
        return self.file_systems_by_id[file_system_id].backup_policy or {"Status": "DISABLED"}

    EFSBackend.describe_backup_policy = describe_backup_policy


def delete_policies() -> None:
    def delete_file_system_policy(self: EFSResponse) -> Any:
        _file_system(self).file_system_policy = None
        return "{}", _JSON

    EFSResponse.delete_file_system_policy = delete_file_system_policy  # type: ignore[attr-defined]


def _file_system(response: EFSResponse) -> FileSystem:
    file_system_id = response._get_param("FileSystemId")  # noqa: SLF001
    try:
        return response.efs_backend.file_systems_by_id[file_system_id]
    except KeyError:
        raise FileSystemNotFound(file_system_id) from None


PATCHES = (update_file_systems, protect_file_systems, put_backup_policies, report_disabled_backups, delete_policies)
