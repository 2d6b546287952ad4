"""Which GPU generations can run which number formats, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.catalogue.gpus import Gpu
    from components.catalogue.models import ModelShape, Quantization

LEAST_CAPABILITY = 7.5
"""What current vLLM images are built for."""
_BFLOAT16 = 8.0
_NATIVE_FP8 = 8.9
_BLACKWELL = 10.0

_NEEDED: dict[Quantization, tuple[float, str]] = {
    "none": (LEAST_CAPABILITY, "16-bit weights"),
    "awq": (LEAST_CAPABILITY, "awq weights"),
    "gptq": (LEAST_CAPABILITY, "gptq weights"),
    "int8": (LEAST_CAPABILITY, "int8 weights"),
    "fp8": (_BFLOAT16, "fp8 weights"),
    "mxfp4": (_BFLOAT16, "mxfp4 weights"),
    "nvfp4": (_BLACKWELL, "nvfp4 weights"),
    "bitsandbytes": (LEAST_CAPABILITY, "bitsandbytes weights"),
}


_NOT_IN_TGI: frozenset[Quantization] = frozenset({"mxfp4", "nvfp4", "bitsandbytes"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a GPU can run a model's formats: `refusal` says why not, `note` what it costs, `dtype` what is used."""

    dtype: str
    refusal: str | None = None
    note: str | None = None


def gate(gpu: Gpu, shape: ModelShape, quantization: Quantization, dtype: str = "auto") -> Gate:  # noqa: PLR0911 (one for each rule)
    """Return whether and how a GPU runs weights of this quantization in this dtype."""
    capability = gpu.compute_capability
    wanted = shape.dtype if dtype == "auto" else dtype
    if gpu.vendor != "NVIDIA" or capability is None:
        return Gate(wanted, refusal=f"vLLM's CUDA image cannot use {gpu.name} by {gpu.vendor}")
    needed, what = _NEEDED[quantization]
    if capability < max(needed, LEAST_CAPABILITY):
        least = max(needed, LEAST_CAPABILITY)
        return Gate(
            wanted, refusal=f"{what} need compute capability {least:.1f} or newer, {gpu.name} has {capability:.1f}"
        )
    if wanted == "bfloat16" and capability < _BFLOAT16:
        if dtype == "bfloat16":
            return Gate(wanted, refusal=f"bfloat16 needs compute capability 8.0, {gpu.name} has {capability:.1f}")
        if not shape.float16_safe:
            return Gate(wanted, refusal=f"the model needs bfloat16, which {gpu.name} does not have")
        return Gate("float16", note=f"{gpu.name} has no bfloat16: the model runs in float16")
    if wanted == "float16" and not shape.float16_safe:
        return Gate(wanted, refusal="the model needs bfloat16 and overflows in float16")
    if quantization == "fp8" and capability < _NATIVE_FP8:
        return Gate(
            wanted, note=f"{gpu.name} computes fp8 weights in 16 bit: memory is saved, arithmetic is not faster"
        )
    return Gate(wanted)


def tgi_gpu_refusal(gpu: Gpu) -> str | None:
    """Return why TGI's last image cannot use a GPU, None when it can."""
    if (gpu.compute_capability or 0) < _BLACKWELL:
        return None
    return f"the last TGI image (CUDA 12.4) has no kernels for {gpu.name}, which is Blackwell; use engine.kind vllm"


def tgi_model_refusal(shape: ModelShape, quantization: Quantization) -> str | None:
    """Return why TGI's last version cannot serve a model, None when it can."""
    if quantization in _NOT_IN_TGI:
        return f"TGI has no kernels for {quantization} weights"
    if quantization in ("awq", "gptq") and not shape.float16_safe:
        return f"TGI computes {quantization} weights in float16, in which this model overflows"
    if shape.attention == "mla":
        return "TGI keeps the keys and values of latent attention unpacked, many times what the plan sizes"
    return None


def tgi_dtype(dtype: str, quantization: Quantization) -> str:
    """Return the number format in which TGI computes: it picks float16 for 4-bit weights.

    >>> tgi_dtype("bfloat16", "awq"), tgi_dtype("bfloat16", "none")
    ('float16', 'bfloat16')
    """
    return "float16" if quantization in ("awq", "gptq") else dtype
