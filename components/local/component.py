"""How is a plan rendered to this machine: an engine, unless a server runs already, and the gateway before it?"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from components.errors import PlanError, Problem, StackError
from components.gateway.upstream import Upstream
from components.local.answers import HOST
from components.local.commands import ENGINE, GATEWAY
from components.local.model_file import file_problem, is_a_path, machine_bytes, memory_problem, path_of
from components.local.resources import Process
from components.local.settings import engine_settings, gateway_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.network import Network
    from components.plan.gateway import GatewayPlan
    from components.plan.local.values import LocalPlan
    from components.plan.model import Plan

STATE_FOLDER = ".berth/local"
_ENGINE_GRACE_SECONDS = 5
_GATEWAY_MARGIN_SECONDS = 5
_GATEWAY_READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """What this machine was asked: where Pulumi.yaml is, and the hash of the one key."""

    root: Path
    key_sha256: str | None = None


def look_up(plan: Plan, variables: Mapping[str, str] = os.environ) -> Found:
    """Return what the processes need of this machine; starts and downloads nothing.

    Raises:
        PlanError: the plan is for another target.
        StackError: a variable or a file is not there, or the file does not fit the memory.
    """
    local, root = _local(plan), Path(pulumi.runtime.get_root_directory() or Path.cwd())
    if plan.power == "off":
        return Found(root)
    problems = [*_missing_variables(plan, local, variables), *_file_problems(plan, local, root)]
    if problems:
        raise StackError(problems)
    key = variables[local.key_env].strip() if local.key_env else None
    return Found(root, hashlib.sha256(key.encode()).hexdigest() if key else None)


class LocalService(pulumi.ComponentResource):
    """One service on this machine; parked, it has no processes, and the same address."""

    listener_arn: pulumi.Output[str] | None = None
    look_up = staticmethod(look_up)

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        network: Network | None = None,  # noqa: ARG002 - every target's component is made alike
        found: Found | None = None,
        peers: Mapping[str, Upstream] | None = None,  # noqa: ARG002 - it falls back on nobody
        starts_awake: bool = True,  # noqa: ARG002 - no keeper moves a process of this machine
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("berth:local:LocalService", name, None, opts)
        local, found = _local(plan), found or look_up(plan)
        processes = self._processes(plan, local, found) if plan.power == "on" else {}
        url = f"http://{HOST}:{local.port}"
        self.upstream = Upstream(plan, {"url": url})
        self.keeper_details: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {
            "openai_base_url": f"{url}/v1",
            "auth": _auth(local),
            "dashboard_url": f"{url}/metrics",
            "logs": {role: process.log for role, process in processes.items()},
            "processes": {
                role: {"pid": process.pid, "started": process.started} for role, process in processes.items()
            },
        }
        self.register_outputs(self.outputs)

    def _processes(self, plan: Plan, local: LocalPlan, found: Found) -> dict[str, Process]:
        engine = self._engine(plan, local, found) if local.engine_port is not None else None
        gateway = _gateway(plan)
        props = {
            **_common(plan, found, GATEWAY),
            "port": local.port,
            "ready": f"http://{HOST}:{local.port}/readyz",
            "settings": gateway_settings(plan, gateway, local, key_sha256=found.key_sha256, root=found.root),
            "gguf": None,
            "server": local.url,
            "variables": [local.url_key_env] if local.url_key_env else [],
            "graceSeconds": gateway.drain_seconds + _GATEWAY_MARGIN_SECONDS,
            "readySeconds": _GATEWAY_READY_SECONDS,
        }
        before = pulumi.ResourceOptions(parent=self, depends_on=[engine] if engine else [])
        made = Process(f"{plan.service}-gateway", props, before)
        return {**({ENGINE: engine} if engine else {}), GATEWAY: made}

    def _engine(self, plan: Plan, local: LocalPlan, found: Found) -> Process:
        props = {
            **_common(plan, found, ENGINE),
            "port": local.engine_port,
            "ready": f"http://{HOST}:{local.engine_port}/health",
            "settings": engine_settings(plan, local),
            "gguf": local.gguf,
            "server": None,
            "variables": [],
            "graceSeconds": _ENGINE_GRACE_SECONDS,
            "readySeconds": plan.startup_limit_seconds,
        }
        return Process(f"{plan.service}-engine", props, pulumi.ResourceOptions(parent=self))


def _common(plan: Plan, found: Found, role: str) -> dict[str, Any]:
    return {
        "role": role,
        "directory": str(found.root / STATE_FOLDER / plan.stack / plan.service),
        "root": str(found.root),
    }


def _missing_variables(plan: Plan, local: LocalPlan, variables: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(f"{plan.service}: local.{field}", name, "is not set in this environment", f"export {name}=KEY")
        for field, name in (("key_env", local.key_env), ("url_key_env", local.url_key_env))
        if name and not variables.get(name, "").strip()
    ]


def _file_problems(plan: Plan, local: LocalPlan, root: Path) -> list[Problem]:
    problems: list[Problem] = []
    if local.keys_file is not None and not path_of(local.keys_file, root).is_file():
        fix = """write a JSON object: {"me": "<sha256 of the key>"}, with `printf %s "$KEY" | sha256sum`"""
        problems.append(Problem(f"{plan.service}: local.keys_file", local.keys_file, "is not a file", fix))
    found = None
    if local.gguf is not None and is_a_path(local.gguf):
        found = file_problem(path_of(local.gguf, root))
    elif local.gguf is not None and local.gguf_bytes is not None:
        found = memory_problem(local.gguf_bytes, machine_bytes(), local.gguf)
    if found is not None:
        message, _, fix = found.removeprefix("local.gguf: ").partition("; ")
        problems.append(Problem(f"{plan.service}: local.gguf", "", message, fix))
    return problems


def _auth(local: LocalPlan) -> dict[str, str]:
    if local.key_env is not None:
        return {"scheme": "bearer", "variable": local.key_env}
    return {"scheme": "bearer", "secret": local.keys_file} if local.keys_file else {"scheme": "none"}


def _local(plan: Plan) -> LocalPlan:
    if plan.local is None:
        raise PlanError(f"{plan.service}: the plan is for target {plan.target} and has no local part")
    return plan.local


def _gateway(plan: Plan) -> GatewayPlan:
    if plan.gateway is None:
        raise PlanError(f"{plan.service}: the plan has no gateway")
    return plan.gateway
