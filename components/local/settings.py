"""What are the processes of a service told? Names of variables and hashes of keys, never a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.contracts import METRIC_NAMESPACE
from components.local.answers import HOST
from components.local.model_file import path_of

if TYPE_CHECKING:
    from pathlib import Path

    from components.plan.gateway import GatewayPlan, Template
    from components.plan.local.values import LocalPlan
    from components.plan.model import Plan

KEY_NAME = "local"
"""What logs and metrics call the one key of `local.key_env`."""


def engine_settings(plan: Plan, local: LocalPlan) -> str:
    """Return what `engine_server` reads, less the path of the file, which is known when it is here."""
    return _text(
        {
            "context": local.context_tokens,
            "model_name": plan.model.served_name,
            "port": local.engine_port,
            "sequences": local.sequences,
            "threads": local.threads,
        }
    )


def gateway_settings(plan: Plan, gateway: GatewayPlan, local: LocalPlan, *, key_sha256: str | None, root: Path) -> str:
    """Return the gateway's document, as `images/gateway/README.md` describes it."""
    limits = {
        "requests_per_minute": gateway.limits.requests_per_minute,
        "tokens_per_minute": gateway.limits.tokens_per_minute,
        "concurrency": gateway.limits.concurrency,
    }
    defaults = {name: value for name, value in limits.items() if value is not None}
    keys: dict[str, Any] = {
        **({"defaults": defaults} if defaults else {}),
        **({"file": str(path_of(local.keys_file, root))} if local.keys_file else {}),
    }
    asked = {
        "client_keys": _text({KEY_NAME: key_sha256}) if key_sha256 else None,
        "cors_origins": list(gateway.cors_origins),
        "drain_seconds": gateway.drain_seconds,
        "host": HOST,
        "keys": keys,
        "log_prompts": gateway.log_prompts,
        "max_request_seconds": gateway.max_request_seconds,
        "metrics_namespace": METRIC_NAMESPACE,
        "model_name": plan.model.served_name,
        "port": local.port,
        "service": plan.service,
        "stack": plan.stack,
        "templates": {name: _template(one) for name, one in gateway.templates.items()},
        "upstreams": [_upstream(plan, local)],
    }
    return _text({name: value for name, value in asked.items() if value})


def _upstream(plan: Plan, local: LocalPlan) -> dict[str, Any]:
    if local.engine == "llama_cpp":
        return {"name": "engine", "url": f"http://{HOST}:{local.engine_port}"}
    return {
        "name": "server",
        "url": local.url,
        "model": local.url_model or plan.model.id,
        **({"key": {"env": local.url_key_env}} if local.url_key_env else {}),
    }


def _template(one: Template) -> dict[str, Any]:
    given: dict[str, Any] = {"system_prefix": one.system, "defaults": dict(one.parameters)}
    return {name: value for name, value in given.items() if value}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
