"""`/v2/serverless`: endpoints, their workers and their releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import Answer, ProblemError
from sandbox.runpod.endpoint_bodies import CreateEndpoint, UpdateEndpoint, changed, created
from sandbox.runpod.endpoint_rules import check_body, check_compute, check_quota, check_settings
from sandbox.runpod.routing import Call, Route
from sandbox.runpod.worker import STATUSES

if TYPE_CHECKING:
    from sandbox.runpod.endpoint import Endpoint
    from sandbox.runpod.endpoint_bodies import Settings


def _list(call: Call) -> Answer:
    endpoints = call.account.endpoints.values()
    return Answer(200, {"endpoints": [endpoint.to_json(call.jobs_url) for endpoint in endpoints]})


def _create(call: Call) -> Answer:
    body = call.body(CreateEndpoint)
    check_compute(body.model_fields_set, creates=True)
    settings = created(body)
    check_body(body, settings)
    check_settings(settings, call.account.volumes)
    _check_quota(call, settings)
    return Answer(201, call.account.add_endpoint(settings).to_json(call.jobs_url))


def _get(call: Call) -> Answer:
    return Answer(200, _endpoint(call).to_json(call.jobs_url))


def _update(call: Call) -> Answer:
    endpoint = _endpoint(call)
    body = call.body(UpdateEndpoint)
    check_compute(body.model_fields_set, creates=False)
    settings = changed(endpoint.settings, body)
    check_body(body, settings)
    check_settings(settings, call.account.volumes)
    if settings.workers.max > endpoint.settings.workers.max:
        _check_quota(call, settings)  # what asks for less is never refused for want of more
    bounds_given = "workers" in body.model_fields_set and bool({"min", "max"} & body.workers.model_fields_set)
    endpoint = call.account.change_endpoint(endpoint.id, settings, bounds_given=bounds_given)
    return Answer(200, endpoint.to_json(call.jobs_url))


def _delete(call: Call) -> Answer:
    call.account.remove_endpoint(_endpoint(call).id)
    return Answer(204)


def _list_workers(call: Call) -> Answer:
    endpoint = _endpoint(call)
    now = call.account.advance()
    shown = [worker.to_json(endpoint.version, now) for worker in call.account.fleets[endpoint.id].workers]
    summary = {status.lower(): sum(worker["status"] == status for worker in shown) for status in STATUSES}
    return Answer(
        200,
        {"workers": shown, "summary": summary | {"total": len(shown)}, "endpointVersion": endpoint.version},
    )


def _list_releases(call: Call) -> Answer:
    endpoint = _endpoint(call)
    versions = [worker.version for worker in call.account.fleets[endpoint.id].workers]
    latest = versions.count(endpoint.version)
    rollout = {
        "inProgress": latest < len(versions),
        "workersOnLatest": latest,
        "workersTotal": len(versions),
        "percentOnLatest": round(100 * latest / len(versions)) if versions else 0,
    }
    shown: list[dict[str, Any]] = [
        {
            "source": "MANUAL",
            "buildId": None,
            "createdByUserId": None,
            "workerCount": versions.count(release["version"]),
            **release,
        }
        for release in endpoint.releases
    ]
    return Answer(200, {"endpointVersion": endpoint.version, "rollout": rollout, "releases": shown})


def _endpoint(call: Call) -> Endpoint:
    if call.id not in call.account.endpoints:
        raise ProblemError(404, "endpoint not found")
    return call.account.endpoints[call.id]


def _check_quota(call: Call, settings: Settings) -> None:
    account = call.account
    others = sum(other.settings.workers.max for other in account.endpoints.values() if other.id != call.id)
    check_quota(others, settings, account.settings.worker_quota)


ROUTES = (
    Route("GET", "serverless", _list),
    Route("POST", "serverless", _create),
    Route("GET", "serverless/{id}", _get),
    Route("PATCH", "serverless/{id}", _update),
    Route("DELETE", "serverless/{id}", _delete),
    Route("GET", "serverless/{id}/workers", _list_workers),
    Route("GET", "serverless/{id}/releases", _list_releases),
)
