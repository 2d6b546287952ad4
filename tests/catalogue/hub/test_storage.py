"""How a quantized checkpoint is recognised, and how large it is."""

from __future__ import annotations

from typing import Any

import pytest

from components.catalogue.hub.config import described
from components.errors import ConfigError
from components.sizing.parallelism import parallelism_refusal
from components.sizing.weights import weights_gib
from tests.catalogue.hub.known_configs import CONFIGS

LLAMA = CONFIGS["meta-llama/Llama-3.1-8B-Instruct"]
OTHER = (
    "serve a checkpoint made with awq, gptq, fp8, compressed-tensors, modelopt, mxfp4 or bitsandbytes, "
    "or describe the model with model.shape"
)


def compressed(bits: int, kind: str, **more: object) -> dict[str, Any]:
    weights = {"num_bits": bits, "type": kind, "symmetric": True, **more}
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": weights}}}


@pytest.mark.parametrize(
    ("config", "quantization", "gib"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, "awq", 5.33),
        ({"quant_method": "awq", "bits": 4, "group_size": 32}, "awq", 5.71),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, "gptq", 5.21),
        ({"quant_method": "gptq", "bits": 8, "group_size": 128}, "int8", 8.61),
        ({"quant_method": "fp8"}, "fp8", 8.46),
        ({"quant_method": "fbgemm_fp8"}, "fp8", 8.46),
        (compressed(8, "float", strategy="channel"), "fp8", 8.46),
        (compressed(4, "int", group_size=128), "gptq", 5.31),
        (compressed(8, "int", strategy="channel"), "int8", 8.46),
        (compressed(4, "float", group_size=16), "nvfp4", 5.62),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "fp8", 8.46),
        ({"quant_method": "modelopt", "quantization": {"quant_algo": "NVFP4"}}, "nvfp4", 5.62),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes", 5.62),
        (
            {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True},
            "bitsandbytes",
            5.31,
        ),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "bitsandbytes", 8.46),
    ],
)
def test_llama_31_8b_in_each_format(config: dict[str, Any], quantization: str, gib: float) -> None:
    """Linear layers shrink, 1.05 billion embeddings stay 16 bit; AWQ is 5.73 GB, as published."""
    found = described({**LLAMA, "quantization_config": config})
    assert found.quantization == quantization
    assert weights_gib(found.shape, found.quantization) == pytest.approx(gib, abs=0.02)


def test_a_checkpoint_that_is_not_quantized_follows_from_its_parameters() -> None:
    """16 bits for everything; nothing is written over it."""
    found = described(LLAMA)
    assert (found.quantization, found.shape.checkpoint_gib) == ("none", None)
    assert weights_gib(found.shape, "none") == pytest.approx(14.96, abs=0.01)


@pytest.mark.parametrize(
    ("kept", "share"),
    [
        (["lm_head"], 1.0),
        (["re:.*self_attn.*"], 0.0),
        ([f"model.layers.{layer}.self_attn" for layer in range(8)], 0.75),
    ],
)
def test_attention_that_is_left_alone_stays_wide(kept: list[str], share: float) -> None:
    """1.34 billion parameters of attention are 1 byte each when quantized and 2 when not."""
    all_of_it = described({**LLAMA, "quantization_config": {"quant_method": "fp8"}}).shape.checkpoint_gib
    found = described({**LLAMA, "quantization_config": {"quant_method": "fp8", "ignore": kept}}).shape.checkpoint_gib
    assert all_of_it is not None
    assert found is not None
    assert found - all_of_it == pytest.approx((1 - share) * 32 * 2 * 4096 * 128 * 40 / 2**30)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"quant_method": "hqq"}, "is stored with quantization_config hqq, which is not sized"),
        ({"bits": 4}, "is stored with quantization_config of no method, which is not sized"),
        (
            {"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"},
            "is stored with modelopt W4A8_AWQ, which is not sized",
        ),
        (
            {"quant_method": "compressed-tensors"},
            "names no format of the weights in quantization_config.config_groups, which is not sized",
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {
                    "a": {"weights": {"num_bits": 4, "type": "int"}},
                    "b": {"weights": {"num_bits": 8, "type": "int"}},
                },
            },
            "mixes formats in quantization_config.config_groups, which is not sized",
        ),
    ],
)
def test_a_format_that_is_not_sized_is_refused(config: dict[str, Any], message: str) -> None:
    """The formats that are, are named."""
    with pytest.raises(ConfigError) as caught:
        described({**LLAMA, "quantization_config": config})
    assert (caught.value.message, caught.value.fix) == (message, OTHER)


def test_three_bits_are_refused() -> None:
    """The kernels of the engines take 4 or 8."""
    with pytest.raises(ConfigError, match="is stored in 3 bits, which the engines do not serve"):
        described({**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 3, "group_size": 128}})


@pytest.mark.parametrize(("group", "divides"), [(128, False), (32, True), (-1, True)])
def test_the_group_decides_over_how_many_gpus_a_checkpoint_divides(group: int, divides: bool) -> None:
    """Qwen2.5 72B has 29,568 = 231 * 128: no two halves in groups of 128, but in groups of 32."""
    awq = {"quant_method": "awq", "bits": 4, "group_size": group}
    found = described({**CONFIGS["Qwen/Qwen2.5-72B-Instruct"], "quantization_config": awq})
    assert (parallelism_refusal(found.shape, found.quantization, 2) is None) is divides


def test_bitsandbytes_stays_on_one_gpu() -> None:
    """Such a checkpoint is not divided by vLLM."""
    found = described({**LLAMA, "quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}})
    assert parallelism_refusal(found.shape, found.quantization, 1) is None
    assert parallelism_refusal(found.shape, found.quantization, 2) == (
        "vLLM does not divide a bitsandbytes checkpoint over GPUs"
    )
