"""The digest of what was reviewed: it changes with what will be done, and with nothing else."""

from __future__ import annotations

from pathlib import Path

from components.ci.digest import digest
from tests.ci.told import Checkout, run_of, said, service_urn, step

KIND = "aws:ecs/service:Service"


def test_it_changes_with_specs_and_with_operations_and_with_nothing_else(tmp_path: Path) -> None:
    """An unchanged resource, a message and the order of events are no change; another operation is."""
    checkout = Checkout(tmp_path)
    before = checkout.declare(("chat", "ecs")).registered
    same = step("same", KIND, "a", {}, {}, service_urn("chat"))
    update = step("update", KIND, "b", {}, {}, service_urn("chat"))
    first = digest(run_of(before, before, update))
    assert first == digest(run_of(before, before, said("hello", "warning"), same, update))
    assert first != digest(run_of(before, before, same))
    assert first != digest(run_of(before, before, step("replace", KIND, "b", {}, {}, service_urn("chat"))))
    after = checkout.declare(("chat", "ecs"), extra=", scaling: {max_replicas: 2}").registered
    assert first != digest(run_of(before, after, update))
    assert first.startswith("sha256:")
