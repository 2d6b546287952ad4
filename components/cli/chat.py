"""How is a deployed service asked one question, in the way of its target, with the key of this environment?"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from components.cli.completion import Answer, parsed, reason_of, text_of
from components.errors import DeployedError
from components.runpod.origins import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ECS_KEY = "BERTH_API_KEY"
AWS_ENDPOINT = "AWS_ENDPOINT_URL"
_CONNECT_SECONDS = 10
_MOST_TOKENS = 32
_OK = 200


def nobody_listens(outputs: Mapping[str, Any]) -> str | None:
    """Return why there is nobody to ask: AWS is one on this machine, which has load balancers by their names alone."""
    aws = os.environ.get(AWS_ENDPOINT, "")
    is_elsewhere = not is_loopback(urlsplit(outputs.get("openai_base_url", "")).hostname)
    is_balanced = outputs["target"] == "ecs" or "front" in outputs
    if is_balanced and is_elsewhere and is_loopback(urlsplit(aws).hostname):
        return f"{AWS_ENDPOINT} is {aws}, and an AWS on this machine runs no tasks: nothing listens at its addresses"
    return None


def ask(outputs: Mapping[str, Any], prompt: str, seconds: float) -> Answer:
    """Ask for one chat completion; raises BerthError when there is none within `seconds`."""
    body = {
        "model": outputs["model_name"],
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": _MOST_TOKENS,
    }
    return _ASK["ecs" if "front" in outputs else outputs["target"]](outputs, body, seconds)


def ask_runpod(outputs: Mapping[str, Any], body: Mapping[str, Any], seconds: float) -> Answer:
    """Run one job on the endpoint, or ask a worker through the load balancer."""
    from components.cli import runpod_balancer, runpod_job  # noqa: PLC0415 - of this target alone

    # A stack of an older version has queues alone, and does not say so.
    if outputs.get("mode") == "load_balancer":
        return runpod_balancer.ask_balancer(outputs, body, seconds)
    return runpod_job.ask_runpod(outputs, body, seconds)


def ask_sagemaker(outputs: Mapping[str, Any], body: Mapping[str, Any], seconds: float) -> Answer:
    """Invoke the endpoint with the caller's AWS credentials."""
    import boto3  # noqa: PLC0415 - of this target alone
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    place = f"{outputs['region']}: SageMaker endpoint {outputs['endpoint_name']}"
    try:
        client = boto3.client(
            "sagemaker-runtime",
            region_name=outputs["region"],
            config=Config(read_timeout=seconds, retries={"max_attempts": 0}),
        )
        content = client.invoke_endpoint(
            EndpointName=outputs["endpoint_name"], ContentType="application/json", Body=json.dumps(body)
        )["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise DeployedError(f"{place}: {error}") from None
    return Answer(text_of(parsed(content), place))


def ask_ecs(outputs: Mapping[str, Any], body: Mapping[str, Any], seconds: float) -> Answer:
    """Post to the service's own OpenAI route, where this machine can reach it."""
    import urllib3  # noqa: PLC0415 - of this target alone

    place = outputs["openai_base_url"]
    headers = {"Content-Type": "application/json"}
    if outputs["auth"]["scheme"] == "bearer":
        variable = outputs["auth"].get("variable", ECS_KEY)
        key = os.environ.get(variable, "").strip()
        if not key:
            secret = outputs["auth"].get("secret", "of the service")
            raise DeployedError(f"{place}: {variable} is not set; export one of the client keys in secret {secret}")
        headers["Authorization"] = f"Bearer {key}"
    try:
        response = urllib3.request(
            "POST",
            f"{place}/chat/completions",
            body=json.dumps(body).encode(),
            headers=headers,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds),
        )
    except urllib3.exceptions.HTTPError as error:
        raise DeployedError(
            f"{place}: cannot be reached from here ({type(error).__name__}); "
            "an internal service answers inside its VPC alone"
        ) from None
    if response.status != _OK:
        raise DeployedError(f"{place}: answered {response.status}: {reason_of(parsed(response.data))}")
    return Answer(text_of(parsed(response.data), place))


_ASK: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], float], Answer]] = {
    "ecs": ask_ecs,
    "sagemaker": ask_sagemaker,
    "runpod": ask_runpod,
    # The same gateway at another address.
    "local": ask_ecs,
}
