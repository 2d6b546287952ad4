"""How large and how slow may a request be?"""

from __future__ import annotations

from gateway.config.section import Bytes, PositiveSeconds, Section


class LimitsConfig(Section):
    """What every request must keep to, whoever sends it."""

    max_body_bytes: Bytes = 16 * 1024 * 1024
    """The largest body. Omitted: 16 MiB."""
    max_body_seconds: PositiveSeconds = 60.0
    """How long a body may take to arrive. Omitted: 60."""
    max_head_bytes: Bytes = 64 * 1024
    """The largest request line with its headers. Omitted: 64 KiB."""
    max_head_seconds: PositiveSeconds = 10.0
    """How long these may take to arrive, from the connection's or the request's first byte. Omitted: 10."""
    max_stall_seconds: PositiveSeconds = 60.0
    """How long a client may take nothing of what is ready for it before its connection is cut. Omitted: 60."""
