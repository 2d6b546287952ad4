"""What does every container definition have: sorted variables, references to secrets, and a log that never blocks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.contracts import log_group_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.plan.model import Plan

Container = dict[str, Any]


def container_definition(
    plan: Plan,
    name: str,
    *,
    image: str,
    environment: Mapping[str, str | None],
    secrets: Mapping[str, str] | None = None,
    **settings: Any,
) -> Container:
    """Return one container; absent values are left out, and `secrets` are ARNs by variable."""
    definition: Container = {
        "name": name,
        "image": image,
        "environment": [{"name": key, "value": value} for key, value in sorted(environment.items()) if value],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group_name(plan.stack, plan.service, name),
                "awslogs-region": plan.region,
                "awslogs-stream-prefix": name,
                # A full buffer in blocking mode stalls the process that logs.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
        **settings,
    }
    if secrets:
        definition["secrets"] = [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)]
    return definition


def http_check(port: int, path: str) -> list[str]:
    """Return the command with which a container asks itself how it is."""
    # No image promises curl; all have Python. urlopen raises on 4xx and 5xx.
    script = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}{path}', timeout=5)"
    return ["CMD", "python3", "-c", script]
