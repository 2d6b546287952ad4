"""What is a function at the moment in which it is called?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda_simple.models import lambda_simple_backends

from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

_RETRIES = 2


@dataclass(frozen=True)
class Function:
    """A copy: what changes afterwards is for the next call."""

    name: str
    arn: str
    region: str
    handler: str
    runtime: str
    role: str
    memory_mb: int
    timeout_seconds: int
    environment: dict[str, str] = field(repr=False)
    code: bytes = field(repr=False)
    code_digest: str
    log_group: str
    is_throttled: bool
    """No concurrency is left to it: nobody can call it."""
    statements: tuple[dict[str, Any], ...]
    retries: int
    """Of an event that it fails on."""
    dead_letter: str
    """ARN of where such an event goes at last; empty: nowhere."""
    on_failure: str
    """ARN of what is told of it, with the error; empty: nobody."""
    address: str
    """Id of its URL; empty when it has none."""
    address_type: str


def function_named(name: str, region: str) -> Function | None:
    """Return a function by name or ARN."""
    try:
        found = lambda_simple_backends[ACCOUNT_ID][region].get_function(name, None)
    except UnknownFunctionException:
        return None
    return _copy(found, region)


def function_at(address: str, regions: set[str]) -> Function | None:
    """Return the function whose URL has this id."""
    return next((one for region in sorted(regions) for one in _all(region) if address and one.address == address), None)


def _all(region: str) -> Iterator[Function]:
    for found in lambda_simple_backends[ACCOUNT_ID][region].list_functions():
        yield _copy(found, region)


def _copy(found: Any, region: str) -> Function:
    configuration = found.get_configuration()
    events = found.event_invoke_config[0].config if found.event_invoke_config else {}
    destination = ((events.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    letter = (configuration.get("DeadLetterConfig") or {}).get("TargetArn")
    url = found.url_config.to_dict() if found.url_config else {}
    return Function(
        name=found.function_name,
        arn=configuration["FunctionArn"].removesuffix(":$LATEST"),
        region=region,
        handler=found.handler,
        runtime=found.run_time,
        role=found.role,
        memory_mb=found.memory_size,
        timeout_seconds=found.timeout,
        environment=dict(found.environment_vars or {}),
        code=found.code_bytes,
        code_digest=found.code_digest,
        log_group=configuration["LoggingConfig"]["LogGroup"],
        is_throttled=str(found.reserved_concurrency) == "0",
        statements=tuple(found.policy.statements),
        retries=events.get("MaximumRetryAttempts", _RETRIES),
        dead_letter=letter or "",
        on_failure=destination or "",
        address=url.get("FunctionUrl", "").removeprefix("https://").partition(".")[0],
        address_type=url.get("AuthType", ""),
    )
