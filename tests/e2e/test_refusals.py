"""What a user gets wrong ends as one clear message, with nothing half-made, in the real CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployment import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.e2e
SPEC = "stacks/services/llama-3-1-8b.yaml"
STACK = "stacks/Pulumi.local.yaml"


@pytest.fixture
def fresh(deployment: Deployment) -> Iterator[Deployment]:
    """The copy as it was checked out, on a stack with nothing deployed."""
    kept = {file: (deployment.root / file).read_text() for file in (SPEC, STACK)}
    deployment.run("pulumi", "stack", "select", "--create", "local")
    yield deployment
    for file, text in kept.items():
        (deployment.root / file).write_text(text)


def refused(deployment: Deployment, *arguments: str, stack: str = "local") -> str:
    """What `pulumi up` prints when it refuses; it must have made nothing at all."""
    result = deployment.pulumi("up", "--yes", "--skip-preview", *arguments, stack=stack)
    printed = result.stdout + result.stderr
    assert result.returncode != 0, printed
    assert "Traceback" not in printed
    exported = deployment.pulumi("stack", "export", stack=stack)
    assert '"type": "aws:' not in exported.stdout
    return printed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"scalling": {"max_replicas": 2}},
            "services/llama-3-1-8b.yaml: scalling: is an unknown field; did you mean scaling?",
        ),
        ({"accelerators": ["L4O"]}, "accelerators[0]: L4O"),
        ({"model__id": "meta-llama/Llama-9-8B"}, "model.id: meta-llama/Llama-9-8B"),
        ({"scaling__min_replicas": 5}, "scaling: has max_replicas 3 below min_replicas 5"),
        ({"model__token_secret": "nobody/made-this"}, "model.token_secret: nobody/made-this could not be looked up"),
    ],
    ids=["unknown field", "misspelt GPU", "unknown model", "impossible bounds", "missing secret"],
)
def test_a_wrong_spec_is_refused_before_anything_is_made(
    fresh: Deployment, changes: dict[str, object], said: str
) -> None:
    """The message names the file or service, the field, the value and the fix."""
    fresh.edit(SPEC, **changes)
    assert said in refused(fresh)


def test_a_cost_above_the_ceiling_is_refused_before_a_gpu_is_bought(fresh: Deployment) -> None:
    """The policy blocks the service's component, which comes before its resources, even without a preview."""
    fresh.edit(SPEC, scaling__max_replicas=64)
    result = fresh.pulumi("up", "--yes", "--skip-preview", *POLICIES)
    assert result.returncode != 0
    assert "cost-ceiling-worst-case" in result.stdout
    assert [group["AutoScalingGroupName"] for group in groups(fresh) if "llama" in group["AutoScalingGroupName"]] == []
    fresh.pulumi("destroy", "--yes")


def groups(deployment: Deployment) -> list[dict[str, str]]:
    return deployment.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]


def test_the_public_passphrase_is_refused_for_another_stack(fresh: Deployment) -> None:
    """A stack that would protect its secrets with a passphrase that everyone knows is not deployed."""
    (fresh.root / "stacks/Pulumi.other.yaml").write_text((fresh.root / STACK).read_text())
    fresh.run("pulumi", "stack", "init", "other")
    printed = fresh.run("pulumi", "preview", "--stack", "other", "--non-interactive")
    assert printed.returncode != 0
    assert "PULUMI_CONFIG_PASSPHRASE: is the public passphrase of stack local" in printed.stdout + printed.stderr


def test_prod_says_what_only_its_owner_can_give(fresh: Deployment) -> None:
    """Nothing invents image digests or revisions: the error lists what is missing and how to get it."""
    fresh.run("pulumi", "stack", "init", "prod", stack="prod")
    printed = fresh.pulumi("preview", stack="prod")
    assert printed.returncode != 0
    said = printed.stdout + printed.stderr
    assert "stacks/Pulumi.prod.yaml: berth:images" in said
    assert "Traceback" not in said
