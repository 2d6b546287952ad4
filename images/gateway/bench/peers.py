"""Who else could stand there? The gateway, the bare pass-through, and the peers that this machine happens to have."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .processes import ROOT, free_port, module

if TYPE_CHECKING:
    from pathlib import Path

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream engine {{ server {engine}; keepalive 256; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""
LITELLM = """
model_list:
  - model_name: bench
    litellm_params: {{model: openai/bench, api_base: "http://{engine}/v1", api_key: none}}
litellm_settings: {{telemetry: false}}
"""

PROGRAMS = {
    "nginx": ("nginx", "not on PATH; `apt-get install nginx-light`"),
    "vllm-router": ("vllm-router (Rust)", "not on PATH; `uv tool install vllm-router`"),
    "litellm": ("LiteLLM", "not on PATH; `uv tool install 'litellm[proxy]'`"),
}

# Every limit is on, and none is reached.
TERMS = {
    "requests_per_minute": 10_000_000,
    "tokens_per_minute": 10_000_000_000,
    "concurrency": 10_000,
    "usd_per_month": 1_000_000,
    "models": ["bench"],
}


@dataclass(frozen=True, slots=True)
class Peer:
    """How one of them is started."""

    name: str
    port: int
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict[str, str])
    share_of_requests: float = 1.0
    """Of the closed loop, for one that would need minutes for all of it."""


def bare(engine: str) -> Peer:
    port = free_port()
    return Peer("bare ASGI + aiohttp", port, module("bare", str(port), f"http://{engine}"))


def gateway(engine: str, key: str) -> Peer:
    """This gateway as it is deployed: keys, limits, metrics and the log on."""
    port = free_port()
    environment = {
        "PYTHONPATH": str(ROOT / "images" / "gateway" / "src"),
        "BERTH_STACK": "bench",
        "BERTH_SERVICE": "bench",
        "BERTH_UPSTREAM_URL": f"http://{engine}",
        "BERTH_MODEL_NAME": "bench",
        "BERTH_MAX_REQUEST_SECONDS": "60",
        "BERTH_DRAIN_SECONDS": "1",
        "BERTH_PORT": str(port),
        "BERTH_USD_PER_HOUR": "1",
        "BERTH_CLIENT_KEYS": json.dumps({"bench": {"sha256": hashlib.sha256(key.encode()).hexdigest(), **TERMS}}),
    }
    return Peer("gateway", port, [sys.executable, "-m", "gateway"], environment)


def absent() -> dict[str, str]:
    """Peers that are not on PATH, and how to get them there."""
    return {name: how for program, (name, how) in PROGRAMS.items() if not shutil.which(program)}


def others(engine: str, key: str, folder: Path) -> list[Peer]:
    """nginx, the Rust vllm-router and LiteLLM's proxy, where they are on PATH."""
    found: list[Peer] = []
    if shutil.which("nginx"):
        port = free_port()
        file = folder / "nginx.conf"
        file.write_text(NGINX.format(folder=folder, engine=engine, port=port))
        found.append(Peer("nginx", port, ["nginx", "-p", str(folder), "-c", str(file)]))
    if shutil.which("vllm-router"):
        port, metrics = free_port(), free_port()
        arguments = ["--worker-urls", f"http://{engine}", "--host", "127.0.0.1", "--port", str(port)]
        arguments += ["--policy", "round_robin", "--prometheus-port", str(metrics), "--log-level", "error"]
        found.append(Peer("vllm-router (Rust)", port, ["vllm-router", *arguments]))
    if shutil.which("litellm"):
        port = free_port()
        file = folder / "litellm.yaml"
        file.write_text(LITELLM.format(engine=engine))
        arguments = ["--config", str(file), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        # It refuses to start with a key that stands in its own examples.
        environment = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
        environment |= {"LITELLM_MASTER_KEY": key}
        found.append(Peer("LiteLLM", port, ["litellm", *arguments], environment, share_of_requests=0.05))
    return found
