"""How is a plan rendered to RunPod: a serverless endpoint, and a network volume where the plan has one?"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime.config import CONFIG

from components.errors import PlanError, StackError
from components.gateway.upstream import Upstream
from components.runpod.client import connect
from components.runpod.endpoint import CONSOLE
from components.runpod.endpoint_fields import LOAD_BALANCER, QUEUE, QUEUE_DELAY
from components.runpod.errors import RunpodError
from components.runpod.keys import KEY, REFUSED_CONFIG, key_in_config
from components.runpod.origins import Origins, origins
from components.runpod.placement import CATALOGUE, placement_problems
from components.runpod.resources import Endpoint, NetworkVolume
from components.runpod.worker import exposed_ports, worker_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.network import Network
    from components.plan.model import Plan
    from components.plan.runpod.values import RunpodPlan, RunpodVolume

ONLINE_CHECKS = "RUNPOD_ONLINE_CHECKS"
"""Set to 1, a preview asks RunPod's catalogue too. Without it a preview needs no key, as that of a fork has none."""


def look_up(plan: Plan) -> Origins:
    """Return where RunPod is; asks it nothing, unless RUNPOD_ONLINE_CHECKS=1.

    Raises:
        PlanError: the plan is for another target.
        StackError: the key is in the stack's configuration, the origins do not fit, or RunPod has not the GPUs.
    """
    runpod = _runpod(plan)
    if REFUSED_CONFIG in CONFIG.get():
        raise StackError([key_in_config()])
    found = origins()
    if os.environ.get(ONLINE_CHECKS) == "1":
        try:
            problems = placement_problems(connect().get(CATALOGUE)["gpus"], _gpu(runpod))
        except RunpodError as error:
            raise PlanError(f"{plan.service}: {ONLINE_CHECKS}: {error}") from error
        if problems:
            raise StackError(problems)
    return found


class RunpodService(pulumi.ComponentResource):
    """One service on RunPod; it needs no network of the stack's."""

    listener_arn: pulumi.Output[str] | None = None
    look_up = staticmethod(look_up)

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        network: Network | None = None,  # noqa: ARG002 - every target's component is made alike
        found: Origins | None = None,
        peers: Mapping[str, Upstream] | None = None,  # noqa: ARG002 - an endpoint falls back on nobody
        starts_awake: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:runpod:RunpodService", name, None, opts)
        runpod, found = _runpod(plan), found or look_up(plan)
        volume = runpod.volume and self._volume(plan, runpod.volume)
        endpoint = Endpoint(
            f"{plan.service}-endpoint",
            endpoint_props(plan, [volume.id] if volume else [], starts_awake=starts_awake),
            pulumi.ResourceOptions(parent=self),
        )
        settings, base_url = _address(runpod, endpoint, found)
        self.upstream = Upstream(plan=plan, settings=settings, takes_key=True)
        self.keeper_details: dict[str, Any] = {
            "endpoint_id": endpoint.id,
            "front": plan.front is not None,
            "mode": runpod.mode,
            "sleep": runpod.sleep,
            "pools": list(runpod.pools),
        }
        self.outputs: dict[str, Any] = {
            "openai_base_url": base_url,
            "mode": runpod.mode,
            "auth": {"scheme": "bearer", "key": KEY},
            "dashboard_url": endpoint.id.apply(lambda id_: f"{CONSOLE}/{id_}"),
            "logs": endpoint.id.apply(lambda id_: _logs(found, id_)),
            "state": "awake" if plan.power == "on" else "parked",
            "endpoint_id": endpoint.id,
            "request_urls": endpoint.requestUrls,
            **({"volume_id": volume.id} if volume else {}),
        }
        self.register_outputs(self.outputs)

    def _volume(self, plan: Plan, volume: RunpodVolume) -> NetworkVolume:
        return NetworkVolume(
            f"{plan.service}-weights",
            {"name": volume.name, "size": volume.size_gb, "dataCenter": volume.data_center, "type": volume.type},
            pulumi.ResourceOptions(parent=self, protect=volume.protect),
        )


def endpoint_props(plan: Plan, volumes: list[pulumi.Output[str]], *, starts_awake: bool = True) -> dict[str, Any]:
    """Return the endpoint that a plan describes, in RunPod's own words; the keeper's, where one moves its workers."""
    runpod, gateway = _runpod(plan), plan.gateway
    workers = {"min": runpod.workers_min, "max": runpod.workers_max}
    if runpod.idle_timeout_seconds is not None:
        workers["idleTimeout"] = runpod.idle_timeout_seconds
    return {
        "name": runpod.endpoint_name,
        "type": QUEUE if gateway is None else LOAD_BALANCER,
        "image": plan.engine.image,
        "args": shlex.join(plan.engine.arguments),
        "disk": runpod.disk_gb,
        "env": {**plan.engine.environment, **(worker_environment(plan, gateway) if gateway else {})},
        **({"ports": exposed_ports()} if gateway else {}),
        **({"registry": runpod.registry} if runpod.registry else {}),
        "gpu": _gpu(runpod),
        "workers": workers,
        "scaling": _scaling(runpod),
        "dataCenterIds": list(runpod.data_centers),
        "networkVolumes": volumes,
        "timeout": runpod.execution_timeout_ms,
        "flashboot": runpod.flashboot,
        **({"scheduleManaged": True, "startsAwake": starts_awake} if plan.is_kept else {}),
    }


def _address(
    runpod: RunpodPlan, endpoint: Endpoint, found: Origins
) -> tuple[dict[str, pulumi.Input[str]], pulumi.Output[str]]:
    """Return how a gateway reaches the endpoint, and the base URL for clients of OpenAI's API."""
    settings: dict[str, pulumi.Input[str]] = {"kind": "runpod", "endpoint_id": endpoint.id}
    if runpod.mode == "queue":
        return {**settings, "url": found.jobs}, endpoint.id.apply(found.openai)
    host = pulumi.Output.all(endpoint.id, endpoint.requestUrls).apply(lambda told: found.load_balancer(*told))
    return {**settings, "mode": runpod.mode, "url": host}, host.apply(lambda url: f"{url}/v1")


def _runpod(plan: Plan) -> RunpodPlan:
    if plan.runpod is None:
        raise PlanError(f"{plan.service}: the plan is for target {plan.target} and has no runpod part")
    return plan.runpod


def _gpu(runpod: RunpodPlan) -> dict[str, Any]:
    return {
        "pools": list(runpod.pools),
        "allowedTypes": list(runpod.allowed_types),
        "count": runpod.gpu_count,
        "minCudaVersion": runpod.min_cuda_version,
    }


def _scaling(runpod: RunpodPlan) -> dict[str, Any]:
    if runpod.scaler == QUEUE_DELAY:
        return {"type": runpod.scaler, "queueDelay": runpod.scaler_value}
    return {"type": runpod.scaler, "requestCount": int(runpod.scaler_value)}


def _logs(found: Origins, id_: str) -> Mapping[str, str]:
    """Return where to look: RunPod keeps the logs of its workers."""
    workers = f"{found.management}/v2/serverless/{id_}/workers"
    return {"console": f"{CONSOLE}/{id_}?tab=logs", "workers": workers, "worker": f"{workers}/WORKER_ID/logs"}
