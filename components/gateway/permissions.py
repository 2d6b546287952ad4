"""Which rights does the role of a gateway's task have, and nothing more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.statements import Statement, read_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.account import Account
    from components.gateway.secrets import GatewaySecrets
    from components.gateway.upstream import Upstream


def gateway(
    account: Account,
    *,
    clusters: str,
    secrets: GatewaySecrets,
    table: str | None,
    upstreams: Iterable[Upstream] = (),
) -> list[Statement]:
    """Let a gateway look for new keys, lease budgets, call what is behind it, and stay while it streams.

    `clusters` is a name or a pattern of names, `table` the name of the table of budgets.
    """
    keys = [secrets.client_keys] if secrets.client_keys else []
    return [
        *read_secrets(account, keys, sid="ClientKeys"),
        *([lease_budgets(account, table)] if table else []),
        *(statement for one in upstreams for statement in one.statements),
        {
            "Sid": "StayWhileStreaming",
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": account.arn("ecs", f"task/{clusters}/*"),
        },
    ]


def lease_budgets(account: Account, table: str) -> Statement:
    """Let a gateway take parts of a key's budget, and give them back; reading is part of neither."""
    return {
        "Sid": "LeaseBudgets",
        "Effect": "Allow",
        "Action": "dynamodb:UpdateItem",
        "Resource": account.arn("dynamodb", f"table/{table}"),
    }
