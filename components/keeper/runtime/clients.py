"""Who speaks to AWS? boto3's clients, each made once, when it is first needed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 2
"""Of the SDK; `calls` tries again after that, with an eye on the time that a run has."""


class Clients:
    """Clients by service and region; those of one set may be used by several threads."""

    def __init__(self, make: Callable[[str, str | None], Any] | None = None, *, attempts: int = ATTEMPTS) -> None:
        """`make` is what makes a client; None: boto3, with the credentials and addresses of the environment."""
        self._make = make or _maker(attempts)
        self._made: dict[tuple[str, str | None], Any] = {}
        # Making a client is the one thing that sessions of boto3 must not do twice at a time.
        self._lock = Lock()

    def __call__(self, service: str, region: str | None = None) -> Any:
        """Return a client; raises KeeperError where there is no region or no such service."""
        with self._lock:
            if (service, region) not in self._made:
                try:
                    self._made[service, region] = self._make(service, region)
                except BotoCoreError as error:
                    raise KeeperError(f"{service}: {error}") from None
            return self._made[service, region]


def _maker(attempts: int) -> Callable[[str, str | None], Any]:
    session = Session()
    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra="berth-keeper",
    )
    return lambda service, region: session.client(service, region_name=region, config=settings)
