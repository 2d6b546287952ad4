"""An endpoint from its creation to its deletion, with the accidents that happen on the way."""

from __future__ import annotations

import hashlib

import pytest

from components.errors import PlanError
from components.runpod.endpoint import WORKERS_NOTE
from components.runpod.errors import RunpodError
from tests.components.runpod.fake_runpod import Answer, problem

LOST = problem(502, "Bad Gateway", "upstream", commits=True)


@pytest.fixture
def inputs(endpoints, props):
    """Inputs as `check` leaves them."""
    return endpoints.check({}, props).inputs


@pytest.fixture
def made(endpoints, inputs, runpod):
    """Id and state of an endpoint, and nothing asked yet."""
    result = endpoints.create(inputs)
    runpod.asked.clear()
    return result.id, result.outs


def test_a_creation_is_one_look_at_the_catalogue_and_one_post(endpoints, runpod, inputs):
    """Every field is stated, and no bound that bounds nothing."""
    result = endpoints.create(inputs)
    assert runpod.calls() == [("GET", "/v2/catalog/gpus"), ("POST", "/v2/serverless")]
    [body] = runpod.bodies("POST")
    marker = body["env"].pop("BERTH_URN")
    assert body == {
        "name": "dev-chat",
        "type": "QUEUE",
        "image": "runpod/worker-v1-vllm:v2.25.2",
        "args": "",
        "disk": 60,
        "ports": [],
        "env": {"MODEL_NAME": "org/model", "MAX_MODEL_LEN": "16384"},
        "gpu": {"pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA RTX A5000"], "count": 1, "minCudaVersion": "13.0"},
        "workers": {"min": 0, "max": 3},
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 8},
        "dataCenterIds": [],
        "networkVolumes": [],
        "timeout": 600_000,
        "flashboot": "FLASHBOOT",
    }
    assert result.id == "ep1"
    assert result.outs == {
        **inputs,
        "endpointId": "ep1",
        "createdAt": "2026-11-21T12:00:00Z",
        "requestUrls": {"run": "https://api.runpod.ai/v2/ep1/run"},
        "consoleUrl": "https://console.runpod.io/serverless/user/endpoint/ep1",
        "liveWorkers": {"min": 0, "max": 3},
        "unmanagedEnvKeys": [],
        "marker": marker,
    }


def test_a_marker_tells_whose_it_is_and_which_creation(endpoints, runpod, inputs):
    """The same resource, replaced, has the same beginning and another end."""
    endpoints.create(inputs)
    endpoints.create(inputs)
    first, second = (body["env"]["BERTH_URN"] for body in runpod.bodies("POST"))
    owner = hashlib.sha256(b"berth/dev/chat-endpoint").hexdigest()[:16]
    assert first.startswith(f"{owner}-")
    assert second.startswith(f"{owner}-")
    assert first != second


def test_zero_workers_are_sent_as_zero(endpoints, runpod, inputs):
    """A parked service is made parked."""
    endpoints.create({**inputs, "workers": {"min": 0, "max": 0}})
    assert runpod.bodies("POST")[0]["workers"] == {"min": 0, "max": 0}


def test_a_creation_whose_answer_is_lost_is_found_by_its_marker(endpoints, runpod, inputs):
    """One POST, one endpoint, although another of the same resource is there already."""
    endpoints.create(inputs)
    runpod.answer_next("POST", LOST)
    result = endpoints.create(inputs)
    assert result.id == "ep2"
    assert result.outs["marker"] == runpod.endpoints["ep2"]["env"]["BERTH_URN"]
    assert len(runpod.calls("POST")) == len(runpod.endpoints) == 2


def test_a_creation_that_times_out_is_found_too(endpoints, runpod, inputs):
    """The connection stays silent after the work is done."""
    runpod.answer_next("POST", Answer(201, commits=True, hangs_up=True))
    assert endpoints.create(inputs).id == "ep1"
    assert len(runpod.calls("POST")) == 1


def test_a_creation_that_left_nothing_is_an_error_that_says_where_to_look(endpoints, runpod, inputs, slept):
    """It is looked for four times in 14 seconds, and not sent again."""
    runpod.answer_next("POST", problem(502, "Bad Gateway", "upstream"))
    with pytest.raises(RunpodError, match=r"502 Bad Gateway: upstream \(no endpoint has BERTH_URN=\S+ so far; look in"):
        endpoints.create(inputs)
    assert slept == [0.0, 2.0, 4.0, 8.0]
    assert len(runpod.calls("POST")) == 1
    assert runpod.endpoints == {}


def test_a_refused_creation_is_not_looked_for(endpoints, runpod, inputs):
    """A quota is no lost answer."""
    runpod.answer_next("POST", problem(400, "Bad Request", "worker quota exceeded"))
    with pytest.raises(RunpodError, match="400 Bad Request: worker quota exceeded"):
        endpoints.create(inputs)
    assert runpod.calls("GET") == [("GET", "/v2/catalog/gpus")]


@pytest.mark.parametrize(
    ("gpu", "message"),
    [
        ({"pools": ["AMPERE_42"]}, "gpu.pools: AMPERE_42 is no pool of RunPod's catalogue; did you mean AMPERE_24?"),
        (
            {"pools": ["ADA_48_PRO"], "excludedTypes": ["NVIDIA L40", "NVIDIA L40S"]},
            (
                "gpu.pools: ADA_48_PRO has no GPU type left: all of NVIDIA L40, NVIDIA L40S are excluded; "
                "leave out the pool, or allow one of them"
            ),
        ),
        (
            {"pools": ["AMPERE_24"], "allowedTypes": ["NVIDIA L40S"]},
            (
                "gpu.pools: AMPERE_24 has no GPU type left: all of NVIDIA GeForce RTX 3090, NVIDIA L4, "
                "NVIDIA RTX A5000 are excluded; leave out the pool, or allow one of them"
            ),
        ),
        (
            {"pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA L40"]},
            "gpu.excludedTypes: NVIDIA L40 is no GPU type of AMPERE_24; did you mean NVIDIA L4?",
        ),
    ],
)
def test_an_endpoint_that_would_never_get_a_worker_is_not_made(endpoints, runpod, inputs, gpu, message):
    """RunPod itself would make it."""
    with pytest.raises(PlanError) as told:
        endpoints.create(endpoints.check({}, {**inputs, "gpu": gpu}).inputs)
    assert str(told.value) == message
    assert runpod.calls("POST") == []


def test_allowed_types_exclude_what_else_the_pools_have_at_that_moment(endpoints, runpod, inputs):
    """Which types a pool has is asked of RunPod when it matters, and a refresh shows no difference."""
    gpu = {"pools": ["AMPERE_24", "ADA_48_PRO"], "allowedTypes": ["NVIDIA L4", "NVIDIA L40S"]}
    wanted = endpoints.check({}, {**inputs, "gpu": gpu}).inputs
    made = endpoints.create(wanted)
    assert runpod.bodies("POST")[0]["gpu"] == {
        "pools": ["AMPERE_24", "ADA_48_PRO"],
        "excludedTypes": ["NVIDIA GeForce RTX 3090", "NVIDIA L40", "NVIDIA RTX A5000"],
        "count": 1,
    }
    assert endpoints.diff(made.id, endpoints.read(made.id, made.outs).outs, wanted).changes is False
    fewer = endpoints.check({}, {**inputs, "gpu": {**gpu, "allowedTypes": ["NVIDIA L4", "NVIDIA L40"]}}).inputs
    endpoints.update(made.id, made.outs, fewer)
    assert runpod.bodies("PATCH") == [
        {
            "gpu": {
                "pools": gpu["pools"],
                "excludedTypes": ["NVIDIA GeForce RTX 3090", "NVIDIA L40S", "NVIDIA RTX A5000"],
            }
        }
    ]


def test_an_endpoint_is_adopted_by_its_id(endpoints, runpod, inputs):
    """What differs is sent, the marker too, and nothing is made."""
    other = endpoints.check(
        {}, {**inputs, "name": "by-hand", "workers": {"min": 1, "max": 2}, "env": {"A": "b"}}
    ).inputs
    endpoints.create(other)
    runpod.asked.clear()
    result = endpoints.create({**inputs, "adoptId": "ep1"})
    assert result.id == "ep1"
    assert runpod.calls("POST") == []
    [body] = runpod.bodies("PATCH")
    assert body == {
        "name": "dev-chat",
        "workers": {"min": 0, "max": 3},
        # Exclusions are not part of what RunPod answers: they are stated anew.
        "gpu": {"pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA RTX A5000"]},
        "env": {**inputs["env"], "BERTH_URN": result.outs["marker"]},
    }


def test_an_endpoint_of_another_kind_is_not_adopted(endpoints, runpod, inputs):
    """Its routing cannot be changed, and nothing is sent."""
    endpoints.create(endpoints.check({}, {**inputs, "type": "LOAD_BALANCER"}).inputs)
    with pytest.raises(
        PlanError, match="adoptId: endpoint ep1 has another type, which RunPod cannot change; leave out"
    ):
        endpoints.create({**inputs, "adoptId": "ep1"})
    assert runpod.calls("PATCH") == []


def test_a_refresh_of_what_nobody_touched_shows_no_difference(endpoints, inputs, made):
    """Also for fields that RunPod does not answer, and those that Berth does not know."""
    result = endpoints.read(*made)
    assert (result.id, result.outs, result.inputs) == (made[0], made[1], inputs)


def test_what_an_answer_leaves_out_is_no_difference(endpoints, runpod, inputs, made):
    """As declared, until RunPod says otherwise."""
    id_, state = made
    for name in ("workers", "type", "args", "flashboot", "env"):
        runpod.answer_next(
            "GET", Answer(200, {k: v for k, v in runpod.endpoints[id_].items() if k not in (name, "env")})
        )
        read = endpoints.read(id_, state)
        assert read.inputs == {**inputs, "env": {}}


def test_what_was_changed_by_hand_is_seen_and_put_back(endpoints, runpod, inputs, made):
    """Workers, CUDA, image and a variable; the next `up` sends these and nothing else."""
    id_, state = made
    live = runpod.endpoints[id_]
    live["workers"]["max"] = 1
    live["gpu"]["minCudaVersion"] = "12.1"
    live["image"] = "org/other:1"
    live["env"]["MAX_MODEL_LEN"] = "1"
    result = endpoints.read(id_, state)
    assert result.inputs["workers"] == {"min": 0, "max": 1}
    assert result.inputs["env"] == {"MODEL_NAME": "org/model", "MAX_MODEL_LEN": "1"}
    assert endpoints.diff(id_, result.outs, inputs).changes is True
    endpoints.update(id_, result.outs, inputs)
    assert runpod.bodies("PATCH") == [
        {
            "image": "runpod/worker-v1-vllm:v2.25.2",
            "workers": {"min": 0, "max": 3},
            "gpu": {"minCudaVersion": "13.0"},
            "env": {**inputs["env"], "BERTH_URN": state["marker"]},
        }
    ]


def test_a_variable_that_someone_added_is_named_and_its_value_is_not_kept(endpoints, runpod, made):
    """In the state it would be in clear."""
    id_, state = made
    runpod.endpoints[id_]["env"]["HF_TOKEN"] = "hf_TYPED_BY_HAND"
    result = endpoints.read(id_, state)
    assert result.outs["unmanagedEnvKeys"] == ["HF_TOKEN"]
    assert "hf_TYPED_BY_HAND" not in repr((result.outs, result.inputs))


def test_a_variable_that_someone_removed_is_put_back(endpoints, runpod, inputs, made):
    """Its absence is a difference."""
    id_, state = made
    del runpod.endpoints[id_]["env"]["MAX_MODEL_LEN"]
    result = endpoints.read(id_, state)
    assert result.inputs["env"] == {"MODEL_NAME": "org/model"}
    assert endpoints.diff(id_, result.outs, inputs).changes is True


def test_a_reference_to_a_secret_stays_a_reference(endpoints, runpod, inputs):
    """Even if RunPod answered with what it refers to."""
    reference = "{{ RUNPOD_SECRET_hf }}"
    result = endpoints.create({**inputs, "env": {"HF_TOKEN": reference}})
    runpod.endpoints["ep1"]["env"]["HF_TOKEN"] = "hf_RESOLVED"
    read = endpoints.read(result.id, result.outs)
    assert read.outs["env"] == read.inputs["env"] == {"HF_TOKEN": reference}


def test_workers_that_runpod_took_away_are_explained(endpoints, runpod, made):
    """After days without a request; the note stays until the workers are back."""
    id_, state = made
    runpod.endpoints[id_]["workers"]["max"] = 2
    first = endpoints.read(id_, state)
    assert first.outs["liveWorkers"] == {"min": 0, "max": 2}
    assert first.outs["workersNote"] == WORKERS_NOTE
    assert endpoints.read(id_, first.outs).outs["workersNote"] == WORKERS_NOTE
    runpod.endpoints[id_]["workers"]["max"] = 3
    assert "workersNote" not in endpoints.read(id_, first.outs).outs


def test_with_a_schedule_a_refresh_wakes_nobody(endpoints, runpod, inputs):
    """What was declared stays declared; what is, is told beside it."""
    scheduled = {**inputs, "scheduleManaged": True, "workers": {"min": 1, "max": 3}}
    result = endpoints.create(scheduled)
    runpod.endpoints["ep1"]["workers"] = {"min": 0, "max": 0}
    read = endpoints.read(result.id, result.outs)
    assert read.inputs == scheduled
    assert read.outs["liveWorkers"] == {"min": 0, "max": 0}
    assert "workersNote" not in read.outs
    assert endpoints.diff("ep1", read.outs, scheduled).changes is False
    outs = endpoints.update("ep1", read.outs, {**scheduled, "timeout": 5000}).outs
    assert runpod.bodies("PATCH") == [{"timeout": 5000}]
    assert runpod.endpoints["ep1"]["workers"] == {"min": 0, "max": 0}
    changed = {**scheduled, "timeout": 5000, "workers": {"min": 1, "max": 4}}
    assert endpoints.diff("ep1", outs, changed).changes is True
    outs = endpoints.update("ep1", outs, changed).outs
    assert outs["workers"] == {"min": 1, "max": 4}
    assert len(runpod.bodies("PATCH")) == 1


def test_an_endpoint_whose_hours_are_not_now_is_made_without_workers(endpoints, runpod, inputs):
    """The declared limits are in the state; that the clock moves on is no change."""
    asleep = {**inputs, "scheduleManaged": True, "startsAwake": False, "workers": {"min": 1, "max": 3}}
    result = endpoints.create(asleep)
    assert runpod.bodies("POST")[0]["workers"] == {"min": 0, "max": 0}
    assert result.outs["workers"] == {"min": 1, "max": 3}
    assert endpoints.diff("ep1", result.outs, {**asleep, "startsAwake": True}).changes is False


def test_who_has_no_keeper_is_made_with_its_workers_at_any_hour(endpoints, runpod, inputs):
    """`startsAwake` is a keeper's alone."""
    endpoints.create({**inputs, "startsAwake": False, "workers": {"min": 1, "max": 3}})
    assert runpod.bodies("POST")[0]["workers"] == {"min": 1, "max": 3}


def test_workers_that_a_keeper_had_are_taken_back(endpoints, runpod, inputs):
    """Their limits are sent although the declared ones did not change: those at RunPod are whatever it left behind."""
    own = {**inputs, "workers": {"min": 1, "max": 3}}
    result = endpoints.create({**own, "scheduleManaged": True})
    runpod.endpoints["ep1"]["workers"] = {"min": 0, "max": 0}
    endpoints.update("ep1", result.outs, own)
    assert runpod.bodies("PATCH") == [{"workers": {"min": 1, "max": 3}}]
    assert runpod.endpoints["ep1"]["workers"] == {"min": 1, "max": 3}


def test_workers_are_handed_over_as_they_are(endpoints, runpod, inputs):
    """The keeper finds what runs; nothing is sent."""
    own = {**inputs, "workers": {"min": 1, "max": 3}}
    result = endpoints.create(own)
    endpoints.update("ep1", result.outs, {**own, "scheduleManaged": True, "startsAwake": False})
    assert runpod.bodies("PATCH") == []


def test_an_endpoint_that_is_gone_is_dropped_from_the_state(endpoints, runpod, made):
    """So that the next `up` makes it anew."""
    runpod.endpoints.clear()
    result = endpoints.read(*made)
    assert (result.id, result.outs, result.inputs) == ("", {}, None)


def test_an_outage_is_not_taken_for_a_loss(endpoints, runpod, made):
    """Only 404 means gone."""
    runpod.answer_next("GET", *[problem(503, "Unavailable", "x")] * 5)
    with pytest.raises(RunpodError, match="503"):
        endpoints.read(*made)


def test_an_endpoint_is_read_by_its_id_alone(endpoints, made):
    """As `Endpoint.get` does; all variables are someone else's then."""
    result = endpoints.read(made[0], {"__provider": "x"})
    assert result.inputs["image"] == "runpod/worker-v1-vllm:v2.25.2"
    assert result.inputs["env"] == {}
    assert result.outs["unmanagedEnvKeys"] == ["MAX_MODEL_LEN", "MODEL_NAME"]


def test_a_deletion_lets_the_workers_go_first(endpoints, runpod, made):
    """Zero is sent as zero."""
    endpoints.delete(*made)
    assert runpod.calls() == [("PATCH", "/v2/serverless/ep1"), ("DELETE", "/v2/serverless/ep1")]
    assert runpod.bodies("PATCH") == [{"workers": {"min": 0, "max": 0}}]
    assert runpod.endpoints == {}


def test_what_is_gone_is_deleted(endpoints, runpod, made):
    """Before the deletion, or because its first answer was lost."""
    runpod.answer_next("DELETE", LOST)
    endpoints.delete(*made)
    endpoints.delete(*made)
    assert runpod.endpoints == {}
    assert runpod.calls("PATCH", "DELETE")[-1] == ("PATCH", "/v2/serverless/ep1")


def test_workers_that_cannot_be_stopped_do_not_keep_an_endpoint(endpoints, runpod, made):
    """The deletion stops them too."""
    runpod.answer_next("PATCH", problem(400, "Bad Request", "x"))
    endpoints.delete(*made)
    assert runpod.endpoints == {}


def test_a_deletion_that_is_refused_is_an_error(endpoints, runpod, made):
    """The endpoint stays in the state."""
    runpod.answer_next("DELETE", problem(403, "Forbidden", "access denied"))
    with pytest.raises(RunpodError, match="403 Forbidden: access denied"):
        endpoints.delete(*made)


def test_an_outage_in_the_middle_of_a_deletion_is_an_error(endpoints, runpod, made):
    """The workers are stopped, the endpoint is there and stays in the state; the next try deletes it."""
    runpod.answer_next("DELETE", *[problem(503, "Service Unavailable", "down")] * 5)
    with pytest.raises(RunpodError, match="DELETE /v2/serverless/ep1: 503 Service Unavailable: down"):
        endpoints.delete(*made)
    assert runpod.endpoints["ep1"]["workers"]["max"] == 0
    endpoints.delete(*made)
    assert runpod.endpoints == {}


def test_an_outage_of_the_whole_deletion_is_an_error(endpoints, runpod, made):
    """Nothing was changed, and nothing is forgotten."""
    down = [problem(503, "Service Unavailable", "down")] * 5
    runpod.answer_next("PATCH", *down)
    runpod.answer_next("DELETE", *down)
    with pytest.raises(RunpodError, match="503 Service Unavailable: down"):
        endpoints.delete(*made)
    assert "ep1" in runpod.endpoints


def test_an_error_is_shown_without_the_way_to_it(endpoints, runpod, inputs):
    """Pulumi prints the whole traceback: it is no longer than three lines of ours, and has no other error in it."""
    runpod.answer_next("POST", problem(400, "Bad Request", "no"))
    with pytest.raises(RunpodError) as told:
        endpoints.create(inputs)
    assert len(told.traceback) == 2
    assert told.value.__context__ is None
    assert told.value.status == 400


def test_a_protected_endpoint_is_not_deleted(endpoints, runpod, made):
    """Nor are its workers stopped."""
    id_, state = made
    with pytest.raises(PlanError, match="endpoint ep1: deletionProtection is set; set it to false"):
        endpoints.delete(id_, {**state, "deletionProtection": True})
    assert runpod.asked == []


def test_a_load_balancer_and_a_cpu_are_endpoints_too(endpoints, runpod, inputs):
    """Made, read back, and unchanged."""
    cpu = {key: value for key, value in inputs.items() if key != "gpu"}
    given = {**cpu, "type": "LOAD_BALANCER", "cpu": [{"id": "cpu5c", "vcpuCount": 4.0}]}
    checked = endpoints.check({}, given)
    assert checked.failures == []
    result = endpoints.create(checked.inputs)
    assert runpod.calls() == [("POST", "/v2/serverless")]
    assert runpod.bodies("POST")[0]["workers"] == {"min": 0, "max": 3, "idleTimeout": 10}
    assert endpoints.read(result.id, result.outs).inputs == checked.inputs
