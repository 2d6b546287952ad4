"""RunPod's own SDK on the local RunPod: pointed there by its variables, it works as on the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import graphql
import pytest

from sandbox.runpod.keys import FULL_KEY
from tests.sandbox.runpod.test_jobs import SAID

SCRIPT = Path(__file__).with_name("sdk_script.py")


def test_a_program_on_the_sdk(runpod, tmp_path):
    """Jobs run, stream, are waited for and cancelled; the key is its own business."""
    endpoint = runpod.endpoint(workers={"max": 1}, env={"MODEL_NAME": "acme/llama"})["id"]
    parked = runpod.endpoint(workers={"max": 0})["id"]
    environment = os.environ | {"RUNPOD_ENDPOINT_BASE_URL": f"{runpod.url}/ai/v2", "HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, str(SCRIPT), endpoint, parked],
        input=FULL_KEY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["base"], told["key"]) == (f"{runpod.url}/ai/v2", None)
    assert told["first status"] in {"IN_QUEUE", "IN_PROGRESS", "COMPLETED"}
    assert told["last status"] == "COMPLETED"
    assert told["output"] == [{"choices": [{"tokens": [SAID]}], "usage": {"input": 2, "output": 12}}]
    assert told["run_sync"][0]["usage"] == {"input": 1, "output": 11}
    assert told["openai"][0]["choices"][0]["message"]["content"] == "This is"
    assert "".join(part["choices"][0]["tokens"][0] for part in told["stream"]) == SAID.replace("hello there", "hi")
    assert told["health"]["jobs"] == {"completed": 4, "failed": 0, "inProgress": 0, "inQueue": 0, "retried": 0}
    assert told["health"]["workers"]["ready"] == 1
    assert (told["waiting"], told["cancel"], told["cancelled"]) == ("IN_QUEUE", "CANCELLED", "CANCELLED")
    assert told["purge"] == {"removed": 1, "status": "completed"}
    assert told["refusal"].startswith("401 Unauthorized")


@pytest.mark.parametrize(("value", "is_legal"), [("plain", True), ('a "quoted" word', False), ("two\nlines", False)])
def test_the_sdk_cannot_write_every_environment(value, is_legal, tmp_path):
    """Why management goes over REST v2: the SDK pastes values into GraphQL, and what comes of it is none."""
    code = (
        "import sys; from runpod.api.mutations.templates import generate_pod_template as made; "
        "sys.stdout.write(made('chat', 'image:1', env={'CHAT_TEMPLATE': sys.stdin.read()}))"
    )
    written = subprocess.run(
        [sys.executable, "-c", code],
        input=value,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if is_legal:
        graphql.parse(written)
    else:
        with pytest.raises(graphql.GraphQLSyntaxError):
            graphql.parse(written)
