"""What does a test serve? A Llama of two layers with random weights, as a GGUF file made in an instant.

Format: ggml-org/ggml, docs/gguf.md (version 3, 2026-11-21). Its text means nothing: tests look at shapes and counts.
"""

from __future__ import annotations

import random
import struct
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WIDTH, _INNER, _LAYERS, _HEADS, _CONTEXT = 64, 128, 2, 4, 2048
_ALIGNMENT = 32
_UINT32, _FLOAT32, _STRING, _ARRAY = 4, 6, 8, 9
_NORMAL, _CONTROL = 1, 3
_CHAT = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}</s>{% endfor %}<s>assistant:"


def write_tiny_gguf(path: Path) -> Path:
    """Write the model and return its path; about 0.7 MB, the same bytes each time."""
    tokens = [*_byte_letters(), "<s>", "</s>"]
    tensors = _tensors(len(tokens))
    settings = _settings(tokens)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings)) + b"".join(settings)
    offset = 0
    for name, shape in tensors:
        head += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        offset += _padded(4 * _count(shape))
    source = random.Random(7)  # noqa: S311 - weights, not secrets
    with path.open("wb") as file:
        file.write(head.ljust(_padded(len(head)), b"\0"))
        for name, shape in tensors:
            count = _count(shape)
            values = [1.0] * count if name.endswith("norm.weight") else [source.gauss(0, 0.05) for _ in range(count)]
            file.write(array("f", values).tobytes().ljust(_padded(4 * count), b"\0"))
    return path


def _settings(tokens: list[str]) -> list[bytes]:
    numbers = {
        "llama.block_count": _LAYERS,
        "llama.context_length": _CONTEXT,
        "llama.embedding_length": _WIDTH,
        "llama.feed_forward_length": _INNER,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.bos_token_id": len(tokens) - 2,
        "tokenizer.ggml.eos_token_id": len(tokens) - 1,
    }
    texts = {
        "general.architecture": "llama",
        "general.name": "tiny",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.chat_template": _CHAT,
    }
    kinds = [_CONTROL if token in {"<s>", "</s>"} else _NORMAL for token in tokens]
    return [
        *(_string(name) + struct.pack("<I", _STRING) + _string(text) for name, text in texts.items()),
        *(_string(name) + struct.pack("<II", _UINT32, number) for name, number in numbers.items()),
        _string("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", _FLOAT32, 1e-5),
        _string("tokenizer.ggml.tokens") + _array(_STRING, [_string(token) for token in tokens]),
        _string("tokenizer.ggml.merges") + _array(_STRING, [_string("a b")]),
        _string("tokenizer.ggml.token_type") + _array(_UINT32 + 1, [struct.pack("<i", kind) for kind in kinds]),
    ]


def _tensors(vocabulary: int) -> list[tuple[str, tuple[int, ...]]]:
    square, wide, norm = (_WIDTH, _WIDTH), (_WIDTH, _INNER), (_WIDTH,)
    layer = {
        "attn_norm": norm,
        "attn_q": square,
        "attn_k": square,
        "attn_v": square,
        "attn_output": square,
        "ffn_norm": norm,
        "ffn_gate": wide,
        "ffn_up": wide,
        "ffn_down": (_INNER, _WIDTH),
    }
    return [
        ("token_embd.weight", (_WIDTH, vocabulary)),
        *((f"blk.{n}.{name}.weight", shape) for n in range(_LAYERS) for name, shape in layer.items()),
        ("output_norm.weight", norm),
        ("output.weight", (_WIDTH, vocabulary)),
    ]


def _byte_letters() -> list[str]:
    """Return the letter that stands for each byte in GPT-2's vocabularies."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _array(kind: int, values: list[bytes]) -> bytes:
    return struct.pack("<IIQ", _ARRAY, kind, len(values)) + b"".join(values)


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _count(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
