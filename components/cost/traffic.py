"""How much passes between clients and a service in a month: requests, tokens, and the bytes that they make."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_INPUT_TOKEN = 4
"""Text of a prompt; source: OpenAI's tokenizer page, about four characters of English to a token."""
BYTES_PER_OUTPUT_TOKEN = 250
"""An answer that is streamed: one event of OpenAI's chat format for each token, as vLLM 0.33 writes it."""
_BYTES_PER_GB = 1e9


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a service answers in a month of 730 hours."""

    requests: float
    input_tokens: float
    output_tokens: float

    @property
    def million_tokens(self) -> float:
        """Prompts and answers together, in millions of tokens."""
        return (self.input_tokens + self.output_tokens) / 1e6

    @property
    def received_gb(self) -> float:
        """GB that clients send.

        >>> Traffic(1, 250e6, 0).received_gb
        1.0
        """
        return self.input_tokens * BYTES_PER_INPUT_TOKEN / _BYTES_PER_GB

    @property
    def sent_gb(self) -> float:
        """GB that clients are sent.

        >>> Traffic(1, 0, 4e6).sent_gb
        1.0
        """
        return self.output_tokens * BYTES_PER_OUTPUT_TOKEN / _BYTES_PER_GB
