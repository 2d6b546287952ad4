"""Which hosts does the RunPod key go to? To these two and RunPod's load balancers, and only there."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGEMENT = "RUNPOD_API_BASE_URL"
JOBS = "RUNPOD_ENDPOINT_BASE_URL"
_BALANCED = "api.runpod.ai"
"""Each load balancer is a host below it."""
DEFAULTS = {MANAGEMENT: "https://api.runpod.io", JOBS: "https://api.runpod.ai/v2"}


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the management API is (`/v2/...` follows), and where jobs go (`/<endpoint id>/...` follows)."""

    management: str
    jobs: str

    def openai(self, endpoint_id: str) -> str:
        """Return the base URL of an endpoint for clients of OpenAI's API.

        >>> Origins("https://api.runpod.io", "https://api.runpod.ai/v2").openai("4m7x2k9q")
        'https://api.runpod.ai/v2/4m7x2k9q/openai/v1'
        """
        return f"{self.jobs}/{endpoint_id}/openai/v1"

    def load_balancer(self, endpoint_id: str, request_urls: Mapping[str, str] | None) -> str:
        """Return the address of an endpoint behind RunPod's load balancer, which RunPod says with the endpoint.

        >>> runpod = Origins("https://api.runpod.io", "https://api.runpod.ai/v2")
        >>> runpod.load_balancer("4m7x2k9q", {"base": "https://4m7x2k9q.api.runpod.ai/"})
        'https://4m7x2k9q.api.runpod.ai'
        >>> runpod.load_balancer("4m7x2k9q", {"base": "https://elsewhere.example"})
        'https://4m7x2k9q.api.runpod.ai'
        """
        base = (request_urls or {}).get("base", "").rstrip("/")
        return base if self.may_have_the_key(base) else f"https://{endpoint_id}.{_BALANCED}"

    def may_have_the_key(self, url: str) -> bool:
        """Tell whether a request there may carry the key: to RunPod's load balancers, and where jobs go."""
        try:
            parts, jobs = urlsplit(url), urlsplit(self.jobs)
            is_runpods = parts.scheme == "https" and (parts.hostname or "").endswith(f".{_BALANCED}") and not parts.port
            has_user = parts.username is not None or parts.password is not None
        except ValueError:
            return False
        return not has_user and (is_runpods or (parts.scheme, parts.netloc) == (jobs.scheme, jobs.netloc))


def origins(environment: Mapping[str, str] = os.environ) -> Origins:
    """Read both from the environment.

    Raises:
        StackError: one is no plain HTTPS address (HTTP only on this machine), or only one of the two leads elsewhere
            than to RunPod, so that the other would get a key that is not meant for it.
    """
    found = {name: (environment.get(name) or default).rstrip("/") for name, default in DEFAULTS.items()}
    problems = [problem for name, url in found.items() for problem in _problems(name, url)]
    moved = [name for name, url in found.items() if url != DEFAULTS[name]]
    if len(moved) == 1:
        other = JOBS if moved == [MANAGEMENT] else MANAGEMENT
        message = f"leads elsewhere than to RunPod, while {other} leads to RunPod"
        problems.append(Problem(moved[0], found[moved[0]], message, f"set both, or unset {moved[0]}"))
    if problems:
        raise StackError(problems)
    return Origins(management=found[MANAGEMENT], jobs=found[JOBS])


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("localhost.example")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _problems(name: str, url: str) -> list[Problem]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return [Problem(name, url, "is not a URL", f"use one as {DEFAULTS[name]}")]
    if parts.username is not None or parts.password is not None:
        # The value is not shown: it holds a password.
        return [Problem(name, "", "holds a user or a password", f"use one as {DEFAULTS[name]}")]
    if not host or parts.query or parts.fragment or (name == MANAGEMENT and parts.path):
        return [Problem(name, url, "has more or less than it should", f"use one as {DEFAULTS[name]}")]
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return [Problem(name, url, "would send the API key unencrypted", "use https; http is for this machine alone")]
    return []
