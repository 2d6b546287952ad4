"""Which change is none, which is sent, and which makes another endpoint."""

from __future__ import annotations

import pytest
from pulumi.output import Unknown

QUEUE_DELAY = {"type": "QUEUE_DELAY", "queueDelay": 4}


@pytest.fixture
def made(endpoints, props, runpod):
    """Inputs, id and state of an endpoint, and nothing asked yet."""
    inputs = endpoints.check({}, props).inputs
    result = endpoints.create(inputs)
    runpod.asked.clear()
    return inputs, result.id, result.outs


def changed(inputs, **changes):
    """Inputs with some of them changed, in groups part by part."""
    for name, value in changes.items():
        inputs = {**inputs, name: {**inputs[name], **value} if name in ("gpu", "workers") else value}
    return inputs


def patched(endpoints, runpod, made, **changes):
    """What is sent for a change."""
    inputs, id_, state = made
    news = endpoints.check(inputs, changed(inputs, **changes)).inputs
    assert endpoints.diff(id_, state, news).changes is True
    endpoints.update(id_, state, news)
    return runpod.bodies("PATCH")


def floats(value):
    """A state as the engine hands it back: every number is a float."""
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    return float(value) if type(value) is int else value


def test_nothing_changed_is_no_change_and_asks_nobody(endpoints, runpod, made):
    """Also after the wire has made every number a float."""
    inputs, id_, state = made
    result = endpoints.diff(id_, floats(state), floats(inputs))
    assert (result.changes, result.replaces) == (False, [])
    assert runpod.asked == []


def test_a_state_of_an_older_berth_is_filled_in_before_it_is_compared(endpoints, made):
    """A field that this version added is no change."""
    inputs, id_, state = made
    older = {key: value for key, value in state.items() if key not in ("ports", "deletionProtection")}
    assert endpoints.diff(id_, older, inputs).changes is False


def test_lists_without_an_order_may_be_reordered(endpoints, made):
    """Data centers, volumes, exclusions and CUDA versions are sets; pools are tried in their order."""
    inputs, id_, state = made
    pair = {"dataCenterIds": ["EU-RO-1", "US-KS-2"], "networkVolumes": ["a", "b"]}
    gpu = {
        "excludedTypes": ["x", "y"],
        "allowedCudaVersions": ["12.8", "13.0"],
        "minCudaVersion": "",
        "pools": ["A", "B"],
    }
    state, news = changed(state, **pair, gpu=gpu), changed(inputs, **pair, gpu=gpu)
    for name in pair:
        assert endpoints.diff(id_, state, changed(news, **{name: pair[name][::-1]})).changes is False
    for name in ("excludedTypes", "allowedCudaVersions"):
        assert endpoints.diff(id_, state, changed(news, gpu={name: gpu[name][::-1]})).changes is False
    assert endpoints.diff(id_, state, changed(news, gpu={"pools": ["B", "A"]})).changes is True


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({"name": "other"}, {"name": "other"}),
        ({"image": "runpod/worker-v1-vllm:v3"}, {"image": "runpod/worker-v1-vllm:v3"}),
        ({"registry": "cred1"}, {"registry": "cred1"}),
        ({"timeout": 5000, "flashboot": "OFF"}, {"timeout": 5000, "flashboot": "OFF"}),
        ({"dataCenterIds": ["EU-RO-1"]}, {"dataCenterIds": ["EU-RO-1"]}),
        ({"workers": {"max": 0}}, {"workers": {"min": 0, "max": 0}}),
        ({"workers": {"min": 1}}, {"workers": {"min": 1, "max": 3}}),
        ({"gpu": {"count": 2}}, {"gpu": {"count": 2}}),
        ({"gpu": {"minCudaVersion": ""}}, {"gpu": {"minCudaVersion": ""}}),
        (
            {"gpu": {"minCudaVersion": "", "allowedCudaVersions": ["12.8"]}},
            {"gpu": {"allowedCudaVersions": ["12.8"], "minCudaVersion": ""}},
        ),
        (
            {"gpu": {"pools": ["ADA_48_PRO"], "excludedTypes": []}},
            {"gpu": {"pools": ["ADA_48_PRO"], "excludedTypes": []}},
        ),
        (
            {"gpu": {"pools": ["AMPERE_24", "ADA_48_PRO"]}},
            {"gpu": {"pools": ["AMPERE_24", "ADA_48_PRO"], "excludedTypes": ["NVIDIA RTX A5000"]}},
        ),
        (
            {"gpu": {"excludedTypes": []}},
            {"gpu": {"pools": ["AMPERE_24"], "excludedTypes": []}},
        ),
        (
            {"scaling": {"type": "REQUEST_COUNT", "requestCount": 4}},
            {"scaling": {"type": "REQUEST_COUNT", "requestCount": 4}},
        ),
        ({"scaling": QUEUE_DELAY}, {"scaling": QUEUE_DELAY, "workers": {"idleTimeout": 10}}),
    ],
)
def test_only_what_differs_is_sent(endpoints, runpod, made, changes, sent):
    """Zero is sent as zero; what belongs together is sent together; a cleared bound is sent empty."""
    assert patched(endpoints, runpod, made, **changes) == [sent]


def test_the_environment_is_sent_whole_with_its_marker(endpoints, runpod, made):
    """RunPod replaces it whole; without the marker a lost creation could not be found."""
    marker = made[2]["marker"]
    assert patched(endpoints, runpod, made, env={"MODEL_NAME": "org/other"}) == [
        {"env": {"MODEL_NAME": "org/other", "BERTH_URN": marker}}
    ]
    runpod.asked.clear()
    assert patched(endpoints, runpod, made, env={}) == [{"env": {"BERTH_URN": marker}}]


def test_the_idle_timeout_goes_with_its_scaler(endpoints, runpod, made):
    """From a delay to a count it is not sent: RunPod would refuse it. The limits stay as they are."""
    inputs, id_, state = made
    delayed = endpoints.check(inputs, changed(inputs, scaling=QUEUE_DELAY)).inputs
    state = endpoints.update(id_, state, delayed).outs
    assert state["workers"] == {"min": 0, "max": 3, "idleTimeout": 10}
    runpod.asked.clear()
    assert patched(endpoints, runpod, (inputs, id_, state), env=inputs["env"]) == [{"scaling": inputs["scaling"]}]


@pytest.mark.parametrize(
    ("workers", "sent"),
    [
        ({"min": 0, "max": 0, "idleTimeout": 10}, {"min": 0, "max": 0}),
        ({"min": 0, "max": 3, "idleTimeout": 60}, {"idleTimeout": 60}),
    ],
)
def test_limits_and_idle_timeout_are_sent_apart(endpoints, runpod, made, workers, sent):
    """Whoever moved the other since the deployment, keeps it."""
    inputs, id_, state = made
    delayed = endpoints.check(inputs, changed(inputs, scaling=QUEUE_DELAY)).inputs
    state = endpoints.update(id_, state, delayed).outs
    runpod.asked.clear()
    endpoints.update(id_, state, {**delayed, "workers": workers})
    assert runpod.bodies("PATCH") == [{"workers": sent}]


def test_a_registry_that_is_left_out_is_cleared(endpoints, runpod, made):
    """Null, and not left alone."""
    inputs, id_, state = made
    with_registry = {**inputs, "registry": "cred1"}
    state = endpoints.update(id_, state, with_registry).outs
    runpod.asked.clear()
    assert patched(endpoints, runpod, (inputs, id_, state)) == [{"registry": None}]


@pytest.mark.parametrize("changes", [{"deletionProtection": True}, {"scheduleManaged": True}, {"adoptId": "ep9"}])
def test_what_runpod_never_sees_changes_the_state_alone(endpoints, runpod, made, changes):
    """No request, and outputs stay."""
    inputs, id_, state = made
    news = {**inputs, **changes}
    assert endpoints.diff(id_, state, news).changes is True
    outs = endpoints.update(id_, state, news).outs
    assert runpod.asked == []
    assert outs == {**state, **changes}


def test_routing_and_family_need_another_endpoint(endpoints, made):
    """RunPod refuses to change them."""
    inputs, id_, state = made
    routed = endpoints.check(inputs, {**inputs, "type": "LOAD_BALANCER"}).inputs
    assert endpoints.diff(id_, state, routed).replaces == ["type"]
    cpu = {key: value for key, value in inputs.items() if key != "gpu"} | {"cpu": [{"id": "cpu5c", "vcpuCount": 4}]}
    assert endpoints.diff(id_, state, endpoints.check(inputs, cpu).inputs).replaces == ["gpu", "cpu"]


def test_what_is_not_known_yet_is_a_change_and_no_replacement(endpoints, made):
    """A preview with a new volume: changed in place, unless the field cannot be."""
    inputs, id_, state = made
    result = endpoints.diff(id_, state, {**inputs, "networkVolumes": [Unknown()], "env": Unknown(), "gpu": Unknown()})
    assert (result.changes, result.replaces) == (True, [])
    assert endpoints.diff(id_, state, {**inputs, "type": Unknown()}).replaces == ["type"]


def test_gpus_are_looked_up_before_they_are_changed_and_only_then(endpoints, runpod, made):
    """An endpoint whose new pool does not exist would lose its workers and get none."""
    patched(endpoints, runpod, made, timeout=5000)
    assert runpod.calls() == [("PATCH", "/v2/serverless/ep1")]
    runpod.asked.clear()
    patched(endpoints, runpod, made, gpu={"pools": ["ADA_48_PRO"], "excludedTypes": []})
    assert runpod.calls() == [("GET", "/v2/catalog/gpus"), ("PATCH", "/v2/serverless/ep1")]
