"""What the local target refuses of a spec that is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.draft import StackImages
    from components.spec.service import ServiceSpec


def local_problems(spec: ServiceSpec, _region: str, _images: StackImages) -> Iterator[Problem]:
    """Yield every problem of a spec on this machine; what is of no use here is noted, not refused."""
    own = spec.local
    if spec.environment == "prod" and own.gguf is not None and not own.gguf_is_a_path and "@" not in own.gguf:
        yield Problem(
            f"{spec.name}: local.gguf",
            own.gguf,
            "has no revision, which environment prod asks for",
            f"write {own.gguf}@COMMIT, with a commit of the repository",
        )
