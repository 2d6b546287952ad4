"""Does the program, as the image runs it, say what it needs by exit code and one line, and never its token?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_hub import FakeHub
from weight_cache.config import ConfigError, load_config

SOURCE = Path(__file__).parent.parent / "src"
TOKEN = "hf_very_secret_value"
FILES = {"config.json": b"{}", "model.safetensors": b"w" * 100}


def environment(models_dir: Path | str = "/models", **variables: str) -> dict[str, str]:
    return {
        "BERTH_MODEL_ID": "org/model",
        "BERTH_MODEL_REVISION": "",
        "BERTH_MODEL_SOURCE": "hub",
        "BERTH_MODEL_S3_URI": "",
        "BERTH_MODELS_DIR": str(models_dir),
        **variables,
    }


COMMAND = [sys.executable, "-W", "error", "-m", "weight_cache"]


def run(models_dir: Path, hub_url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    complete = complete_environment(models_dir, hub_url, **variables)
    return subprocess.run(COMMAND, env=complete, capture_output=True, text=True, check=False)


def complete_environment(models_dir: Path, hub_url: str, **variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BERTH_", "HF_"))}
    own = {"PYTHONPATH": str(SOURCE), "HF_ENDPOINT": hub_url, "HF_HOME": str(models_dir / "home"), "HF_TOKEN": TOKEN}
    own["HF_HUB_DISABLE_TELEMETRY"] = "1"
    return {**inherited, **own, **environment(models_dir, **variables)}


def test_a_first_run_downloads_and_a_second_one_ends_at_once(tmp_path: Path):
    """The second run needs no hub and does not even load its client (most of a second): a restart costs nothing."""
    with FakeHub(FILES).running() as hub:
        first = run(tmp_path, hub.url)
    folder = tmp_path / "org--model" / "main"
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        f"weight_cache: fetching 2 of 2 files, 0.0 GB, to {folder}",
        "weight_cache: checked the content of 2 files in 0 s",
        f"weight_cache: {folder} is complete after 0 s",
    ]
    assert (folder / "model.safetensors").read_bytes() == b"w" * 100
    second = run(tmp_path, "http://127.0.0.1:9", PYTHONPROFILEIMPORTTIME="1")
    assert "weight_cache.cache" in second.stderr
    assert [name for name in ("huggingface_hub", "httpx2", "boto3") if name in second.stderr] == []
    assert (second.returncode, second.stdout) == (0, f"weight_cache: {folder} is complete\n")


def test_a_stopped_download_lets_the_next_task_in_at_once(tmp_path: Path):
    """SIGTERM in the middle of a file: exit 143, no lock left, and the next run completes without waiting."""
    with FakeHub(FILES).running() as hub:
        hub.may_send.clear()
        variables = complete_environment(tmp_path, hub.url)
        with subprocess.Popen(COMMAND, env=variables, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("weight_cache: fetching 2 of 2 files")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 143
        hub.may_send.set()
        began = time.monotonic()
        assert run(tmp_path, hub.url).returncode == 0
        assert time.monotonic() - began < 30
    assert (tmp_path / "org--model" / "main" / "model.safetensors").read_bytes() == b"w" * 100


def test_a_gated_model_ends_with_3_and_no_token_in_the_output(tmp_path: Path):
    """The line says which secret to look at and that a licence must be accepted; the token is nowhere."""
    with FakeHub(FILES, (403, "GatedRepo")).running() as hub:
        done = run(tmp_path, hub.url, BERTH_MODEL_TOKEN_SECRET="hf/token")
    assert done.returncode == 3
    assert done.stderr == (
        "weight_cache: org/model at main is gated: accept its licence on the hub, and check that the token in "
        "the secret 'hf/token' is valid and belongs to an account with access\n"
    )
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in done.stdout + done.stderr


def test_all_problems_of_the_environment_are_one_line_and_2(tmp_path: Path):
    """Nothing is downloaded before everything makes sense."""
    done = run(tmp_path, "http://127.0.0.1:9", BERTH_MODEL_ID="../x", BERTH_MODEL_SOURCE="s3")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "weight_cache: BERTH_MODEL_ID: '../x' is not a model id such as org/name; "
        "BERTH_MODEL_S3_URI: '' is not s3://bucket/prefix/, which the source s3 needs\n"
    )


@pytest.mark.parametrize(
    ("variables", "folder", "source"),
    [
        ({}, "org--model/main", "hub"),
        ({"BERTH_MODEL_REVISION": "a" * 40}, "org--model/" + "a" * 40, "hub"),
        ({"BERTH_MODEL_ID": "gpt2"}, "gpt2/main", "hub"),
        (
            {"BERTH_MODEL_SOURCE": "s3", "BERTH_MODEL_S3_URI": "s3://bucket/a/b"},
            "org--model/main",
            "s3://bucket/a/b/",
        ),
    ],
)
def test_the_environment_names_folder_and_source(variables: dict[str, str], folder: str, source: str):
    """The engine's command line is built from the same rule."""
    config = load_config(environment(**variables))
    assert (str(config.snapshot.folder), config.snapshot.source) == (folder, source)


@pytest.mark.parametrize(
    "variables",
    [
        {"BERTH_MODEL_ID": "a/b/c"},
        {"BERTH_MODEL_ID": "a--b/c"},
        {"BERTH_MODEL_ID": ""},
        {"BERTH_MODEL_REVISION": "../x"},
        {"BERTH_MODEL_REVISION": "refs/pr/1"},
        {"BERTH_MODEL_SOURCE": "ftp"},
        {"BERTH_MODELS_DIR": "models"},
    ],
)
def test_what_could_leave_the_folder_or_clash_in_it_is_refused(variables: dict[str, str]):
    """Ids and revisions become folder names: only those that cannot mean another folder pass."""
    with pytest.raises(ConfigError):
        load_config(environment(**variables))


def test_the_token_is_not_in_the_configurations_repr():
    """A configuration that ends up in a traceback or a log line does not bring the token along."""
    config = load_config(environment(HF_TOKEN=TOKEN))
    assert config.token == TOKEN
    assert TOKEN not in repr(config)
