"""Changes of single fields as RunPod takes them: where the example of all targets does not fit, and its own block."""

from __future__ import annotations

from typing import Any

VOLUME: dict[str, Any] = {"size": "50GB", "data_center": "EU-RO-1"}
QUEUE: dict[str, Any] = {"scaling": {"metric": "queue_wait", "target": 4}}


SHAPE: dict[str, Any] = {
    "parameters_b": 8.0,
    "layers": 32,
    "hidden": 4096,
    "intermediate": 14336,
    "heads": 32,
    "kv_heads": 8,
    "vocab": 128256,
    "max_context_tokens": 131072,
}
CERTIFICATE: dict[str, Any] = {
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "domain": "a.example.com",
}


def _own(*, gated: bool) -> dict[str, Any]:
    return {
        "model": {"id": "acme/own-8b", "shape": {**SHAPE, "gated": gated}},
        "runpod": {"token_secret": None},
    }


def _volume(**change: object) -> dict[str, Any]:
    return {"runpod": {"volume": {**VOLUME, **change}}}


RUNPOD_CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "model.source": ({}, {"model": {"source": "s3", "s3_uri": "s3://weights/llama/", "token_secret": None}}),
    "model.s3_uri": ({}, {"model": {"source": "s3", "s3_uri": "s3://weights/b/", "token_secret": None}}),
    "model.shape.gated": (_own(gated=False), _own(gated=True)),
    "network.exposure": ({"network": CERTIFICATE}, {"network": {**CERTIFICATE, "exposure": "public"}}),
    "scaling.metric": ({}, QUEUE),
    "power": ({}, {"power": "off"}),
    "engine.image": ({}, {"engine": {"image": "acme/worker:1.0"}}),
    "runpod.token_secret": ({}, {"runpod": {"token_secret": "other_token"}}),
    "runpod.mode": ({}, {"runpod": {"mode": "load_balancer"}}),
    "runpod.client_keys_secret": ({}, {"runpod": {"client_keys_secret": "client_keys"}}),
    "runpod.idle_timeout": (QUEUE, {**QUEUE, "runpod": {"idle_timeout": "30s"}}),
    "runpod.sleep": ({}, {"runpod": {"sleep": "soft"}}),
    "runpod.flashboot": ({}, {"runpod": {"flashboot": "off"}}),
    "runpod.registry": ({}, {"runpod": {"registry": "clzdaifot0001l90809257ynb"}}),
    "runpod.data_centers": ({}, {"runpod": {"data_centers": ["EU-RO-1", "EU-CZ-1"]}}),
    "runpod.disk": ({}, {"runpod": {"disk": "200GB"}}),
    "runpod.volume": ({}, _volume()),
    "runpod.volume.size": (_volume(), _volume(size="60GB")),
    "runpod.volume.data_center": (_volume(), _volume(data_center="US-KS-2")),
    "runpod.volume.type": (_volume(), _volume(type="high_performance")),
}
