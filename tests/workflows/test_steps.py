"""Every script of every workflow runs here, with the environment of its job; what it starts is written down."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from workflow import Step, filled, steps

from components.cli.main import _parser

if TYPE_CHECKING:
    from pathlib import Path

EXPRESSIONS = {
    "github.event.pull_request.base.sha": "0a" * 20,
    "github.event.pull_request.number": "12",
    "github.event.repository.default_branch": "main",
    "github.repository": "acme/models",
    "github.run_id": "77",
    "github.server_url": "https://github.com",
    "github.token": "a-token",
    "inputs.number": "12",
    "inputs.rollback_to": "3",
    "inputs.stack": "dev",
    "matrix.image": "gateway",
    "matrix.stack": "dev",
    "steps.program.outcome": "failure",
    "steps.rules.outcome": "success",
    "steps.services.outcome": "success",
    "steps.bases.outputs.version": "1.2.3",
    "steps.build.outputs.digest": "sha256:" + "0b" * 32,
    "steps.ecr.outputs.registry": "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "vars.BERTH_BACKEND_URL": "s3://berth-state-123456789012-us-east-1?region=us-east-1&awssdk=v2",
}
NOT_HERE = {
    "ci: ci: Everything that a newcomer runs": "it is what runs these tests",
}
"""Steps that are not run, with the reason."""
REFERENCE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/berth/gateway"
REPOSITORY = ("--repo", "acme/models")
SEARCH = 'in:title "Drift of dev"'
BODY = "Program: failure. Services: success. Rules: success. See https://github.com/acme/models/actions/runs/77"
STARTED: dict[str, list[list[str]]] = {
    "cleanup: ask: Start it": [
        ["gh", "workflow", "run", "cleanup.yml", *REPOSITORY, "--ref", "main", "--field", "number=12"]
    ],
    "cleanup: remove: Remove what is over": [["berth", "ci", "cleanup", "--stack", "pr-12"]],
    "cost-report: report: Estimate, meter and bill": [
        ["berth", "ci", "cost-report", "--stack", "dev", "--stack", "staging", "--stack", "prod", "--output", "report"]
    ],
    "deploy-stack: deploy: Deploy what was reviewed": [
        ["berth", "ci", "deploy", "--stack", "dev", "--smoke", "--output", "report", "--reviewed", "github"]
    ],
    "deploy-stack: deploy: Go back to an earlier deployment": [
        ["berth", "rollback", "--stack", "dev", "--to", "3", "--yes"]
    ],
    "drift: drift: What is there, and what the program says": [
        ["pulumi", "preview", "--stack", "dev", "--refresh", "--expect-no-changes", "--diff", "--non-interactive"]
    ],
    "drift: drift: What runs, and what the specs allow at this hour": [
        ["berth", "doctor", "--stack", "dev", "--drift"]
    ],
    "drift: drift: What is deployed, and today's rules": [
        [
            "pulumi",
            "policy",
            "analyze",
            "--stack",
            "dev",
            "--policy-pack",
            "policies",
            "--policy-pack-config",
            "policies/config/dev.json",
        ]
    ],
    "drift: drift: Say so in one issue": [
        [
            "gh",
            "issue",
            "list",
            *REPOSITORY,
            "--state",
            "open",
            "--search",
            SEARCH,
            "--json",
            "number",
            "--jq",
            ".[0].number // empty",
        ],
        ["gh", "issue", "create", *REPOSITORY, "--title", "Drift of dev", "--body", BODY],
    ],
    "images: check: Build arguments": [["python3", "images/bases.py", "gateway", "--build-args"]],
    "images: release: Pinned bases, version": [["python3", "images/bases.py", "gateway", "--release", "--build-args"]],
    "images: release: Sign the digest, then name it": [
        ["cosign", "sign", "--yes", f"{REFERENCE}@sha256:{'0b' * 32}"],
        ["docker", "buildx", "imagetools", "create", "--tag", f"{REFERENCE}:1.2.3", f"{REFERENCE}@sha256:{'0b' * 32}"],
    ],
    "pr-stack: deploy: Deploy it": [
        [
            "berth",
            "ci",
            "deploy",
            "--stack",
            "pr-12",
            "--from",
            "preview",
            "--ttl",
            "4h",
            "--smoke",
            "--output",
            "report",
        ]
    ],
    "preview: comment: Write the comment": [["berth", "ci", "comment", "--report", "report", "--comment", "github"]],
    "preview: preview: Preview the stacks that the change touches": [
        ["berth", "ci", "preview", "--changed-since", "0a" * 20, "--output", "report"]
    ],
    "setup: action: 0": [["make", "setup"]],
}
"""What each step starts, in order."""
STEPS = {step.key: step for step in steps()}
DOUBLE = """\
import json, os, sys
with open(os.environ["STARTED"], "a") as log:
    print(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]), file=log)
sys.stdout.write(os.environ.get("ANSWER_OF_" + os.path.basename(sys.argv[0]), ""))
sys.exit(int(os.environ.get("CODE_OF_" + os.path.basename(sys.argv[0]), "0")))
"""


class Runner:
    """A machine of GitHub's: files for outputs, and programs that only write down how they are started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "started"
        programs = folder / "programs"
        programs.mkdir()
        (folder / ".tools").mkdir()
        (folder / ".tools" / "pulumi-folder").write_text("/opt/pulumi")
        for name in ("berth", "cosign", "docker", "gh", "make", "pulumi", "python3"):
            (programs / name).write_text(f"#!{sys.executable}\n{DOUBLE}")
            (programs / name).chmod(0o755)
        self.path = f"{programs}:/usr/bin:/bin"

    def run(self, step: Step, **more: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "PATH": self.path,
            "STARTED": str(self.log),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REF_NAME": "images-v1.2.3",
            "GITHUB_REPOSITORY": "acme/models",
            **{name: str(self.folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")},
            **{name: filled(str(value), EXPRESSIONS) for name, value in step.env.items()},
            **more,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script]
        return subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)

    @property
    def started(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def said(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_step_is_run_or_has_a_reason_not_to_be() -> None:
    """A new step without a line here fails."""
    assert sorted(STEPS) == sorted([*STARTED, *NOT_HERE])


@pytest.mark.parametrize("key", STARTED)
def test_a_step_starts_what_it_should(key: str, runner: Runner) -> None:
    """With each argument as one, whatever is in it."""
    done = runner.run(STEPS[key])
    assert done.returncode == 0, done.stderr
    assert runner.started == STARTED[key]


@pytest.mark.parametrize("key", [key for key, started in STARTED.items() if started[0][0] == "berth"])
def test_berth_knows_each_command_line_that_a_workflow_uses(key: str) -> None:
    """Misspelt options would be found at night."""
    for program, *arguments in STARTED[key]:
        assert program == "berth"
        parsed: Any = _parser(arguments).parse_args(arguments)
        assert callable(parsed.run)


def test_a_preview_that_fails_hands_its_report_on_and_fails(runner: Runner) -> None:
    """The comment says why; without a report there is none."""
    step = STEPS["preview: preview: Preview the stacks that the change touches"]
    assert runner.run(step, CODE_OF_berth="2").returncode == 2
    assert not (runner.folder / "GITHUB_OUTPUT").exists()
    (runner.folder / "report").mkdir()
    (runner.folder / "report" / "report.json").write_text("{}")
    assert runner.run(step, CODE_OF_berth="2").returncode == 2
    assert runner.said("GITHUB_OUTPUT") == "reported=true\n"


def test_the_sweeper_removes_all_that_is_over(runner: Runner) -> None:
    """Without a number: what is closed, and what outlived its time."""
    assert runner.run(STEPS["cleanup: remove: Remove what is over"], NUMBER="").returncode == 0
    assert runner.started == [["berth", "ci", "cleanup", "--closed", "github"]]


def test_a_deployment_by_hand_was_reviewed_by_nobody(runner: Runner) -> None:
    """There is no pull request that it belongs to; the environment's reviewers let it in."""
    step = STEPS["deploy-stack: deploy: Deploy what was reviewed"]
    assert runner.run(step, GITHUB_EVENT_NAME="workflow_dispatch").returncode == 0
    assert runner.started == [["berth", "ci", "deploy", "--stack", "dev", "--smoke", "--output", "report"]]


def test_an_open_issue_gets_a_comment_and_no_second_one(runner: Runner) -> None:
    """One issue a stack, however many nights."""
    assert runner.run(STEPS["drift: drift: Say so in one issue"], ANSWER_OF_gh="41").returncode == 0
    assert runner.started[1] == ["gh", "issue", "comment", "41", *REPOSITORY, "--body", BODY]


def test_the_set_up_puts_both_folders_on_the_path(runner: Runner) -> None:
    """One line each, as GitHub reads them."""
    runner.run(STEPS["setup: action: 0"])
    assert runner.said("GITHUB_PATH") == f"{runner.folder}/.venv/bin\n/opt/pulumi\n"


def test_a_branch_with_a_strange_name_stays_one_argument(runner: Runner) -> None:
    """Whoever names a branch runs nothing."""
    step = STEPS["cleanup: ask: Start it"]
    runner.run(step, BRANCH='x"; touch pwned; "')
    assert not (runner.folder / "pwned").exists()
    assert 'x"; touch pwned; "' in runner.started[0]
