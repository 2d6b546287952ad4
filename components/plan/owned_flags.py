"""Which flags of an engine a spec may not set, because the plan does: each with the field to use instead."""

from __future__ import annotations

_VLLM = {
    "api-key": "the target: its gateway or platform decides who may call",
    "device-memory-utilization": "the sizing of the plan",
    "disable-access-log-for-endpoints": "the target",
    "download-dir": "the target, which brings the weights",
    "dtype": "model.dtype",
    "gpu-memory-utilization": "the sizing of the plan",
    "hf-token": "model.token_secret",
    "host": "the target: nothing else may reach the engine",
    "max-model-len": "model.max_context_tokens",
    "max-num-batched-tokens": "the sizing of the plan",
    "max-num-seqs": "the sizing of the plan",
    "model": "model.id",
    "port": "the target: nothing else may reach the engine",
    "quantization": "model.quantization",
    "revision": "model.revision",
    "served-model-name": "model.id",
    "shutdown-timeout": "gateway.max_request",
    "tensor-parallel-size": "accelerators, as GPU:count",
    "tokenizer-revision": "model.revision",
    "uds": "the target: nothing else may reach the engine",
}

_TGI = {
    "api-key": "the target: AWS credentials decide who may call",
    "cuda-memory-fraction": "the sizing of the plan",
    "dtype": "model.dtype",
    "hostname": "the target: nothing else may reach the engine",
    "huggingface-hub-cache": "the target",
    "max-batch-prefill-tokens": "model.max_context_tokens",
    "max-batch-total-tokens": "the sizing of the plan",
    "max-concurrent-requests": "the sizing of the plan and scaling.target",
    "max-input-length": "model.max_context_tokens",
    "max-input-tokens": "model.max_context_tokens",
    "max-total-tokens": "model.max_context_tokens",
    "model-id": "model.id",
    "ngrok": "the target: nothing else may reach the engine",
    "ngrok-authtoken": "the target: nothing else may reach the engine",
    "ngrok-edge": "the target: nothing else may reach the engine",
    "num-shard": "accelerators, as GPU:count",
    "payload-limit": "the target: what SageMaker passes on",
    "port": "the target: nothing else may reach the engine",
    "quantize": "model.quantization",
    "revision": "model.revision",
    "sharded": "accelerators, as GPU:count",
    "usage-stats": "the target: no statistics are sent",
    "weights-cache-override": "the target",
}

OWNED_FLAGS = {"vllm": _VLLM, "tgi": _TGI}

SIZING_FLAGS = {
    "vllm": {
        "block-size", "cpu-offload-gb", "data-parallel-size", "decode-context-parallel-size", "enable-lora",
        "kv-cache-dtype", "kv-cache-memory-bytes", "kv-offloading-size",
        "num-gpu-blocks-override", "pipeline-parallel-size", "prefill-context-parallel-size", "speculative-config",
    },
    "tgi": {"enable-prefill-logprobs", "kv-cache-dtype", "lora-adapters", "speculate"},
}  # fmt: skip
"""Flags that change memory or GPU count: allowed only where the plan could take them into account (none yet)."""
