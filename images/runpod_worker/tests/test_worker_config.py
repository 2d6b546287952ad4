"""Does the environment say what is run, and is everything that is wrong with it told at once?"""

from __future__ import annotations

from pathlib import Path

import pytest
from runpod_worker.config import load_config
from runpod_worker.errors import ConfigError
from runpod_worker.queue_config import QueueConfig, load_queue_config


def test_nothing_given_is_vllm_behind_the_gateway():
    """The image's own defaults: two ports, vLLM on loopback with the arguments of the container."""
    config = load_config({}, ["org/model", "--max-model-len", "8192"])
    assert config.engine_command == (
        *("vllm", "serve", "org/model", "--max-model-len", "8192"),
        *("--host", "127.0.0.1", "--port", "8000"),
    )
    assert (config.mode, config.engine_url, config.engine_health_path) == (
        "load_balancer",
        "http://127.0.0.1:8000",
        "/health",
    )
    assert config.gateway_command == ("/opt/gateway/bin/python", "-m", "gateway")
    assert (config.port, config.health_port, config.health_path) == (8080, 8081, "/ping")
    assert (config.start_seconds, config.drain_seconds, config.expects_gpus) == (1200, 60, False)
    assert config.health_script == Path("/opt/engine/engine_health.py")


def test_another_engine_is_run_as_it_is_written():
    """Its command is complete, quoted as a shell would; nothing is added but the container's arguments."""
    variables = {"BERTH_ENGINE_COMMAND": "llama-server -m '/a b.gguf'", "BERTH_ENGINE_URL": "http://127.0.0.1:9000/"}
    config = load_config(variables, ["--ctx-size", "4096"])
    assert config.engine_command == ("llama-server", "-m", "/a b.gguf", "--ctx-size", "4096")
    assert config.engine_url == "http://127.0.0.1:9000"


def test_no_command_is_an_engine_that_somebody_else_runs():
    """Empty, not absent: the default would be vLLM."""
    assert load_config({"BERTH_ENGINE_COMMAND": ""}, ["ignored"]).engine_command == ()


def test_all_problems_of_the_environment_are_one_line():
    """Each with the variable, its value and what is allowed."""
    wrong = {
        "BERTH_WORKER_MODE": "both",
        "BERTH_ENGINE_URL": "https://example.com",
        "BERTH_ENGINE_HEALTH_PATH": "health",
        "PORT": "70000",
        "BERTH_START_SECONDS": "5m",
    }
    with pytest.raises(ConfigError) as caught:
        load_config(wrong, ["org/model", "--port=1"])
    assert str(caught.value) == (
        "BERTH_WORKER_MODE: 'both' is not load_balancer or queue; "
        "BERTH_ENGINE_URL: 'https://example.com' is not on this machine, as http://127.0.0.1:8000; "
        "argument '--port=1': the worker decides where vLLM listens; leave it out; "
        "BERTH_ENGINE_HEALTH_PATH: 'health' is not a path such as /health; "
        "PORT: '70000' is not a whole number up to 65535; "
        "BERTH_START_SECONDS: '5m' is not a whole number up to 999999"
    )


def test_one_port_for_both_is_refused_for_the_load_balancer_alone():
    """RunPod sets both to 80 where a deployment sets neither: the message says what to do."""
    ports = {"PORT": "80", "PORT_HEALTH": "80"}
    with pytest.raises(ConfigError) as caught:
        load_config(ports, [])
    assert str(caught.value) == (
        "PORT_HEALTH: 80 is the gateway's port too; set PORT and PORT_HEALTH to two ports, as 8080 and 8081, and "
        "expose both (RunPod sets both to 80)"
    )
    assert load_config({**ports, "BERTH_WORKER_MODE": "queue"}, []).mode == "queue"


def test_the_handlers_defaults_are_those_of_worker_vllm():
    """Thirty jobs at once, and OpenAI's routes alone."""
    assert load_queue_config({}) == QueueConfig("http://127.0.0.1:8000", "/health", ("/v1/",), None, 30, 600)


def test_the_handlers_problems_are_one_line():
    """As the supervisor's."""
    with pytest.raises(ConfigError) as caught:
        load_queue_config({"BERTH_MAX_CONCURRENCY": "0", "BERTH_ROUTES": "/v1/,tokenize"})
    assert str(caught.value) == (
        "BERTH_ROUTES: '/v1/,tokenize' are not paths with commas between, as /v1/,/tokenize; "
        "BERTH_MAX_CONCURRENCY: '0' is not a whole number of at least 1"
    )
