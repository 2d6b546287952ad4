"""Which environment has the process of a function? Lambda's, with the addresses of the sandbox where AWS would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.aws.functions.function import Function
    from sandbox.aws.functions.surroundings import Surroundings


def environment_of(
    function: Function, around: Surroundings, code: Path, access_key: str, log_stream: str
) -> dict[str, str]:
    """Return all of it: nothing of the sandbox's own environment gets into a function."""
    return {
        **function.environment,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": around.endpoint(),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_REGION": function.region,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_SESSION_TOKEN": "sandbox",
        "LAMBDA_TASK_ROOT": str(code),
        "LANG": "en_US.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        # Lambda's Python has no time zones of its own: a function brings them along.
        "PYTHONTZPATH": "",
        "RUNPOD_API_BASE_URL": around.runpod_url,
        "RUNPOD_ENDPOINT_BASE_URL": f"{around.runpod_url}/ai/v2",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
