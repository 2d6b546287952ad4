"""Are the sizes right that guides print: GB of weights, and the cards that are said to carry a model?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.prediction import FILE_BITS, file_bytes
from bench.printed.finding import Figure, Finding, figure
from bench.printed.known import needed_on, shape_of, weights_gb
from components.catalogue.gpus import gpus
from components.sizing.cache import sequence_bytes
from components.sizing.weights import GIB

if TYPE_CHECKING:
    from collections.abc import Callable

PHI_3 = "microsoft/Phi-3-mini-4k-instruct"
LLAMA_3B = "meta-llama/Llama-3.2-3B-Instruct"
LLAMA_2_7B = "meta-llama/Llama-2-7b-chat-hf"
LLAMA_8B = "meta-llama/Meta-Llama-3-8B-Instruct"
LLAMA_13B = "meta-llama/Llama-2-13b-chat-hf"
CODE_13B = "codellama/CodeLlama-13b-Instruct-hf"
CODE_34B = "codellama/CodeLlama-34b-Instruct-hf"
QWEN_32B = "Qwen/Qwen2.5-32B-Instruct"
LLAMA_70B = "meta-llama/Llama-3.1-70B-Instruct"
LLAMA_405B = "meta-llama/Llama-3.1-405B-Instruct"

_ABOUT = 0.1
"""Sizes are printed as "about"."""


def _weights(model_id: str, form: str, printed_gb: float) -> Figure:
    name = {"none": "16 bit", "awq": "4 bit", "int8": "8 bit", "fp32": "32 bit"}.get(form, form)
    return figure(f"{name} weights", printed_gb, weights_gb(model_id, form), "GB", _ABOUT)


def _phi_3_mini() -> Finding:
    billions = shape_of(PHI_3).parameters_b
    return Finding(
        (_weights(PHI_3, "none", 6), _weights(PHI_3, "awq", 2)), f"the model has {billions} billion parameters, not 3"
    )


def _llama_3_8b() -> Finding:
    return Finding(
        (
            _weights(LLAMA_8B, "none", 14),
            _weights(LLAMA_8B, "awq", 4),
            needed_on(LLAMA_8B, "none", "RTX-3090"),
            needed_on(LLAMA_8B, "none", "A10G"),
        ),
        f"14 GB is a model of 7 billion; the embeddings of a vocabulary of {shape_of(LLAMA_8B).vocab:,} stay 16 bit in "
        "a 4-bit checkpoint",
    )


def _codellama_13b() -> Finding:
    return Finding(
        (
            _weights(CODE_13B, "none", 26),
            _weights(CODE_13B, "awq", 7),
            needed_on(CODE_13B, "awq", "RTX-4090"),
            needed_on(CODE_13B, "none", "A100-40GB"),
        ),
        f"without grouped heads its cache takes {sequence_bytes(shape_of(CODE_13B), 1, 1) / 1024:.0f} KiB for each "
        "token, so contexts stay short on these cards",
    )


def _34b() -> Finding:
    return Finding(
        (
            _weights(CODE_34B, "none", 68),
            _weights(CODE_34B, "awq", 17),
            needed_on(CODE_34B, "awq", "A100-40GB"),
            needed_on(CODE_34B, "none", "A100-80GB"),
        ),
        "checked with CodeLlama 34B",
    )


def _llama_3_70b() -> Finding:
    return Finding(
        (
            _weights(LLAMA_70B, "none", 140),
            _weights(LLAMA_70B, "awq", 35),
            needed_on(LLAMA_70B, "awq", "A100-80GB"),
            needed_on(LLAMA_70B, "none", "A100-80GB", 2),
        ),
        "35 GB counts 4 bits for every parameter; scales and 16-bit embeddings come on top, and a card of 40 GB is too "
        "small",
    )


def _llama_405b() -> Finding:
    return Finding(
        (
            _weights(LLAMA_405B, "none", 810),
            _weights(LLAMA_405B, "awq", 200),
            needed_on(LLAMA_405B, "none", "A100-80GB", 8),
            needed_on(LLAMA_405B, "none", "H100", 8),
            needed_on(LLAMA_405B, "fp8", "H100", 8),
        ),
        "other rows say (quantized), this one does not: 16 bit fits neither machine, fp8 does",
    )


def _7b_cards() -> Finding:
    figures = tuple(needed_on(LLAMA_2_7B, "none", gpu) for gpu in ("RTX-4090", "A100-40GB", "H100"))
    return Finding(figures, "checked with Llama 2 7B in 16 bit; Llama 3 has no 7B")


def _13b_cards() -> Finding:
    figures = (
        needed_on(LLAMA_13B, "none", "A100-40GB"),
        needed_on(LLAMA_13B, "none", "A100-40GB", 2),
        needed_on(LLAMA_13B, "none", "H100"),
    )
    return Finding(figures, "checked with Llama 2 13B in 16 bit; Llama 3 and Mistral have no 13B")


def _70b_cards() -> Finding:
    figures = (
        needed_on(LLAMA_70B, "awq", "A100-80GB"),
        needed_on(LLAMA_70B, "none", "H100", 2),
        needed_on(LLAMA_70B, "none", "A100-40GB", 8),
    )
    needed = needed_on(LLAMA_70B, "none", "A100-80GB").ours[0]
    return Finding(figures, f"one card carries it in 4 bit only: 16 bit needs {needed:.0f} GiB on one card")


def _8b_ollama() -> Finding:
    figures = (_weights(LLAMA_8B, "none", 16), _weights(LLAMA_8B, "Q4_K_M", 5))
    cache = sequence_bytes(shape_of(LLAMA_8B), 8192, 1) / GIB
    return Finding(figures, f"weights alone: the cache comes on top, {cache:.1f} GiB for 8,192 tokens")


def _70b_ollama() -> Finding:
    ours = weights_gb(LLAMA_70B, "none")
    return Finding(
        (Figure("16 bit weights", (128, float("inf")), (ours, ours), "GB"),),
        "the printed figure is a floor: exactly 128 GB would not hold them",
    )


def _3b() -> Finding:
    return Finding(
        (_weights(LLAMA_3B, "none", 6), _weights(LLAMA_3B, "Q4_K_M", 1.5)),
        f"1.5 GB is 4 bits for each of 3 billion; the file has {FILE_BITS['Q4_K_M'][0]} bits for each of "
        f"{shape_of(LLAMA_3B).parameters_b:.1f}",
    )


def _70b_local() -> Finding:
    q4 = file_bytes(shape_of(LLAMA_70B), "Q4_K_M") / GIB
    usable = gpus()["RTX-4090"].usable_gib or 0
    return Finding(
        (
            needed_on(LLAMA_70B, "none", "A100-80GB"),
            Figure(f"GiB of the Q4_K_M file, of {usable} on an RTX-4090", (0, usable), (q4, q4), tolerance=0),
        ),
        "neither fits: 16 bit needs two cards of 80 GB, and all of a 24 GB card is "
        f"{usable * GIB * 8 / (shape_of(LLAMA_70B).parameters_b * 1e9):.1f} bits for each weight",
    )


def _32b_mac() -> Finding:
    ours = shape_of(QWEN_32B).parameters_b * 4.5 / 8
    return Finding(
        (Figure("4 bit weights in groups of 64", (0, 64), (ours, ours), "GB"),),
        "the size alone is checked: the catalogue has no Macs",
    )


def _13b_laptop() -> Finding:
    return Finding(
        (),
        f"bitnet.cpp runs models of 1.58 bits, not 4-bit copies of others, and the catalogue has no laptops; 13B in "
        f"4 bit are {weights_gb(LLAMA_13B, 'awq'):.1f} GB",
    )


FINDINGS: dict[str, Callable[[], Finding]] = {
    "phi-3-mini": _phi_3_mini,
    "llama-3-8b": _llama_3_8b,
    "codellama-13b": _codellama_13b,
    "34b": _34b,
    "llama-3-70b": _llama_3_70b,
    "llama-3-1-405b": _llama_405b,
    "7b-cards": _7b_cards,
    "13b-cards": _13b_cards,
    "70b-cards": _70b_cards,
    "7b-32-bit": lambda: Finding((_weights(LLAMA_2_7B, "fp32", 28),), "checked with Llama 2 7B"),
    "7b-16-bit": lambda: Finding((_weights(LLAMA_2_7B, "none", 14),), "checked with Llama 2 7B"),
    "7b-8-bit": lambda: Finding((_weights(LLAMA_2_7B, "int8", 7),), "checked with Llama 2 7B"),
    "7b-q4": lambda: Finding(
        (_weights(LLAMA_2_7B, "Q4_K_M", 3.5),), f"Q4_K_M has {FILE_BITS['Q4_K_M'][0]} bits for each weight, not 4"
    ),
    "8b-ollama": _8b_ollama,
    "70b-ollama": _70b_ollama,
    "3b": _3b,
    "70b-local": _70b_local,
    "32b-mac": _32b_mac,
    "13b-laptop": _13b_laptop,
}
