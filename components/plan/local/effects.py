"""What each field of the spec changes on this machine."""

from __future__ import annotations

from components.plan.effects import IGNORED, NOTED, Effect
from components.plan.exemptions import EXEMPTION_EFFECTS
from components.spec.group import paths_of
from components.spec.service import ServiceSpec

_OF_OTHERS = {"ecs": "ECS", "sagemaker": "SageMaker", "runpod": "RunPod"}

HONOURED: dict[str, Effect] = {
    "name": Effect("service", "Folder of logs and settings; without `local.port`, the port."),
    "environment": Effect("environment", "`prod`: a model file of the Hub needs its revision."),
    "power": Effect("power", "`off`: the processes are stopped; the address stays the same."),
    "model.id": Effect("model.served_name", "The name that clients send as `model`, whatever answers."),
    "gateway.max_request": Effect("gateway.max_request_seconds", "Gateway's limit."),
    "gateway.requests_per_minute": Effect("gateway.limits.requests_per_minute", "Kept by the gateway."),
    "gateway.tokens_per_minute": Effect("gateway.limits.tokens_per_minute", "Kept by the gateway."),
    "gateway.concurrency": Effect("gateway.limits.concurrency", "Kept by the gateway."),
    "gateway.templates": Effect("gateway.templates", "Of the requests that name it."),
    "gateway.templates.system": Effect("gateway.templates", "Of the requests that name it."),
    "gateway.templates.parameters": Effect("gateway.templates", "Of the requests that name it."),
    "gateway.cors_origins": Effect("gateway.cors_origins", "Answers to browsers' preflights."),
    "gateway.log_prompts": Effect("gateway.log_prompts", "Into the gateway's log file; a warning."),
    **EXEMPTION_EFFECTS,
    "local.engine": Effect("local.engine", "llama.cpp as a process, or a server that runs already."),
    "local.url": Effect("local.url", "Where the gateway sends requests."),
    "local.url_model": Effect("local.url_model", "Written into each request's `model` on its way."),
    "local.url_key_env": Effect("local.url_key_env", "Read by the gateway when it starts."),
    "local.gguf": Effect("local.gguf", "The weights; another file restarts the engine."),
    "local.port": Effect("local.port", "Address of the service, and the next port of its engine."),
    "local.threads": Effect("local.threads", "Threads of llama.cpp."),
    "local.context": Effect("local.context_tokens", "Context of llama.cpp, for each of two requests at once."),
    "local.keys_file": Effect("local.keys_file", "Read by the gateway, again when it changes."),
    "local.key_env": Effect("local.key_env", "Its sha256 is the gateway's only key."),
}
"""The fields that this machine keeps."""

_UNUSED = Effect(NOTED, "Not used on this machine; noted.")


def _effect(path: str) -> Effect:
    if path in HONOURED:
        return HONOURED[path]
    other = _OF_OTHERS.get(path.partition(".")[0])
    return _UNUSED if other is None else Effect(IGNORED, f"Read on {other} alone.")


LOCAL_EFFECTS: dict[str, Effect] = {path: _effect(path) for path in paths_of(ServiceSpec)}
"""For each field of the spec; what is not honoured and not another target's is named in a note as it stands."""
