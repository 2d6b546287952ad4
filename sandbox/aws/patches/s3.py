"""S3: a bucket that is open over TLS alone is open here; the loopback interface stands for TLS."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.s3.models import FakeBucket

_OVER_PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


def open_buckets_over_tls() -> None:
    judge = FakeBucket.get_permission

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        if self.policy is None:
            return judge(self, action, resource)
        policy = json.loads(self.policy)
        statements = [one for one in policy["Statement"] if one.get("Condition") != _OVER_PLAIN_HTTP]
        text = json.dumps({**policy, "Statement": statements}).encode() if statements else None
        return judge(SimpleNamespace(policy=text), action, resource)  # type: ignore[arg-type] # all that it reads

    FakeBucket.get_permission = get_permission


PATCHES = (open_buckets_over_tls,)
