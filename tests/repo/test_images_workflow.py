"""The workflow of the images gives no job more than it needs, and no image a name before it is scanned and signed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / ".github" / "workflows" / "images.yml").read_text()
# YAML 1.1 reads the key `on` as true.
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
PINNED = re.compile(r"^ +(?:- )?uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$")


def steps(job: str) -> dict[str, dict[str, Any]]:
    """Steps by name, or by the action that they use."""
    return {step.get("name") or step["uses"].partition("@")[0]: step for step in JOBS[job]["steps"]}


def test_every_action_is_pinned_by_its_commit() -> None:
    """A tag can be moved, which happened to trivy-action's in March 2026; the version stands beside for the reader."""
    uses = [line for line in TEXT.splitlines() if "uses:" in line]
    assert len(uses) >= 8
    assert [line for line in uses if not PINNED.match(line)] == []
    commits: dict[str, set[str]] = {}
    for line in uses:
        action, _, pin = line.partition("uses: ")[2].partition("@")
        commits.setdefault(action, set()).add(pin)
    assert {action: pins for action, pins in commits.items() if len(pins) > 1} == {}


def test_each_job_has_only_the_permissions_that_it_needs() -> None:
    """None by default; a pull request reads, a release takes a token for AWS and Sigstore besides."""
    assert WORKFLOW["permissions"] == {}
    assert JOBS["check"]["permissions"] == {"contents": "read"}
    assert JOBS["release"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert JOBS["release"]["environment"] == "images"


@pytest.mark.parametrize("job", JOBS)
def test_no_credentials_stay_in_the_checkout(job: str) -> None:
    """Later steps run other people's code."""
    assert steps(job)["actions/checkout"]["with"] == {"persist-credentials": False}


def test_a_pull_request_gets_no_credentials_and_pushes_nothing() -> None:
    """Forks run it too."""
    assert WORKFLOW[True] == {
        "pull_request": {"paths": ["images/**", ".github/workflows/images.yml"]},
        "push": {"tags": ["images-v*"]},
    }
    assert JOBS["check"]["if"] == "github.event_name == 'pull_request'"
    assert "aws-actions/configure-aws-credentials" not in steps("check")
    assert steps("check")["Build"]["with"].get("push") is None
    assert "secrets." not in TEXT


def test_one_run_for_each_ref_and_a_release_is_never_cut_off() -> None:
    """A push to a pull request ends the run before it."""
    assert WORKFLOW["concurrency"] == {
        "group": "images-${{ github.ref }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }


def test_a_release_is_built_scanned_signed_and_only_then_named() -> None:
    """From pinned bases, with a bill of materials and provenance; what fails on the way has no tag."""
    names = list(steps("release"))
    order = [
        "Pinned bases, version",
        "Build, with a bill of materials and provenance, and push without a tag",
        "Scan",
        "Sign the digest, then name it",
    ]
    assert [name for name in names if name in order] == order
    assert names.index("sigstore/cosign-installer") < names.index(order[-1])
    bases, build, scan, sign = (steps("release")[name] for name in order)
    assert 'python3 images/bases.py "$IMAGE" --release --build-args' in bases["run"]
    assert (build["with"]["sbom"], build["with"]["provenance"]) == (True, "mode=max")
    assert "push-by-digest=true" in build["with"]["outputs"]
    assert "tags" not in build["with"]
    assert (scan["with"]["exit-code"], scan["with"]["ignore-unfixed"]) == ("1", True)
    assert scan["with"]["image-ref"].endswith("@${{ steps.build.outputs.digest }}")
    assert [line.split()[0] for line in sign["run"].splitlines()] == ["cosign", "docker", "echo"]
    assert 'cosign sign --yes "$REFERENCE@$DIGEST"' in sign["run"]


def test_no_expression_is_pasted_into_a_script() -> None:
    """A tag's name is chosen by whoever pushes it: scripts get values through their environment."""
    scripts = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]
    assert len(scripts) >= 3
    assert [script for script in scripts if "${{" in script] == []
