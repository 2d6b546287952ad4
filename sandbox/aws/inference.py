"""What does an endpoint of SageMaker answer? The scripted engine's words, whole or as an event stream of AWS.

The rules have refused by now what reaches no endpoint. A refusal of the engine is a ModelError, as that of a container.
"""

from __future__ import annotations

import json
import struct
import time
import uuid
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.sagemaker.models import sagemaker_backends

from sandbox.aws.errors import Answer
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.engine.openai_script import Engine, answer
from sandbox.engine.words import WordsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.aws.call import Call

STREAMED = "InvokeEndpointWithResponseStream"
OPERATIONS = frozenset({("sagemaker-runtime", "InvokeEndpoint"), ("sagemaker-runtime", STREAMED)})
_MODEL_ERROR_STATUS = 424
_FIRST_SERVER_ERROR = 500
# Odd on purpose: parts of a real stream end anywhere, and a client has to put its lines together.
_PART_BYTES = 61
_TEXT = 7  # the type of a header of an event whose value is text


@dataclass(frozen=True)
class _Served:
    """What the container sent."""

    variant: str
    content_type: str
    body: bytes


def invoke(call: Call) -> Answer:
    """The answer of the endpoint that a call invokes."""
    try:
        served = _serve(call)
    except WordsError as error:
        return _model_error(call, error)
    variant = {"x-amzn-invoked-production-variant": served.variant}
    if call.operation != STREAMED:
        return Answer(200, {"content-type": served.content_type, **variant}, served.body)
    headers = {
        "content-type": "application/vnd.amazon.eventstream",
        "x-amzn-sagemaker-content-type": served.content_type,
        **variant,
    }
    return Answer(200, headers, b"".join(_event(part) for part in _parts(served.body)))


def _serve(call: Call) -> _Served:
    backend = sagemaker_backends[ACCOUNT_ID][call.region]
    endpoint = backend.endpoints[call.params["EndpointName"]]
    variant = call.params.get("TargetVariant") or endpoint.production_variants[0]["VariantName"]
    body = _request(call)
    route = "/v1/chat/completions" if "messages" in body else "/v1/completions"
    parts = answer(
        _engine(backend, endpoint.endpoint_config_name, variant), route, body, uuid.uuid4().hex, int(time.time())
    )
    if body.get("stream"):
        return _Served(variant, "text/event-stream", "".join(parts).encode())
    return _Served(variant, "application/json", json.dumps(parts[0]).encode())


def _request(call: Call) -> dict[str, Any]:
    content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise WordsError(415, f"ContentType is {content_type or 'not given'}, only application/json is read")
    try:
        body = json.loads(call.body)
    except ValueError:
        raise WordsError(400, "the request body is not valid JSON") from None
    if not isinstance(body, dict) or not {"messages", "prompt"} & body.keys():
        raise WordsError(422, "the sandbox answers OpenAI's bodies alone: messages for a chat, prompt for a completion")
    return body


def _engine(backend: Any, configuration: str, variant: str) -> Engine:
    """The engine that the container starts, by its environment; a model that was deleted since left none."""
    found = backend.endpoint_configs.get(configuration)
    variants = found.production_variants if found else []
    name = next((one.get("ModelName") for one in variants if one["VariantName"] == variant), None)
    # moto has no other way to a model that does not raise.
    model = backend._models.get(name)  # noqa: SLF001
    containers = [model.primary_container, *model.containers] if model else []
    environment = next((one["Environment"] for one in containers if one.get("Environment")), {})
    return engine_of(environment)


def engine_of(environment: Mapping[str, str]) -> Engine:
    """The engine of AWS's vLLM image, or of TGI, by its environment.

    >>> engine_of({"HF_MODEL_ID": "/opt/ml/model", "MAX_TOTAL_TOKENS": "8192"})
    Engine(model='/opt/ml/model', context=8192, any_name=True)
    """
    is_vllm = any(name.startswith("SM_VLLM_") for name in environment)
    model = (
        environment.get("SM_VLLM_SERVED_MODEL_NAME")
        or environment.get("SM_VLLM_MODEL")
        or environment.get("HF_MODEL_ID")
        or "model"
    )
    length = environment.get("SM_VLLM_MAX_MODEL_LEN" if is_vllm else "MAX_TOTAL_TOKENS", "")
    return Engine(model, int(length) if length.isdecimal() else None, any_name=not is_vllm)


def _model_error(call: Call, error: WordsError) -> Answer:
    """AWS's words around those of the container."""
    original = json.dumps(error.to_json())
    name, region = call.params["EndpointName"], call.region
    whose = "server" if error.status >= _FIRST_SERVER_ERROR else "client"
    logs = (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logEventViewer:group=/aws/sagemaker/Endpoints/{name}"
    )
    document = {
        "Message": f'Received {whose} error ({error.status}) from primary with message "{original}". See {logs} in'
        f" account {ACCOUNT_ID} for more information.",
        "OriginalStatusCode": error.status,
        "OriginalMessage": original,
        "LogStreamArn": f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:/aws/sagemaker/Endpoints/{name}",
    }
    headers = {"content-type": "application/json", "x-amzn-errortype": "ModelError"}
    return Answer(_MODEL_ERROR_STATUS, headers, json.dumps(document).encode())


def _parts(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _PART_BYTES):
        yield body[start : start + _PART_BYTES]


def _event(payload: bytes) -> bytes:
    """One PayloadPart as AWS frames events: lengths, their checksum, headers, payload, the checksum of all."""
    headers = b"".join(
        _header(name, value)
        for name, value in (
            (":event-type", "PayloadPart"),
            (":content-type", "application/octet-stream"),
            (":message-type", "event"),
        )
    )
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([_TEXT]) + struct.pack(">H", len(value)) + value.encode()
