"""Functions and what is around them: code that is told apart by its content, calls at a deployment, what is refused."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from provider_cases_keeper import HANDLER, archive, asset, names_in, sha256_of, trust
from provider_engine import CheckFailedError, urn
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider.archives import ARCHIVE, ASSET, ArchiveError, zip_of
from sandbox.provider.values import SIGNATURE_KEY, UNKNOWN, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider_engine import Deployed, Engine

FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
PARAMETER = "aws:ssm/parameter:Parameter"


def folder(path: Path) -> dict[str, Any]:
    """An archive of a path as the engine sends it."""
    return {SIGNATURE_KEY: ARCHIVE, "hash": "f" * 64, "path": str(path)}


def test_the_same_files_are_the_same_zip(tmp_path: Path) -> None:
    """In whatever order they come, as texts, from a folder or from a zip inside; a zip itself is taken as it is."""
    (tmp_path / "src" / "pkg").mkdir(parents=True)
    (tmp_path / "src" / "it.py").write_text("a = 1\n")
    (tmp_path / "src" / "pkg" / "b.py").write_text("b = 2\n")
    listed = {SIGNATURE_KEY: ARCHIVE, "assets": {"pkg/b.py": asset("b = 2\n"), "it.py": asset("a = 1\n")}}
    packed = tmp_path / "code.zip"
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("b.py", "b = 2\n")
    nested = {SIGNATURE_KEY: ARCHIVE, "assets": {"it.py": asset("a = 1\n"), "pkg": folder(packed)}}
    content = zip_of(listed)
    assert names_in(content) == ["it.py", "pkg/b.py"]
    assert zip_of(folder(tmp_path / "src")) == content
    assert zip_of(nested) == content
    assert zip_of(folder(packed)) == packed.read_bytes()
    assert zip_of(UNKNOWN) is UNKNOWN
    empty = {SIGNATURE_KEY: ASSET, "hash": hashlib.sha256().hexdigest()}
    with zipfile.ZipFile(io.BytesIO(zip_of({SIGNATURE_KEY: ARCHIVE, "assets": {"__init__.py": empty}}))) as found:
        assert found.read("__init__.py") == b""


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("code.zip", "must be an archive: pulumi.FileArchive or pulumi.AssetArchive"),
        (folder(Path("code")), "code is relative; give the absolute path"),
        (folder(Path("/nowhere/code")), "/nowhere/code does not exist"),
        (folder(Path(__file__)), f"{__file__} is neither a folder nor a zip or tar file"),
        (
            {SIGNATURE_KEY: ARCHIVE, "assets": {"a.py": {SIGNATURE_KEY: ASSET, "uri": "https://example.com/a.py"}}},
            "https://example.com/a.py in it lies elsewhere; the sandbox fetches nothing",
        ),
        (
            {SIGNATURE_KEY: ARCHIVE, "uri": "https://example.com/code.zip"},
            "has neither a path nor assets; the sandbox fetches nothing from elsewhere",
        ),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused(value: Any, message: str) -> None:
    """With what to give instead."""
    with pytest.raises(ArchiveError) as refused:
        zip_of(value)
    assert str(refused.value) == message


@pytest.fixture
def keeper(engine: Engine) -> Deployed:
    """A function that answers with the event, or fails when it is told to."""
    code = (
        "def handle(event, context):\n"
        "    if event.get('fail'):\n"
        "        raise ValueError('told to')\n"
        "    return event\n"
    )
    role = engine.create("aws:iam/role:Role", "role", {"assumeRolePolicy": trust("lambda.amazonaws.com")})
    inputs = {"code": archive(keeper=code), "handler": "keeper.handle", "runtime": "python3.13", "role": role["arn"]}
    return engine.create(FUNCTION, "keeper", inputs)


def test_code_is_told_apart_by_its_content(engine: Engine, keeper: Deployed, client: Callable[[str], Any]) -> None:
    """Another place with the same hash is no change; another content is one, and runs from then on."""
    same = {**keeper.inputs, "code": {**keeper.inputs["code"], "assets": {"other.py": asset("")}}}
    assert engine.diff_checked(keeper, same).kinds == {}
    inputs = {name: value for name, value in keeper.inputs.items() if not name.startswith("__")}
    changed = {**inputs, "code": archive(keeper=HANDLER)}
    assert engine.diff(keeper, changed).kinds == {"code": "UPDATE"}
    engine.update(keeper, changed)
    assert keeper["codeSha256"] == sha256_of(zip_of(changed["code"]))
    answer = client("lambda").invoke(FunctionName=keeper.id, Payload=b"7")
    assert answer["Payload"].read() == b'{"asked": 7}'


def test_an_invocation_calls_once_and_again_for_another_trigger(
    engine: Engine, keeper: Deployed, client: Callable[[str], Any]
) -> None:
    """Its answer is an output; a refresh calls nothing, and another trigger is another call."""
    inputs = {"functionName": keeper["name"], "input": '{"services": []}', "triggers": {"config": "1"}}
    made = engine.create(INVOCATION, "run", inputs)
    assert made["result"] == '{"services": []}'
    found = engine.read(made)
    assert found is not None
    assert found.outputs == made.outputs
    assert engine.diff(made, {**inputs, "triggers": {"config": "2"}}).replaces == ["triggers.config"]
    assert engine.diff(made, {**inputs, "input": "{}"}).replaces == ["input"]
    engine.delete(made)
    assert len(_streams(client, keeper)) == 0  # a role without rights has no log


def _streams(client: Callable[[str], Any], function: Deployed) -> list[Any]:
    return client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.id}")["logGroups"]


def test_an_invocation_that_fails_is_no_resource(engine: Engine, keeper: Deployed) -> None:
    """The deployment says what the function said."""
    with pytest.raises(grpc.RpcError) as caught:
        engine.create(INVOCATION, "run", {"functionName": keeper["name"], "input": '{"fail": true}'})
    details = str(caught.value.details())
    assert f"invoking {keeper['name']}: Unhandled: " in details
    assert '"errorMessage": "told to"' in details
    assert [one.name for one in engine.deployed] == ["role", "keeper"]


REFUSED = {
    "no code": (FUNCTION, {"code": None}, "code", "exactly one of code, s3Bucket must be given, got none"),
    "relative code": (FUNCTION, {"code": folder(Path("x"))}, "code", "x is relative; give the absolute path"),
    "no code at all": (
        FUNCTION,
        {"code": "x.zip"},
        "code",
        'must be an archive or an asset, got the string "x.zip"',
    ),
    "timeout": (FUNCTION, {"timeout": 901}, "timeout", "expected 1 to 900, got 901"),
    "architecture": (
        FUNCTION,
        {"architectures": ["arm"]},
        "architectures[0]",
        "expected one of x86_64, arm64; got 'arm'",
    ),
    "no handler": (FUNCTION, {"handler": None}, "handler", "must be given when packageType is 'Zip'"),
    "image": (FUNCTION, {"imageUri": "x"}, "imageUri", "is not known to the sandbox; leave it out"),
    "variable": (
        FUNCTION,
        {"environment": {"variables": {"a-b": "x"}}},
        "environment.variables.a-b",
        "must have two or more letters, digits and _, a letter first",
    ),
    "scope": (
        INVOCATION,
        {"functionName": "f", "input": "{}", "lifecycleScope": "CRUD"},
        "lifecycleScope",
        "expected one of CREATE_ONLY; got 'CRUD'",
    ),
    "state of a schedule": (
        "aws:scheduler/schedule:Schedule",
        {"state": "on"},
        "state",
        "expected one of ENABLED, DISABLED; got 'on'",
    ),
    "window": (
        "aws:scheduler/schedule:Schedule",
        {"flexibleTimeWindow": {"mode": "FLEXIBLE"}},
        "flexibleTimeWindow.maximumWindowInMinutes",
        "must be given when mode is 'FLEXIBLE'",
    ),
    "name of a queue": (
        "aws:sqs/queue:Queue",
        {"name": "a.b"},
        "name",
        "must hold 1 to 80 letters, digits, - and _; got 'a.b'",
    ),
    "time of a budget": (
        "aws:budgets/budget:Budget",
        {"timePeriodStart": "2026-11-01"},
        "timePeriodStart",
        "must have the form 2026-11-01_00:00, got '2026-11-01'",
    ),
    "alias": (
        "aws:kms/alias:Alias",
        {"name": "berth", "targetKeyId": "k"},
        "name",
        "must begin with alias/ and not with alias/aws/; got 'berth'",
    ),
    "monitor": (
        "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
        {"monitorType": "CUSTOM"},
        "monitorSpecification",
        "must be given when monitorType is 'CUSTOM'",
    ),
    "mails at once": (
        "aws:costexplorer/anomalySubscription:AnomalySubscription",
        {
            "frequency": "IMMEDIATE",
            "monitorArnLists": ["arn:aws:ce::123456789012:anomalymonitor/x"],
            "subscribers": [{"type": "EMAIL", "address": "a@example.com"}],
        },
        "frequency",
        "IMMEDIATE goes to SNS topics alone; e-mails take DAILY or WEEKLY",
    ),
}
ROLE = "arn:aws:iam::123456789012:role/x"
WHOLE: dict[str, dict[str, Any]] = {
    FUNCTION: {"code": archive(it=HANDLER), "handler": "it.handle", "runtime": "python3.13", "role": ROLE},
    "aws:scheduler/schedule:Schedule": {
        "scheduleExpression": "rate(1 hour)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {"arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "roleArn": ROLE},
    },
    "aws:budgets/budget:Budget": {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "1",
        "limitUnit": "USD",
    },
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_not_be_is_refused(engine: Engine, case: str) -> None:
    """At preview, before AWS hears of it."""
    token, change, path, reason = REFUSED[case]
    inputs = {name: value for name, value in {**WHOLE.get(token, {}), **change}.items() if value is not None}
    with pytest.raises(CheckFailedError) as caught:
        engine.check(token, "refused", inputs)
    assert caught.value.failures[path] == reason


def test_a_value_that_somebody_else_keeps_is_ignored(engine: Engine, client: Callable[[str], Any]) -> None:
    """A refresh sees what was written meanwhile; with ignore_changes there is no difference, and nothing is written."""
    inputs = {"name": "/berth/test/chat/state", "type": "String", "insecureValue": "{}"}
    made = engine.create(PARAMETER, "state", inputs)
    client("ssm").put_parameter(Name=made.id, Value='{"state":"off"}', Overwrite=True)
    found = engine.read(made)
    assert found is not None
    assert found.outputs["insecureValue"] == '{"state":"off"}'
    request = pb.DiffRequest(
        id=made.id,
        urn=urn(PARAMETER, "state"),
        olds=encode(found.outputs),
        old_inputs=encode(found.inputs),
        news=encode(made.inputs),
        ignoreChanges=["insecureValue"],
    )
    assert engine.stub.Diff(request).changes == pb.DiffResponse.DIFF_NONE
    assert engine.diff_checked(found, made.inputs).kinds == {"insecureValue": "UPDATE"}


def test_a_parameter_grows_in_place_and_shrinks_by_another_one(engine: Engine) -> None:
    """AWS takes a parameter to the advanced tier, and none of them back."""
    inputs = {"name": "/berth/test/chat/config", "type": "String", "insecureValue": "x" * 4096}
    made = engine.create(PARAMETER, "config", {**inputs, "tier": "Standard"})
    large = {**inputs, "tier": "Advanced", "insecureValue": "x" * 5000}
    assert engine.diff(made, large).replaces == []
    engine.update(made, large)
    diff = engine.diff(made, {**inputs, "tier": "Standard"})
    assert (diff.replaces, diff.delete_before_replace) == (["tier"], True)
    with pytest.raises(CheckFailedError) as caught:
        engine.check(PARAMETER, "config", {**inputs, "insecureValue": "x" * 4097})
    assert caught.value.failures["value"] == "has 4097 bytes; the Standard tier takes 4096, use Advanced"
