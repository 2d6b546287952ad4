"""`config.json` of models of the catalogue, written by hand from their published figures."""

from __future__ import annotations

from typing import Any


def _config(
    kind: str, architecture: str, sizes: tuple[int, int, int, int, int, int, int], **more: object
) -> dict[str, Any]:
    layers, hidden, intermediate, heads, kv_heads, vocab, longest = sizes
    return {
        "architectures": [architecture],
        "model_type": kind,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocab,
        "max_position_embeddings": longest,
        "torch_dtype": "bfloat16",
        "tie_word_embeddings": False,
        **more,
    }


def _llama(*sizes: int, **more: object) -> dict[str, Any]:
    return _config("llama", "LlamaForCausalLM", sizes, **more)


def _qwen2(*sizes: int, **more: object) -> dict[str, Any]:
    windows = {"use_sliding_window": False, "sliding_window": 131072, "max_window_layers": sizes[0]}
    return _config("qwen2", "Qwen2ForCausalLM", sizes, **windows, **more)


def _without(config: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in names}


_LLAMA3_ROPE = {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}
_QWEN3 = {"head_dim": 128, "sliding_window": None, "use_sliding_window": False, "max_window_layers": 48}
_GPT_OSS = {
    "head_dim": 64,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "sliding_window": 128,
    "rope_scaling": {
        "rope_type": "yarn",
        "factor": 32.0,
        "original_max_position_embeddings": 4096,
        "beta_fast": 32.0,
    },
    "quantization_config": {
        "quant_method": "mxfp4",
        "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"],
    },
}
_DEEPSEEK = {
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "moe_layer_freq": 1,
    "rope_scaling": {"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096},
    "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]},
}
_LLAMA4 = {
    "head_dim": 128,
    "attention_chunk_size": 8192,
    "intermediate_size_mlp": 16384,
    "num_experts_per_tok": 1,
    "rope_scaling": {"rope_type": "llama3", "factor": 16.0, "original_max_position_embeddings": 8192},
}

CONFIGS: dict[str, dict[str, Any]] = {
    "meta-llama/Llama-3.1-8B-Instruct": _llama(32, 4096, 14336, 32, 8, 128256, 131072, rope_scaling=_LLAMA3_ROPE),
    "meta-llama/Llama-3.3-70B-Instruct": _llama(80, 8192, 28672, 64, 8, 128256, 131072, rope_scaling=_LLAMA3_ROPE),
    "meta-llama/Llama-3.2-1B-Instruct": _llama(
        16, 2048, 8192, 32, 8, 128256, 131072, head_dim=64, tie_word_embeddings=True
    ),
    "meta-llama/Llama-2-7b-chat-hf": _llama(32, 4096, 11008, 32, 32, 32000, 4096, torch_dtype="float16"),
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0": _llama(22, 2048, 5632, 32, 4, 32000, 2048),
    "HuggingFaceTB/SmolLM2-135M-Instruct": _llama(30, 576, 1536, 9, 3, 49152, 8192, tie_word_embeddings=True),
    "Qwen/Qwen2.5-0.5B-Instruct": _qwen2(24, 896, 4864, 14, 2, 151936, 32768, tie_word_embeddings=True),
    "Qwen/Qwen2.5-7B-Instruct": _qwen2(28, 3584, 18944, 28, 4, 152064, 32768),
    "Qwen/Qwen2.5-72B-Instruct": _qwen2(80, 8192, 29568, 64, 8, 152064, 32768),
    "Qwen/Qwen3-8B": _config("qwen3", "Qwen3ForCausalLM", (36, 4096, 12288, 32, 8, 151936, 40960), **_QWEN3),
    "Qwen/Qwen3-30B-A3B": _config(
        "qwen3_moe",
        "Qwen3MoeForCausalLM",
        (48, 2048, 6144, 32, 4, 151936, 40960),
        **_QWEN3,
        num_experts=128,
        num_experts_per_tok=8,
        moe_intermediate_size=768,
        decoder_sparse_step=1,
        mlp_only_layers=[],
    ),
    "mistralai/Mistral-7B-Instruct-v0.3": _config(
        "mistral", "MistralForCausalLM", (32, 4096, 14336, 32, 8, 32768, 32768), sliding_window=None
    ),
    "mistralai/Mistral-Small-24B-Instruct-2501": _config(
        "mistral", "MistralForCausalLM", (40, 5120, 32768, 32, 8, 131072, 32768), head_dim=128, sliding_window=None
    ),
    "mistralai/Mixtral-8x7B-Instruct-v0.1": _config(
        "mixtral",
        "MixtralForCausalLM",
        (32, 4096, 14336, 32, 8, 32000, 32768),
        num_local_experts=8,
        num_experts_per_tok=2,
        sliding_window=None,
    ),
    "google/gemma-2-9b-it": _without(
        _config(
            "gemma2",
            "Gemma2ForCausalLM",
            (42, 3584, 14336, 16, 8, 256000, 8192),
            head_dim=256,
            sliding_window=4096,
            sliding_window_size=4096,
        ),
        "tie_word_embeddings",
    ),
    "google/gemma-3-1b-it": _without(
        _config(
            "gemma3_text",
            "Gemma3ForCausalLM",
            (26, 1152, 6912, 4, 1, 262144, 131072),
            head_dim=256,
            sliding_window=512,
            sliding_window_pattern=6,
        ),
        "tie_word_embeddings",
    ),
    "google/gemma-3-27b-it": _without(
        _config(
            "gemma3_text",
            "Gemma3ForCausalLM",
            (62, 5376, 21504, 32, 16, 262144, 131072),
            head_dim=128,
            sliding_window=1024,
            rope_scaling={"rope_type": "linear", "factor": 8.0},
        ),
        "tie_word_embeddings",
    ),
    "microsoft/Phi-3-mini-4k-instruct": _config(
        "phi3", "Phi3ForCausalLM", (32, 3072, 8192, 32, 32, 32064, 4096), sliding_window=2047
    ),
    "microsoft/Phi-3-mini-128k-instruct": _config(
        "phi3",
        "Phi3ForCausalLM",
        (32, 3072, 8192, 32, 32, 32064, 131072),
        sliding_window=262144,
        original_max_position_embeddings=4096,
        rope_scaling={"type": "longrope", "long_factor": [1.0], "short_factor": [1.0]},
    ),
    "microsoft/phi-4": _config(
        "phi3", "Phi3ForCausalLM", (40, 5120, 17920, 40, 10, 100352, 16384), sliding_window=None
    ),
    "microsoft/Phi-4-mini-instruct": _config(
        "phi3",
        "Phi3ForCausalLM",
        (32, 3072, 8192, 24, 8, 200064, 131072),
        sliding_window=262144,
        tie_word_embeddings=True,
        partial_rotary_factor=0.75,
    ),
    "openai/gpt-oss-20b": _config(
        "gpt_oss",
        "GptOssForCausalLM",
        (24, 2880, 2880, 64, 8, 201088, 131072),
        **_GPT_OSS,
        layer_types=["sliding_attention", "full_attention"] * 12,
    ),
    "openai/gpt-oss-120b": _config(
        "gpt_oss",
        "GptOssForCausalLM",
        (36, 2880, 2880, 64, 8, 201088, 131072),
        **{**_GPT_OSS, "num_local_experts": 128},
        layer_types=["sliding_attention", "full_attention"] * 18,
    ),
    "deepseek-ai/DeepSeek-V3": _config(
        "deepseek_v3", "DeepseekV3ForCausalLM", (61, 7168, 18432, 128, 128, 129280, 163840), **_DEEPSEEK
    ),
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": _config(
        "llama4_text",
        "Llama4ForCausalLM",
        (48, 5120, 8192, 40, 8, 202048, 1048576),
        **_LLAMA4,
        num_local_experts=128,
        interleave_moe_layer_step=2,
    ),
}
