"""ModelService: what it registers first, what it tells, and which target it picks."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from components.contracts import COST_ESTIMATE_KEYS, SERVICE_OUTPUTS
from components.errors import PlanError
from components.plan.model import Note
from components.service import TARGETS, ModelService
from components.stack_problems import AVAILABLE_TARGETS


def test_spec_and_cost_are_inputs_of_the_component(chat):
    """A policy reads them before the first child is registered."""
    service = chat.of("index:ModelService", "chat")
    assert service.inputs["spec"] == {"name": "chat", "environment": "dev"}
    assert service.inputs["target"] == "ecs"
    assert tuple(service.inputs["costEstimate"]) == COST_ESTIMATE_KEYS or set(service.inputs["costEstimate"]) == set(
        COST_ESTIMATE_KEYS
    )
    order = [one.name for one in chat.resources if one.name.startswith("chat")]
    assert order[0] == "chat"


def test_the_outputs_are_the_same_for_every_target(chat):
    """The common outputs, and what a table of services needs."""
    assert chat.result["chat"] == {
        "openai_base_url": "http://chat-alb.elb.amazonaws.com/v1",
        "model_name": "meta-llama/Llama-3.1-8B-Instruct",
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "auth": {"scheme": "bearer", "secret": "berth/client-keys"},
        "state": "awake",
        "estimate": {"floor": 600.0, "expected": 700.0, "max": 1800.0, "shared": 0},
        "dashboard_url": "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/berth_dev_chat_g6-2xlarge"
        "/services/chat_g6-2xlarge/health"
        "?region=us-east-1",
        "logs": {
            "weights": "/berth/dev/chat/weights",
            "vllm": "/berth/dev/chat/vllm",
            "gateway": "/berth/dev/chat/gateway",
        },
        "target": "ecs",
        "region": "us-east-1",
        "hardware": {"instance_type": "g6.2xlarge", "gpu": "L4", "gpu_count": 1, "usd_per_hour": 0.9776},
        "replicas": {"min": 1, "max": 3},
        "load_balancer": "chat-alb.elb.amazonaws.com",
        "cluster": "berth_dev_chat_g6-2xlarge",
        "ecs_service": "chat_g6-2xlarge",
    }
    assert set(SERVICE_OUTPUTS) <= set(chat.result["chat"])


def test_the_estimate_is_an_output_as_well(chat):
    """Stack policies read outputs, so the whole estimate is among them."""
    service = chat.of("index:ModelService", "chat")
    assert chat.outputs[service.urn]["costEstimate"] == service.inputs["costEstimate"]


def test_what_is_registered_first_is_an_output_too(chat):
    """The state holds what the deployment was judged by."""
    service = chat.of("index:ModelService", "chat")
    outputs = chat.outputs[service.urn]
    assert {key: outputs[key] for key in ("spec", "plan", "target")} == {
        key: service.inputs[key] for key in ("spec", "plan", "target")
    }


def test_a_service_without_keys_says_so(render, plan_of):
    """Nobody has to guess whether a key is needed."""
    plan = plan_of()
    made = render(replace(plan, gateway=replace(plan.gateway, keys_secret=None)))
    assert made.result["chat"]["auth"] == {"scheme": "none"}


def test_warnings_of_the_plan_are_said_at_preview(render, plan_of, caplog):
    """A warning names its field; what is only worth knowing stays in `berth plan`."""
    notes = (Note("warning", "model.revision", "follows main"), Note("info", "load", "is flat"))
    with caplog.at_level(logging.WARNING):
        render(plan_of(notes=notes))
    assert [record.message for record in caplog.records] == ["model.revision: follows main"]


def test_a_target_without_a_component_is_refused(run, plan_of):
    """The message names what there is."""
    with pytest.raises(PlanError) as error:
        run(lambda: ModelService("chat", spec={}, plan=plan_of(target="runpdo")) and None)
    assert str(error.value) == "chat: target runpdo has no component; did you mean runpod?"


def test_stacks_offer_the_targets_that_exist():
    """The configuration's list and the table are the same."""
    assert tuple(TARGETS) == AVAILABLE_TARGETS
