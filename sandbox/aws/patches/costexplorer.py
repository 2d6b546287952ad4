"""Cost Explorer: anomaly monitors and subscriptions, and the tags by which a bill is told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.ce.responses import CostExplorerResponse
from moto.moto_api._internal import mock_random
from moto.resourcegroupstaggingapi.models import resourcegroupstaggingapi_backends

from sandbox.aws.call import DEFAULT_REGION
from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from moto.ce.models import CostExplorerBackend

_KINDS = {
    "monitor": ("AnomalyMonitor", "MonitorArn", "anomalymonitor", "UnknownMonitorException"),
    "subscription": ("AnomalySubscription", "SubscriptionArn", "anomalysubscription", "UnknownSubscriptionException"),
}


def watch_anomalies() -> None:
    for kind in _KINDS:
        for name, function in _operations(kind).items():
            setattr(CostExplorerResponse, name, function)


def activate_tags() -> None:
    def list_cost_allocation_tags(self: CostExplorerResponse) -> str:
        asked = json.loads(self.body)
        found = [
            {"TagKey": key, "Type": "UserDefined", "Status": status}
            for key, status in _held(self, "tags").items()
            if key in asked.get("TagKeys", [key]) and status == asked.get("Status", status)
        ]
        return json.dumps({"CostAllocationTags": found})

    def update_cost_allocation_tags_status(self: CostExplorerResponse) -> str:
        known, errors = _held(self, "tags"), list[dict[str, str]]()
        for one in json.loads(self.body)["CostAllocationTagsStatus"]:
            key = one["TagKey"]
            # AWS knows a key once it has been in a bill; here, once something carries it.
            if key in known or key in _carried(self.ce_backend.account_id):
                known[key] = one["Status"]
            else:
                errors.append({"TagKey": key, "Code": "ValidationException", "Message": "Tag keys not found"})
        return json.dumps({"Errors": errors})

    CostExplorerResponse.list_cost_allocation_tags = list_cost_allocation_tags  # type: ignore[attr-defined]
    CostExplorerResponse.update_cost_allocation_tags_status = update_cost_allocation_tags_status  # type: ignore[attr-defined]


def held(backend: CostExplorerBackend, kind: str) -> dict[str, Any]:
    """Monitors or subscriptions by ARN, or the status of each tag."""
    return vars(backend).setdefault(f"berth_{kind}s", {})


def _carried(account: str) -> set[str]:
    backend = resourcegroupstaggingapi_backends[account][DEFAULT_REGION]
    token, keys = backend.get_tag_keys()
    carried = set(keys)
    while token is not None:
        token, keys = backend.get_tag_keys(token)
        carried.update(keys)
    return carried


def _held(response: CostExplorerResponse, kind: str) -> dict[str, Any]:
    return held(response.ce_backend, kind)


def _operations(kind: str) -> dict[str, Any]:
    member, arn_member, path, missing = _KINDS[kind]

    def create(self: CostExplorerResponse) -> str:
        asked = json.loads(self.body)
        arn = f"arn:aws:ce::{self.current_account}:{path}/{mock_random.uuid4()}"
        account = {"AccountId": self.current_account} if kind == "subscription" else {}
        _held(self, kind)[arn] = {arn_member: arn} | account | asked[member]
        if asked.get("ResourceTags"):
            self.ce_backend.tag_resource(arn, asked["ResourceTags"])
        return json.dumps({arn_member: arn})

    def get(self: CostExplorerResponse) -> str:
        wanted = json.loads(self.body).get(f"{arn_member}List")
        known = _held(self, kind)
        for arn in wanted or []:
            if arn not in known:
                raise AwsError(missing, f"No anomaly {kind} found with arn: {arn}")
        return json.dumps({f"{member}s": [one for arn, one in known.items() if arn in (wanted or known)]})

    def update(self: CostExplorerResponse) -> str:
        asked = json.loads(self.body)
        _one(self, asked[arn_member]).update({name: value for name, value in asked.items() if name != arn_member})
        return json.dumps({arn_member: asked[arn_member]})

    def delete(self: CostExplorerResponse) -> str:
        arn = json.loads(self.body)[arn_member]
        _one(self, arn)
        del _held(self, kind)[arn]
        return "{}"

    def _one(self: CostExplorerResponse, arn: str) -> dict[str, Any]:
        if arn not in _held(self, kind):
            raise AwsError(missing, f"No anomaly {kind} found with arn: {arn}")
        return _held(self, kind)[arn]

    return {
        f"create_anomaly_{kind}": create,
        f"get_anomaly_{kind}s": get,
        f"update_anomaly_{kind}": update,
        f"delete_anomaly_{kind}": delete,
    }


PATCHES = (watch_anomalies, activate_tags)
