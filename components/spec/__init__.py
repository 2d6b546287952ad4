"""What a user declares about a model service, and how the declaration is read."""

from __future__ import annotations

from components.spec.read import load_spec, parse_spec
from components.spec.service import ServiceSpec

__all__ = ["ServiceSpec", "load_spec", "parse_spec"]
