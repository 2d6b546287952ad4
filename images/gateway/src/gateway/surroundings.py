"""Is what the configuration names really there? Looked at once, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.access.sources import MountedKeys
from gateway.checks.function import imported
from gateway.key_document import KeysError
from gateway.keys import ClientKeys
from gateway.money.priced import check_priced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.settings import GatewayConfig


def region_of(config: GatewayConfig, environment: Mapping[str, str]) -> str:
    """The AWS region of what has none of its own; empty where nobody says."""
    return config.region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ""


def missing(config: GatewayConfig, environment: Mapping[str, str]) -> list[str]:
    """What is not there or cannot be used, with the setting that names it."""
    return [*_secrets(config, environment), *_keys(config), *_checks(config), *_region(config, environment)]


def _secrets(config: GatewayConfig, environment: Mapping[str, str]) -> list[str]:
    sources = [
        (f"upstreams[{number}].{field}", secret)
        for number, upstream in enumerate(config.upstreams)
        for field, secret in upstream.secrets()
    ]
    for name, check in (("input", config.checks.input), ("output", config.checks.output)):
        if check is not None and check.key is not None:
            sources.append((f"checks.{name}.key", check.key))
    problems: list[str] = []
    for place, secret in sources:
        try:
            secret.open(environment)
        except LookupError as error:
            problems.append(f"{place}: {error}; put the secret there")
    return problems


def _keys(config: GatewayConfig) -> list[str]:
    place, keys = "client_keys", config.client_keys
    try:
        if config.keys.file is not None:
            place = "keys.file"
            keys = ClientKeys.parse(MountedKeys(Path(config.keys.file)).read() or "")
        if keys is not None:
            check_priced(keys.with_defaults(config.keys.defaults), config)
        elif config.keys.defaults.usd_per_month is not None:
            place = "keys.defaults"
            check_priced(None, config)
    except KeysError as error:
        return [f"{place}: {error}"]
    return []


def _checks(config: GatewayConfig) -> list[str]:
    problems: list[str] = []
    for name, check in (("input", config.checks.input), ("output", config.checks.output)):
        if check is not None and check.function is not None:
            try:
                imported(check.function)
            except LookupError as error:
                problems.append(f"checks.{name}.function: {error}; put the module on PYTHONPATH")
    return problems


def _region(config: GatewayConfig, environment: Mapping[str, str]) -> list[str]:
    if region_of(config, environment):
        return []
    document = config.sleep.document if config.sleep else None
    users = {
        "keys.secret": config.keys.secret is not None,
        "budget.table": config.budget.table is not None,
        "sleep.document.parameter": document is not None and document.parameter is not None,
    }
    return [f"region: not set, and {name} needs it; set it or AWS_REGION" for name, used in users.items() if used]
