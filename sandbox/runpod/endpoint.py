"""A serverless endpoint: its settings, its versions, and what the API shows of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sandbox.runpod.clock import rfc3339
from sandbox.runpod.endpoint_bodies import Settings

# Variable of a worker behind a load balancer, and its default.
HEALTH_CHECK = ("HEALTH_CHECK_PATH", "/ping")
# Field of the settings -> its name in a release. Workers, scaling and timeouts are applied without one.
_RELEASED = {
    "image": "template.imageName",
    "args": "template.dockerArgs",
    "disk": "template.containerDiskInGb",
    "ports": "template.ports",
    "env": "template.env",
    "registry": "template.containerRegistryAuthId",
    "gpu": "gpu",
    "dataCenterIds": "locations",
    "networkVolumes": "networkVolumes",
    "flashboot": "flashboot",
}


@dataclass(frozen=True)
class Endpoint:
    id: str
    settings: Settings
    created_at: float
    version: int = 1
    releases: tuple[dict[str, Any], ...] = ()
    """Newest first."""
    used_at: float = 0.0
    """How far the clock had been advanced when the last request came, or when the worker bounds were last set."""

    def changed(self, settings: Settings, release_id: str, now: float) -> Endpoint:
        """The endpoint with other settings, and a release when workers have to be replaced for them."""
        before, after = self.settings.model_dump(by_alias=True), settings.model_dump(by_alias=True)
        diff = [
            {"field": name, "old": before[field], "new": after[field]}
            for field, name in _RELEASED.items()
            if before[field] != after[field]
        ]
        if not diff:
            return replace(self, settings=settings)
        version = self.version + 1
        release = {"id": release_id, "version": version, "createdAt": rfc3339(now), "diff": diff}
        return replace(self, settings=settings, version=version, releases=(release, *self.releases))

    def to_json(self, jobs_url: str) -> dict[str, Any]:
        """As the API shows it, env in clear included; `jobs_url` is where its requests go."""
        settings = self.settings.model_dump(by_alias=True)
        gpu = settings["gpu"] | {"minCudaVersion": settings["gpu"]["minCudaVersion"] or None}
        if not gpu["excludedTypes"]:
            del gpu["excludedTypes"]
        if not self.settings.shows_idle_timeout:
            del settings["workers"]["idleTimeout"]
        return {
            "id": self.id,
            **settings,
            "gpu": gpu,
            "requestUrls": self._request_urls(jobs_url),
            "createdAt": rfc3339(self.created_at),
        }

    def _request_urls(self, jobs_url: str) -> dict[str, str]:
        if self.settings.type == "LOAD_BALANCER":
            # The real host name is <id>.api.runpod.ai, which does not lead to this machine.
            base = f"{jobs_url}/{self.id}/lb"
            return {"base": base, "health": base + self.settings.env.get(*HEALTH_CHECK)}
        base = f"{jobs_url}/{self.id}"
        return {
            "run": f"{base}/run",
            "runSync": f"{base}/runsync",
            "status": f"{base}/status/{{job_id}}",
            "stream": f"{base}/stream/{{job_id}}",
            "cancel": f"{base}/cancel/{{job_id}}",
            "retry": f"{base}/retry/{{job_id}}",
            "purgeQueue": f"{base}/purge-queue",
            "health": f"{base}/health",
        }

    def to_record(self) -> dict[str, Any]:
        """As it is kept on the disk."""
        return {
            "id": self.id,
            "settings": self.settings.model_dump(by_alias=True),
            "created_at": self.created_at,
            "version": self.version,
            "releases": list(self.releases),
            "used_at": self.used_at,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Endpoint:
        settings = Settings.model_validate(record["settings"])
        return cls(**{**record, "settings": settings, "releases": tuple(record["releases"])})
