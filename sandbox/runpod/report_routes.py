"""What can only be read: `/v2/catalog/gpus` and `/v2/billing`."""

from __future__ import annotations

from sandbox.runpod import billing, catalogue
from sandbox.runpod.answers import Answer
from sandbox.runpod.billing_window import resolve
from sandbox.runpod.routing import Call, Route

_CATALOGUE = ("include", "product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion")
_BILLING = ("startTime", "endTime", "bucketSize", "lastN")


def _list_gpus(call: Call) -> Answer:
    return Answer(200, catalogue.gpu_types(call.parameters, call.account.settings.out_of_stock))


def _get_gpu(call: Call) -> Answer:
    return Answer(200, catalogue.gpu_type(call.id, call.parameters, call.account.settings.out_of_stock))


def _total_bill(call: Call) -> Answer:
    now = call.account.advance()
    return Answer(200, billing.total_bill(call.account.meter, resolve(call.parameters, now), now))


def _serverless_bill(call: Call) -> Answer:
    return _bill(call, billing.SERVERLESS)


def _storage_bill(call: Call) -> Answer:
    return _bill(call, billing.STORAGE)


def _bill(call: Call, kind: billing.Kind) -> Answer:
    now = call.account.advance()
    owner = call.parameters.get(kind.owner_field)
    return Answer(200, billing.bill(call.account.meter, kind, resolve(call.parameters, now), now, owner))


ROUTES = (
    Route("GET", "catalog/gpus", _list_gpus, _CATALOGUE),
    Route("GET", "catalog/gpus/{id}", _get_gpu, _CATALOGUE),
    Route("GET", "billing", _total_bill, _BILLING),
    Route("GET", "billing/serverless", _serverless_bill, (*_BILLING, "serverlessId")),
    Route("GET", "billing/network-volumes", _storage_bill, (*_BILLING, "networkVolumeId")),
)
