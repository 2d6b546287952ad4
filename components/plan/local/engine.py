"""What answers on this machine: llama.cpp with a model file, or a server that runs already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.catalogue.images import EngineImage

if TYPE_CHECKING:
    from components.spec.service import ServiceSpec

ENGINE_PACKAGE = "xllamacpp"
ENGINE_VERSION = "2026.10"
"""The series that the extra `local` installs."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file on the Hub, at one commit."""

    repository: str
    name: str
    revision: str
    size_bytes: int

    @property
    def reference(self) -> str:
        return f"{self.repository}/{self.name}@{self.revision}"


DEFAULT_FILE = ModelFile(
    repository="Qwen/Qwen2.5-0.5B-Instruct-GGUF",
    name="qwen2.5-0.5b-instruct-q4_k_m.gguf",
    revision="9217f5db79a29953eb74d5343926648285ec7e67",
    size_bytes=491_400_032,
)
"""What is served without `local.gguf`: small enough for any laptop, Apache 2.0, not gated. Source: the repository on
the Hub, 2026-11-21."""


def file_text(reference: str) -> str:
    """Return a model file as a page names it.

    >>> file_text("org/repo/a.gguf@12ab"), file_text("./a.gguf")
    ('org/repo/a.gguf, revision 12ab', './a.gguf')
    """
    return ", revision ".join(reference.split("@")) if not reference.startswith((".", "/", "~")) else reference


def local_engine(spec: ServiceSpec) -> EngineImage:
    """Return what stands in the catalogue's place of an image: no container is run."""
    return EngineImage(
        target="local",
        engine=spec.local.engine,
        version=ENGINE_VERSION if spec.local.engine == "llama_cpp" else "unknown",
        image=ENGINE_PACKAGE if spec.local.engine == "llama_cpp" else spec.local.url or "",
        cuda="",
        min_driver=0,
        compressed_gb=0.0,
        unpacked_gib=0.0,
        source="the extra `local` of this package",
        as_of="2026-11-21",
    )
