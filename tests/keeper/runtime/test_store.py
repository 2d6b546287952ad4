"""Where are the documents of a service, and what of two writers?"""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from components.keeper.runtime.calls import Calls
from components.keeper.runtime.errors import KeeperError
from components.keeper.runtime.store import FileStore, SsmStore
from tests.components.sagemaker_api import refusal


class Counted:
    """A client of SSM whose calls are kept; `fails` is raised by every call."""

    def __init__(self, client, fails=None):
        self._client, self.fails, self.calls = client, fails, []

    def __getattr__(self, name):
        def ask(**arguments):
            self.calls.append((name, arguments))
            if self.fails:
                raise self.fails
            return getattr(self._client, name)(**arguments)

        return ask


@pytest.fixture
def ssm(monkeypatch):
    """Parameter Store of an account of this test alone, with what a stack puts there."""
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("ssm")
        for kind, text in (("config", '{"version":1}'), ("state", "{}"), ("awake_until", "{}"), ("wake", "{}")):
            client.put_parameter(Name=f"/berth/prod/chat/{kind}", Value=text, Type="String")
        yield Counted(client)


def test_all_documents_with_one_question(ssm):
    """SSM answers only so many in a second."""
    store = SsmStore("prod", "chat", ssm, Calls())
    assert [store.read(kind) for kind in ("config", "state", "awake_until", "wake")] == ['{"version":1}', *["{}"] * 3]
    names = [f"/berth/prod/chat/{kind}" for kind in ("config", "state", "awake_until", "wake")]
    assert ssm.calls == [("get_parameters", {"Names": names})]


def test_what_is_written_is_read(ssm):
    """In the same run, and in the next; the other documents stay what they were."""
    store = SsmStore("prod", "chat", ssm, Calls())
    store.read("state")
    store.write("wake", '{"key_id":"team-a"}')
    assert store.read("wake") == '{"key_id":"team-a"}'
    assert ssm.calls[-1] == (
        "put_parameter",
        {"Name": "/berth/prod/chat/wake", "Value": '{"key_id":"team-a"}', "Type": "String", "Overwrite": True},
    )
    again = SsmStore("prod", "chat", ssm, Calls())
    assert (again.read("wake"), again.read("state")) == ('{"key_id":"team-a"}', "{}")


def test_a_document_that_is_not_there(ssm):
    """Is none; writing makes it."""
    assert SsmStore("prod", "other", ssm, Calls()).read("config") is None
    SsmStore("prod", "other", ssm, Calls()).write("state", "{}")
    assert SsmStore("prod", "other", ssm, Calls()).read("state") == "{}"


def test_ssm_may_refuse(ssm):
    """With operation and code, and nothing of a document."""
    ssm.fails = refusal("GetParameters", "AccessDeniedException", "User is not authorized to perform this.")
    with pytest.raises(KeeperError) as raised:
        SsmStore("prod", "chat", ssm, Calls()).read("state")
    assert str(raised.value) == "GetParameters: AccessDeniedException: User is not authorized to perform this"


def test_files_where_there_is_no_aws(tmp_path):
    """The same documents, one file each, whole or not at all."""
    store = FileStore(tmp_path, "dev", "chat")
    assert store.read("state") is None
    store.write("state", '{"state":"awake"}')
    store.write("state", '{"state":"asleep"}')
    assert FileStore(tmp_path, "dev", "chat").read("state") == '{"state":"asleep"}'
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "dev/chat/state.json"
    ]


def test_a_file_that_cannot_be_read_or_written(tmp_path):
    """Is an error with its place."""
    folder = tmp_path / "dev" / "chat"
    (folder / "state.json").mkdir(parents=True)
    with pytest.raises(KeeperError, match=r"state\.json: cannot be read"):
        FileStore(tmp_path, "dev", "chat").read("state")
    (tmp_path / "prod").write_text("in the way")
    with pytest.raises(KeeperError, match=r"state\.json: cannot be written"):
        FileStore(tmp_path, "prod", "chat").write("state", "{}")
