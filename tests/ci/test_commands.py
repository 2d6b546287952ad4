"""The commands, with a Pulumi CLI that answers as it is told: what they call, write, post, and exit with."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.ci.deploy import Wanted, deploy
from components.ci.exit_codes import COST, LOCKED, NOT_REVIEWED, OK, POLICY, PROGRAM, PROVIDER, SMOKE, USAGE
from components.ci.history import GOOD_TAG, SPECS_KEY
from components.ci.money import Tolerance
from components.ci.preview import Question
from components.ci.project import Project
from components.ci.pulumi import Pulumi
from components.ci.report import StackReport
from components.ci.reviewed import Reviewed
from components.cli.main import main
from tests.ci.fake_pulumi import FakePulumi
from tests.ci.told import NOW, SPEC, Checkout, ended, policy, said, service_urn, step

LOCK = (
    "error: the stack is currently locked by 1 lock(s). Either wait\n  x.json: created by ci@runner (pid 7) at"
    " 2026-11-21T20:23:50Z\n"
)
FIRST, SECOND = "2026-11-20T10:00:00.000Z", "2026-11-21T10:00:00.000Z"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout with stack `dev`, which the backend knows, on a machine without tokens."""
    made = Checkout(tmp_path / "checkout")
    made.declare(("chat", "ecs"))
    (made.root / "Pulumi.yaml").write_text("name: berth\nruntime: python\nmain: stacks\n")
    (made.root / "stacks" / "__main__.py").write_text('"""The program."""\n')
    (made.root / ".venv").mkdir()
    monkeypatch.chdir(made.root)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "CI_MERGE_REQUEST_LABELS"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def cli(checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    fake = FakePulumi.install(tmp_path / "bin")
    monkeypatch.setenv("PATH", fake.path)
    fake.answer("stack ls", {"out": json.dumps([{"name": "dev"}])})
    fake.answer("preview", {"events": events(checkout)})
    fake.answer("up", {"events": ended()})
    fake.answer("stack tag ls", {"out": "{}"})
    fake.answer("stack history", {"out": json.dumps([update(SECOND), update(FIRST)])})
    return fake


def events(checkout: Checkout, *more: str, spec: str = SPEC, result: str = "succeeded") -> list[str]:
    """A preview in which service `chat` was what `spec` says and becomes what the checkout says."""
    before = checkout.declare(("chat", "ecs"), spec=spec).registered["chat"]
    after = checkout.declare(("chat", "ecs")).registered["chat"]
    root = step("same", "pulumi:pulumi:Stack", "berth-dev", {}, {})
    return [root, step("update", "berth:index:ModelService", "chat", before, after), *more, *ended(result)]


def update(at: str, spec: str | None = SPEC, result: str = "succeeded") -> dict[str, Any]:
    """One entry of Pulumi's history."""
    services = [{"spec": "services/chat.yaml", "target": "ecs"}]
    config = {
        "aws:region": {"value": "us-east-1", "secret": False},
        "berth:environment": {"value": "dev", "secret": False},
        "berth:services": {"value": json.dumps(services), "objectValue": services, "secret": False},
    }
    if spec is not None:
        config[SPECS_KEY] = {"value": "", "objectValue": {"services/chat.yaml": spec}, "secret": False}
    return {"kind": "update", "startTime": at, "result": result, "message": "berth ci deploy", "config": config}


def run(*arguments: str) -> int:
    return main(["ci", *arguments])


CODES = {
    "nothing": ({}, OK),
    "policy": ({"more": policy("max-replicas", service_urn("chat"), "About.\nchat: 9"), "result": "failed"}, POLICY),
    "provider": ({"more": said("AccessDenied", of=service_urn("chat").replace("berth:index:ModelService", "aws:x/y:Z")),
                  "result": "failed"}, PROVIDER),
    "program": ({"more": said("stacks/services/chat.yaml: wrong"), "result": "failed"}, PROGRAM),
    "cost": ({"spec": SPEC.replace("requests_per_hour: 1200", "requests_per_hour: 10")}, COST),
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_a_preview_exits_with_what_stops_it(
    name: str, checkout: Checkout, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each reason has its code, and the page is there for each of them."""
    given, code = CODES[name]
    more = [given["more"]] if "more" in given else []
    told = events(checkout, *more, spec=given.get("spec", SPEC), result=given.get("result", "succeeded"))
    cli.answer("preview", {"events": told, "code": 0 if "result" not in given else 1})
    assert run("preview", "--stack", "dev", "--output", "out") == code
    assert "## Berth: `dev`" in capsys.readouterr().out
    assert json.loads((checkout.root / "out" / "report.json").read_text())["exitCode"] == code


def test_a_preview_asks_the_policies_of_the_environment(cli: FakePulumi) -> None:
    """And for the event log; nothing is written to the stack file."""
    assert run("preview", "--stack", "dev") == OK
    (call,) = cli.calls("preview")
    at = call.index("--policy-pack")
    assert call[at : at + 4] == ["--policy-pack", "policies", "--policy-pack-config", "policies/config/dev.json"]
    assert "--event-log" in call
    assert not {"--config", "-c"} & set(call)
    assert cli.noted()[-1]["debug"] == "true"


def test_a_label_of_the_event_approves_a_rise(
    checkout: Checkout, cli: FakePulumi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another label does not."""
    cli.answer("preview", {"events": events(checkout, spec=CODES["cost"][0]["spec"])})
    event = checkout.root / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 1, "labels": [{"name": "cost-approved"}]}}))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    assert run("preview", "--stack", "dev", "--approval-label", "another") == COST
    assert run("preview", "--stack", "dev") == OK
    assert "Approved by label cost-approved." in capsys.readouterr().out


def test_a_stack_that_the_backend_does_not_know_is_not_made_there(cli: FakePulumi) -> None:
    """It is previewed on a backend of its own, with a copy of its file that has no key of another."""
    cli.answer("stack ls", {"out": "[]"})
    assert run("preview", "--stack", "dev") == OK
    made = [one for one in cli.noted() if one["arguments"][:2] == ["stack", "init"] or one["arguments"][0] == "preview"]
    assert [one["backend"].startswith("file://") for one in made] == [True, True]
    # The key in the file of the checkout is for the passphrase of another.
    assert made[0]["folder"] != made[1]["folder"] == str(Path.cwd())
    assert "encryptionsalt" not in (cli.folder / "config.yaml").read_text()


def test_a_preview_that_asked_no_policies_is_not_believed(
    checkout: Checkout, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """A CLI without the event log would let everything pass."""
    cli.answer("preview", {"events": [line for line in events(checkout) if "policyAnalyzeStack" not in line]})
    assert run("preview", "--stack", "dev") == PROGRAM
    assert "its event log has no word of the policies" in capsys.readouterr().out


def test_a_spec_that_is_wrong_is_told_without_pulumi(
    checkout: Checkout, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """With all problems, as `berth plan` tells them."""
    (checkout.root / "stacks" / "services" / "chat.yaml").write_text(SPEC.replace("max_replicas: 3", "max_replicas: 0"))
    assert run("preview", "--stack", "dev") == PROGRAM
    assert "scaling.max\\_replicas: 0 is less than 1; use 1 or more" in capsys.readouterr().out
    assert cli.calls("preview") == []


@pytest.mark.parametrize(
    "given", [["preview"], ["preview", "--stack"], ["deploy"], ["nonsense"], [], ["cost-report", "--days", "0"]]
)
def test_wrong_usage_has_a_code_of_its_own(given: list[str], cli: FakePulumi) -> None:
    """2 is that of a policy."""
    try:
        code = run(*given)
    except SystemExit as ended_with:
        code = int(str(ended_with.code))
    assert code == USAGE


def question(checkout: Checkout, heard: list[str]) -> Question:
    return Question(Project(checkout.root), Pulumi(checkout.root, heard.append), Tolerance(), NOW)


def wanted(shown: list[StackReport], **more: Any) -> Wanted:
    given = {"reviewed": None, "approve_cost": False, "smoke": None, "rolls_back": True}
    return Wanted(stack="dev", show=shown.append, **{**given, **more})


def test_a_deployment_previews_deploys_and_is_kept_with_its_specs(checkout: Checkout, cli: FakePulumi) -> None:
    """In that order; the specs are in the configuration that Pulumi keeps, the digest in the message."""
    shown: list[StackReport] = []
    assert deploy(question(checkout, []), wanted(shown)) == OK
    order = [call[0] for call in cli.calls("preview", "up")]
    assert order == ["preview", "up"]
    (call,) = cli.calls("up")
    assert call[call.index("--message") + 1] == f"berth ci deploy {shown[0].digest}"
    assert "--skip-preview" not in call
    assert "--policy-pack" in call
    kept = yaml.safe_load((cli.folder / "config.yaml").read_text())["config"]
    assert kept[SPECS_KEY] == {"services/chat.yaml": SPEC}
    assert cli.calls("stack tag set") == [
        ["stack", "tag", "set", "--stack", "dev", GOOD_TAG, SECOND, "--non-interactive"]
    ]
    assert SPECS_KEY not in (checkout.root / "stacks" / "Pulumi.dev.yaml").read_text()


@pytest.mark.parametrize(
    ("review", "code"),
    [(Reviewed("sha256:other", "--expect-digest"), NOT_REVIEWED), (None, COST)],
)
def test_what_was_not_reviewed_is_not_deployed(
    review: Reviewed | None, code: int, checkout: Checkout, cli: FakePulumi
) -> None:
    """A rise that nobody saw is not, either; approved or reviewed, it is."""
    cli.answer("preview", {"events": events(checkout, spec=CODES["cost"][0]["spec"])})
    heard: list[str] = []
    shown: list[StackReport] = []
    assert deploy(question(checkout, heard), wanted(shown, reviewed=review)) == code
    assert cli.calls("up") == []
    assert deploy(question(checkout, heard), wanted(shown, approve_cost=True)) == OK
    assert deploy(question(checkout, heard), wanted(shown, reviewed=Reviewed(shown[0].digest, "x"))) == OK


def test_a_policy_stops_a_deployment_whatever_was_reviewed(checkout: Checkout, cli: FakePulumi) -> None:
    """Limits may have changed since."""
    cli.answer("preview", {"events": events(checkout, CODES["policy"][0]["more"], result="failed"), "code": 1})
    assert deploy(question(checkout, []), wanted([], approve_cost=True)) == POLICY
    assert cli.calls("up") == []


def test_a_lock_is_told_with_its_holder_and_left_alone(checkout: Checkout, cli: FakePulumi) -> None:
    """Nothing cancels what another deployment is doing."""
    cli.answer("up", {"code": 255, "err": LOCK})
    heard: list[str] = []
    assert deploy(question(checkout, heard), wanted([])) == LOCKED
    assert (
        "berth: dev is locked by ci@runner (process 7) since 2026-11-21T20:23:50Z. Wait for that deployment."
        in heard[-1]
    )
    assert cli.calls("cancel") == []


def test_a_failed_smoke_test_goes_back_to_the_last_good_specs(checkout: Checkout, cli: FakePulumi) -> None:
    """With today's program; the failed one is not called good, and the code says that it failed."""
    old = SPEC.replace("max_replicas: 3", "max_replicas: 2")
    cli.answer("stack history", {"out": json.dumps([update(SECOND), update(FIRST, old)])})
    cli.answer("stack tag ls", {"out": json.dumps({GOOD_TAG: FIRST})})
    heard: list[str] = []
    assert deploy(question(checkout, heard), wanted([], smoke=lambda _: False)) == SMOKE
    first, second = cli.calls("up")
    assert second[second.index("--message") + 1] == "berth rollback to 1"
    assert (cli.folder / "seen-chat.yaml").read_text() == old
    assert first != second
    assert heard[-1] == "berth: dev: rolled back"
    assert str(checkout.root / "policies") in second


def test_without_a_good_deployment_nothing_is_rolled_back(checkout: Checkout, cli: FakePulumi) -> None:
    """It is said, and the code is the same; so it is where that was asked for."""
    heard: list[str] = []
    assert deploy(question(checkout, heard), wanted([], smoke=lambda _: False)) == SMOKE
    assert heard[-1].endswith("it is not rolled back: no earlier deployment is known to be good")
    assert deploy(question(checkout, heard), wanted([], smoke=lambda _: False, rolls_back=False)) == SMOKE
    assert heard[-1].endswith("it is not rolled back: --no-rollback was given")
    assert len(cli.calls("up")) == 2


def test_a_service_that_sleeps_proves_nothing_and_breaks_nothing(checkout: Checkout, cli: FakePulumi) -> None:
    """The deployment stays, and the last good one stays what it was."""
    heard: list[str] = []
    assert deploy(question(checkout, heard), wanted([], smoke=lambda _: None)) == OK
    assert cli.calls("stack tag set") == []


def test_rollback_lists_and_goes_back(checkout: Checkout, cli: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers count from the first; what was not kept cannot be applied, and it is said how else."""
    foreign = {**update(SECOND, None), "environment": {"git.head": "ab" * 20}}
    cli.answer("stack history", {"out": json.dumps([foreign, update(FIRST)])})
    cli.answer("stack tag ls", {"out": json.dumps({GOOD_TAG: FIRST})})
    assert main(["rollback", "--stack", "dev", "--json"]) == OK
    listed = json.loads(capsys.readouterr().out)["deployments"]
    assert [(one["number"], one["good"], one["canBeApplied"]) for one in listed] == [(2, False, False), (1, True, True)]
    assert main(["rollback", "--stack", "dev", "--to", "2", "--yes"]) == PROGRAM
    assert f"its commit is {'ab' * 20}: check that out and deploy it" in capsys.readouterr().err
    assert main(["rollback", "--stack", "dev", "--to", "7", "--yes"]) == PROGRAM
    assert "stack dev has no deployment 7; there are 1 to 2" in capsys.readouterr().err
    assert main(["rollback", "--stack", "dev", "--to", "1", "--yes"]) == OK
    seen = yaml.safe_load((cli.folder / "seen-Pulumi.dev.yaml").read_text())["config"]
    assert seen["berth:services"] == [{"spec": "services/chat.yaml", "target": "ecs"}]
    assert seen[SPECS_KEY] == {"services/chat.yaml": SPEC}


def test_a_kept_path_that_leads_out_of_the_folder_is_not_written(checkout: Checkout, cli: FakePulumi) -> None:
    """History is data, and somebody may have written it."""
    evil = update(FIRST)
    evil["config"][SPECS_KEY]["objectValue"] = {"../../evil": "x"}
    cli.answer("stack history", {"out": json.dumps([evil])})
    assert main(["rollback", "--stack", "dev", "--to", "1", "--yes"]) == PROGRAM
    assert cli.calls("up") == []


TAGS = {
    "pr-1": {"ttl": "2020-01-01T00:00:00Z"},
    "pr-2": {"ttl": "2199-01-01T00:00:00Z"},
    "pr-3": {},
    "pr-4": {"ttl": "2020-01-01T00:00:00Z", "protected": "yes"},
    "pr-5": {"ttl": "2020-01-01T00:00:00Z"},
}


@pytest.fixture
def stacks(cli: FakePulumi) -> FakePulumi:
    """Stacks of pull requests beside those of teams; of pr-5 a resource is protected."""
    cli.answer("stack ls", {"out": json.dumps([{"name": name} for name in ("dev", "prod", "pr-x", *TAGS)])})
    cli.answer("stack tag ls", *({"out": json.dumps(TAGS[name])} for name in sorted(TAGS)))
    held = [{"urn": "urn:pulumi:pr-5::berth::aws:efs/fileSystem:FileSystem::cache", "protect": True}]
    exports = [
        {"out": json.dumps({"deployment": {"resources": held if name == "pr-5" else []}})} for name in sorted(TAGS)
    ]
    cli.answer("stack export", *exports)
    cli.answer("destroy", {"events": ended()})
    return cli


def test_cleanup_removes_what_is_over_and_nothing_that_is_protected(
    stacks: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stacks with other names are not even looked at; what has no end is a problem that a person has to see."""
    assert run("cleanup") == PROGRAM
    assert capsys.readouterr().out.splitlines() == [
        "pr-1: removed: ended at 2020-01-01T00:00:00Z",
        "pr-2: left: ends at 2199-01-01T00:00:00Z",
        "pr-3: left: has no tag ttl; remove it with --stack pr-3",
        "pr-4: left: has the tag protected",
        "pr-5: left: holds what is protected: cache",
    ]
    (call,) = stacks.calls("destroy")
    assert call[:3] == ["destroy", "--yes", "--remove"]
    assert call[call.index("--stack") + 1] == "pr-1"


def test_a_dry_run_removes_nothing(stacks: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what would be."""
    run("cleanup", "--dry-run")
    assert "pr-1: would be removed: ended at 2020-01-01T00:00:00Z" in capsys.readouterr().out
    assert stacks.calls("destroy") == []


@pytest.mark.parametrize("stack", ["prod", "pr-x", "pr-0", "pr-1; true"])
def test_cleanup_takes_no_other_stack_by_name(
    stack: str, stacks: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a workflow passes on."""
    assert run("cleanup", "--stack", stack) == PROGRAM
    assert f"{stack} is not an ephemeral stack" in capsys.readouterr().err
    assert stacks.calls("destroy") == []


def test_an_ephemeral_stack_is_tagged_before_anything_is_made(checkout: Checkout, cli: FakePulumi) -> None:
    """So that the sweeper finds it, whatever becomes of its deployment."""
    (checkout.root / "stacks" / "Pulumi.pr-12.yaml").unlink(missing_ok=True)
    run("deploy", "--stack", "pr-12", "--from", "dev", "--ttl", "2h")
    names = [" ".join(call[:3]) for call in cli.calls("stack init", "stack tag set", "preview", "up")]
    assert names[:4] == ["stack init pr-12", "stack tag set", "stack tag set", "stack tag set"]
    tags = {call[5]: call[6] for call in cli.calls("stack tag set")[:3]}
    assert (tags["pr"], set(tags)) == ("12", {"pr", "ttl", "owner"})
    ends = datetime.strptime(tags["ttl"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 7100 < (ends - datetime.now(UTC)).total_seconds() <= 7200
    written = yaml.safe_load((checkout.root / "stacks" / "Pulumi.pr-12.yaml").read_text())
    assert written["config"]["berth:tags"]["pr"] == "12"


@pytest.mark.parametrize(
    ("stack", "ttl", "message"),
    [("dev", "2h", "dev is not an ephemeral stack"), ("pr-1", "8d", "lives up to 7d"), ("pr-1", "soon", "--ttl: soon")],
)
def test_an_ephemeral_stack_has_a_name_and_an_end(
    stack: str, ttl: str, message: str, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """A team's stack is never written over."""
    assert run("deploy", "--stack", stack, "--from", "dev", "--ttl", ttl) in (PROGRAM, USAGE)
    assert message in capsys.readouterr().err
    assert cli.calls("stack init", "up") == []


@pytest.fixture
def repository(checkout: Checkout) -> Path:
    """The checkout, committed once."""
    root = checkout.root
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *name, *command], cwd=root, check=True, capture_output=True)
    return root


@pytest.mark.parametrize(
    ("file", "touches"),
    [
        ("stacks/services/chat.yaml", True),
        ("stacks/Pulumi.dev.yaml", True),
        ("stacks/Pulumi.other.yaml", False),
        ("components/plan/make.py", True),
        ("components/ci/markdown.py", False),
        ("policies/cost.py", True),
        ("policies/config/dev.json", True),
        ("policies/config/prod.json", False),
        ("docs/guides/ci.md", False),
        ("requirements.lock", True),
    ],
)
def test_a_change_touches_the_stacks_that_are_made_of_its_files(
    file: str, touches: bool, repository: Path, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that nobody committed yet count, so that a laptop sees what a pull request will."""
    path = repository / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.is_file() else "") + "\n# changed\n")
    assert run("stacks", "--changed-since", "main", "--json") == OK
    assert ("dev" in json.loads(capsys.readouterr().out)) is touches


def test_a_reference_that_is_not_there_says_what_to_fetch(
    repository: Path, cli: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """And one that is an option is none."""
    assert run("stacks", "--changed-since", "nowhere") == PROGRAM
    assert "git: there is no nowhere here; fetch it, or name a branch, a tag or a commit" in capsys.readouterr().err
    assert run("stacks", "--changed-since=--output=x") == PROGRAM
    assert "is not a reference" in capsys.readouterr().err


def test_a_stack_that_is_not_deployed_is_compared_with_the_files_of_the_base(
    repository: Path, checkout: Checkout, cli: FakePulumi
) -> None:
    """They are planned with today's tables."""
    cli.answer("stack ls", {"out": "[]"})
    told = [line for line in events(checkout) if "ModelService" not in line and "pulumi:pulumi:Stack" not in line]
    after = checkout.declare(("chat", "ecs"), spec=SPEC.replace("[L4, A10G, L40S]", "[L40S]")).registered["chat"]
    made = [step("create", "pulumi:pulumi:Stack", "berth-dev", None, {}),
            step("create", "berth:index:ModelService", "chat", None, after)]  # fmt: skip
    cli.answer("preview", {"events": [*made, *told]})
    run("preview", "--changed-since", "main", "--output", "out")
    project = json.loads((repository / "out" / "report.json").read_text())["projects"][0]
    assert project["comparedWith"] == "main, as it is not deployed"
    assert project["resources"][0]["fields"] == [
        {"path": "accelerators", "before": "[L4, A10G, L40S]", "after": "[L40S]"}
    ]
