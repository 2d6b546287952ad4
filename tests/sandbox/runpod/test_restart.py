"""The account after a restart, and what of it stands on the disk."""

from __future__ import annotations

import json
import resource
import signal

import pytest

from sandbox.errors import JournalError
from sandbox.runpod.secrecy import is_secret
from tests.sandbox.runpod.served import ENDPOINT, VOLUME, served

REFERENCE = "{{ RUNPOD_SECRET_huggingface }}"


def test_a_restart_changes_nothing(tmp_path):
    """Ids, settings, versions, the clock, the quota and the bills are what they were."""
    with served(tmp_path) as runpod:
        runpod.settings(worker_quota=10)
        volume = runpod.post("/v2/network-volumes", VOLUME)["id"]
        endpoint = runpod.endpoint(networkVolumes=[volume], env={"HF_TOKEN": REFERENCE, "MODEL_NAME": "a/b"})["id"]
        runpod.patch(f"/v2/serverless/{endpoint}", {"image": "acme/worker:2", "workers": {"min": 1}})
        runpod.advance(5 * 86_400)
        url = runpod.url
        before = {path: runpod.get(path) for path in paths(endpoint)}
    with served(tmp_path) as runpod:
        after = {path: runpod.get(path) for path in paths(endpoint)}
        assert json.loads(json.dumps(after).replace(runpod.url, url)) == before
        assert runpod.get("/sandbox/settings")["worker_quota"] == 10
        totals = runpod.get("/v2/billing", bucketSize="year", lastN=2)["metadata"]["totals"]
        assert totals["serverlessGpuAmount"] == pytest.approx(5 * 24 * 0.684, rel=0.001)
        assert runpod.get("/_berth/inventory") == {
            "total": 2,
            "counts": {"runpod.endpoint": 1, "runpod.network_volume": 1},
            "ids": {"runpod.endpoint": [endpoint], "runpod.network_volume": [volume]},
        }


def paths(endpoint: str) -> list[str]:
    return ["/v2/serverless", "/v2/network-volumes", f"/v2/serverless/{endpoint}/releases"]


def test_a_change_is_on_the_disk_before_its_answer(tmp_path):
    """A process that is killed after an answer has lost nothing that was answered."""
    with served(tmp_path / "first") as runpod:
        made = runpod.endpoint()["id"]
        copy = (runpod.state / "runpod.json").read_text()
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "runpod.json").write_text(copy)
    with served(tmp_path / "second") as runpod:
        assert [endpoint["id"] for endpoint in runpod.get("/v2/serverless")["endpoints"]] == [made]


def test_jobs_do_not_outlive_the_process(tmp_path):
    """They are unknown afterwards, and their workers are free."""
    with served(tmp_path) as runpod:
        runpod.settings(token_seconds=3600, cold_start_seconds=0)
        endpoint = runpod.endpoint()["id"]
        job = runpod.job(endpoint)
        assert runpod.get(f"/ai/v2/{endpoint}/health")["workers"]["running"] == 1
    with served(tmp_path) as runpod:
        assert runpod.call("GET", f"/ai/v2/{endpoint}/status/{job}").status_code == 404
        assert runpod.get(f"/ai/v2/{endpoint}/health")["workers"]["idle"] == 1


def test_secrets_are_not_written_down(tmp_path):
    """Not of an endpoint, not of its releases, not of one that is gone; references and the rest are."""
    env = {"HF_TOKEN": "hf_verysecretvalue", "PLAIN": "https://user:pa55word@host", "MAX_TOKENS": "512"}
    with served(tmp_path) as runpod:
        made = runpod.endpoint(env=env | {"OTHER_TOKEN": REFERENCE})
        assert made["env"]["HF_TOKEN"] == "hf_verysecretvalue"
        runpod.patch(f"/v2/serverless/{made['id']}", {"env": {"HF_TOKEN": "hf_anothersecret", "A_KEY": "k-1234567"}})
        written = (runpod.state / "runpod.json").read_text()
    for secret in ("verysecret", "anothersecret", "pa55word", "k-1234567"):
        assert secret not in written
    assert REFERENCE in written
    assert '"512"' in written
    with served(tmp_path) as runpod:
        after = runpod.get(f"/v2/serverless/{made['id']}")["env"]
        assert set(after) == {"HF_TOKEN", "A_KEY"}
        assert all(value.startswith("sandboxplaceholder") for value in after.values())
        restarted = (runpod.state / "runpod.json").read_text()
        runpod.patch(f"/v2/serverless/{made['id']}", {"name": "other"})
    assert json.loads(restarted)["endpoints"][0]["settings"]["env"] == after


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("HF_TOKEN", "abc", True),
        ("hf_token", "abc", True),
        ("AWS_SECRET_ACCESS_KEY", "abc", True),
        ("DB_PASSWORD", "abc", True),
        ("ANYTHING", "hf_abc", True),
        ("ANYTHING", "rpa_abc", True),
        ("HF_TOKEN", "", False),
        ("HF_TOKEN", "{{ RUNPOD_SECRET_hf }}", False),
        ("HF_TOKEN", "{{RUNPOD_SECRET_hf}}", False),
        ("HF_TOKEN", "{{ RUNPOD_SECRET_hf }}x", True),
        ("MAX_NUM_BATCHED_TOKENS", "8192", False),
        ("TOKENIZER_NAME", "acme/llama", False),
        ("MODEL_NAME", "acme/llama", False),
    ],
)
def test_what_looks_like_a_secret(name: str, value: str, secret: bool):
    """Names by their words, values by known forms."""
    assert is_secret(name, value) is secret


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "JSONDecodeError"),
        ('{"format": 0}', "ValueError: format 0, this is 1"),
        ('{"format": 1}', "KeyError: 'advanced'"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path, content: str, reason: str):
    """With its place, the reason and the way out."""
    (tmp_path / "runpod.json").write_text(content)
    with pytest.raises(JournalError) as error, served(tmp_path):
        pass
    assert str(error.value).startswith(f"{tmp_path}/runpod.json: cannot be read as an account ({reason}")
    assert str(error.value).endswith("run `berth sandbox reset` to start with an empty one")


def test_a_full_disk_is_told(tmp_path):
    """The change is answered 500, the file is what it was, and with room it goes on."""
    with served(tmp_path) as runpod:
        made = runpod.endpoint()["id"]
        written = (tmp_path / "runpod.json").read_bytes()
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            response = runpod.call("POST", "/v2/serverless", ENDPOINT)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)
        assert response.status_code == 500
        assert f"the sandbox cannot write {tmp_path}/runpod.json (File too large)" in response.json()["detail"]
        assert (tmp_path / "runpod.json").read_bytes() == written
        runpod.delete(f"/v2/serverless/{made}")
