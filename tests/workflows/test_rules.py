"""What every workflow keeps to: pinned actions, least permissions, nothing for forks, no deployment cut off."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from workflow import ACTION, FILES, ROOT, read, steps

PINNED = re.compile(r"^ +(?:- )?uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$")
OURS = re.compile(r"^ +(?:- )?uses: \./\.github/(?:actions/setup|workflows/deploy-stack\.yml)$")
INPUTS = {
    "actions/checkout": {"fetch-depth", "persist-credentials", "ref"},
    "actions/upload-artifact": {"if-no-files-found", "name", "path"},
    "actions/download-artifact": {"name", "path"},
    "aws-actions/amazon-ecr-login": set(),
    "aws-actions/configure-aws-credentials": {"aws-region", "role-duration-seconds", "role-to-assume"},
}
"""What the pinned versions know of what is used: a misspelt input is a mere warning of a run."""
ENDED_BY_THE_NEXT = {"ci", "images", "preview"}
DEPLOYING = {"pr-stack", "cleanup", "deploy-stack"}
WORKFLOWS = {file.stem: read(file) for file in FILES}
JOBS = [(name, job, body) for name, document in WORKFLOWS.items() for job, body in document["jobs"].items()]

each_workflow = pytest.mark.parametrize("name", WORKFLOWS)


def test_these_are_the_workflows() -> None:
    """One file for each occasion: GitHub switches off a whole file when its schedule has rested for 60 days."""
    assert sorted(WORKFLOWS) == [
        *("ci", "cleanup", "cost-report", "deploy", "deploy-stack", "drift", "images", "pr-stack", "preview"),
    ]


def test_every_action_is_pinned_by_its_commit_and_to_one_version() -> None:
    """The version stands beside it for the reader, and for what raises it."""
    pins: dict[str, set[str]] = {}
    for file in (*FILES, ACTION):
        for line in file.read_text().splitlines():
            if "uses:" not in line or OURS.match(line):
                continue
            assert PINNED.match(line), line
            action, _, pin = line.partition("uses: ")[2].partition("@")
            pins.setdefault(action, set()).add(pin)
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_no_input_of_an_action_is_misspelt() -> None:
    """Nobody else would say so before a run."""
    for name, job, body in JOBS:
        for step in body.get("steps", ()):
            action = step.get("uses", "").partition("@")[0]
            if action in INPUTS:
                assert set(step.get("with", {})) <= INPUTS[action], (name, job)


@each_workflow
def test_no_permission_is_the_default(name: str) -> None:
    """Each job says what it needs."""
    assert WORKFLOWS[name]["permissions"] == {}
    assert all("permissions" in body for body in WORKFLOWS[name]["jobs"].values())


def test_what_writes_is_known_by_name() -> None:
    """One job comments, one starts a workflow, one opens issues; who deploys writes nothing to the repository."""
    writing = {
        (name, job): sorted(key for key, value in body["permissions"].items() if value == "write")
        for name, job, body in JOBS
    }
    assert {key: found for key, found in writing.items() if set(found) - {"id-token"}} == {
        ("preview", "comment"): ["pull-requests"],
        ("cleanup", "ask"): ["actions"],
        ("drift", "drift"): ["id-token", "issues"],
    }


def test_whoever_has_a_role_takes_it_by_a_token_of_the_job() -> None:
    """No key is stored anywhere: there is not one secret in any workflow."""
    for name, job, body in JOBS:
        takes = [step for step in body.get("steps", ()) if "configure-aws-credentials" in step.get("uses", "")]
        reused = "uses" in body
        assert (body["permissions"].get("id-token") == "write") == bool(takes or reused), (name, job)
    for file in (*FILES, ACTION):
        assert "secrets." not in file.read_text(), file
        assert "secrets: inherit" not in file.read_text(), file


def test_no_event_gives_a_fork_what_is_not_its_own() -> None:
    """`pull_request_target` and `workflow_run` run with the base's rights; a job with a role is for this repository."""
    for name, document in WORKFLOWS.items():
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(document[True]), name
    guard = "github.event.pull_request.head.repo.full_name == github.repository"
    for name, job, body in JOBS:
        by_pull_request = "pull_request" in WORKFLOWS[name][True]
        powers = {key for key, value in body["permissions"].items() if value == "write"}
        if by_pull_request and powers and (name, job) not in {("cleanup", "remove"), ("preview", "comment")}:
            assert guard in body["if"] or "event_name == 'push'" in body["if"], (name, job)
    # These two follow a guarded job, or another event.
    assert WORKFLOWS["preview"]["jobs"]["comment"]["needs"] == "preview"
    assert WORKFLOWS["cleanup"]["jobs"]["remove"]["if"].startswith("github.event_name != 'pull_request'")


def test_who_may_comment_runs_the_base_and_not_what_it_comments_on() -> None:
    """The report that a pull request's code wrote is data."""
    checkout, *_ = WORKFLOWS["preview"]["jobs"]["comment"]["steps"]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "id-token" not in WORKFLOWS["preview"]["jobs"]["comment"]["permissions"]


@each_workflow
def test_no_deployment_is_ever_cut_off(name: str) -> None:
    """Half a deployment is worse than a late one; what only looks may be overtaken."""
    document = WORKFLOWS[name]
    found = [document.get("concurrency"), *(body.get("concurrency") for body in document["jobs"].values())]
    given = [one for one in found if one]
    if name in ENDED_BY_THE_NEXT:
        assert given[0]["cancel-in-progress"] in (True, "${{ github.event_name == 'pull_request' }}")
    else:
        assert [one["cancel-in-progress"] for one in given] == [False] * len(given)
        assert given or name == "deploy"


def test_a_deployment_and_the_removal_of_the_same_stack_wait_for_each_other() -> None:
    """By one group for each pull request, and one for each stack."""
    assert WORKFLOWS["pr-stack"]["concurrency"]["group"] == "pr-stack-${{ github.event.pull_request.number }}"
    removing = WORKFLOWS["cleanup"]["jobs"]["remove"]["concurrency"]["group"]
    assert removing == "${{ inputs.number && format('pr-stack-{0}', inputs.number) || 'pr-stacks' }}"
    deploying = WORKFLOWS["deploy-stack"]["jobs"]["deploy"]["concurrency"]["group"]
    assert deploying == "deploy-${{ inputs.stack }}"


@pytest.mark.parametrize("name", sorted(DEPLOYING))
def test_what_deploys_is_let_in_by_an_environment(name: str) -> None:
    """Its reviewers and branches are rules of the forge; its name is in the token that AWS compares."""
    environments = {body.get("environment") for body in WORKFLOWS[name]["jobs"].values()} - {None}
    expected = {"pr-stack": "pr-stack", "cleanup": "cleanup", "deploy-stack": "${{ inputs.stack }}"}
    assert environments == {expected[name]}


def test_stacks_follow_each_other_and_a_failure_ends_it() -> None:
    """By hand, one stack alone."""
    jobs = WORKFLOWS["deploy"]["jobs"]
    assert [(job, body.get("needs")) for job, body in jobs.items()] == [
        ("dev", None), ("staging", "dev"), ("prod", "staging"),
    ]  # fmt: skip
    for job, before in (("staging", "dev"), ("prod", "staging")):
        assert f"github.event_name == 'push' && needs.{before}.result == 'success'" in jobs[job]["if"]
        assert f"inputs.stack == '{job}'" in jobs[job]["if"]
    assert {body["with"]["stack"] for body in jobs.values()} == {"dev", "staging", "prod"}


@pytest.mark.parametrize("name", ["drift", "cost-report", "cleanup"])
def test_what_runs_at_night_can_be_started_by_hand_and_avoids_the_full_hour(name: str) -> None:
    """GitHub is late at the full hour, and may leave a run out."""
    events = WORKFLOWS[name][True]
    assert "workflow_dispatch" in events
    assert all(int(one["cron"].split()[0]) % 5 for one in events["schedule"])


def test_no_checkout_keeps_credentials() -> None:
    """Later steps run other people's code."""
    for name, job, body in JOBS:
        for step in body.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, (name, job)


def test_no_expression_is_pasted_into_a_script() -> None:
    """A branch's or a label's name is somebody's choice: scripts get values through their environment."""
    assert [step.key for step in steps() if "${{" in step.script] == []


def test_every_job_ends_by_itself() -> None:
    """Half an hour of a hanging runner is money too."""
    assert [(name, job) for name, job, body in JOBS if "timeout-minutes" not in body and "uses" not in body] == []


def gitlab() -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        """Knows GitLab's own tag."""

    Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))
    return yaml.load((ROOT / ".gitlab-ci.yml").read_text(), Loader)  # noqa: S506 - a safe loader with one tag more


def commands(text: str) -> set[str]:
    """Return the calls of `berth` and `pulumi` of a script, without what tells the forges apart."""
    plain = re.sub(r'"?\$\{?[A-Za-z_]+\}?"?|"pr-\$[A-Za-z_]+"|github|gitlab', "X", text)
    found = re.findall(r"\b(?:berth ci \w+[\w-]*|berth \w+|pulumi \w+)(?: --[\w-]+)?", plain)
    return {" ".join(one.split()) for one in found}


def test_gitlab_runs_the_same_commands() -> None:
    """None is missing on either side; a comment is written by the same job there."""
    here = set().union(*(commands(step.script) for step in steps()))
    jobs = [body for body in gitlab().values() if isinstance(body, dict) and "script" in body]
    there = set().union(*(commands("\n".join(body["script"])) for body in jobs))
    assert here - there == {"berth ci deploy", "berth ci comment --report"}
    assert there - here == set()


def test_on_gitlab_no_deployment_is_cut_off_and_no_fork_gets_a_role() -> None:
    """Jobs are not interruptible unless they only look, and those that deploy wait for each other."""
    document = gitlab()
    assert document["default"]["interruptible"] is False
    interruptible = {name for name, body in document.items() if isinstance(body, dict) and body.get("interruptible")}
    assert interruptible == {"ci", "preview"}
    text = json.dumps({name: body for name, body in document.items() if name != "ci"})
    conditions = re.findall(r'CI_PIPELINE_SOURCE == \\"merge_request_event\\"[^"\\]*(?:\\.[^"\\]*)*', text)
    assert len(conditions) == 3
    assert all("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in one for one in conditions)
    for name in ("pr-stack", "remove-pr-stack", ".deploy", "rollback", "cleanup"):
        assert document[name]["resource_group"], name
