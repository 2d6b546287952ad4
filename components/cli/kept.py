"""What is known of a service that a keeper looks after: its configuration, its documents, and who keeps it?"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.errors import DeployedError, did_you_mean
from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.errors import DocumentError, KeeperError
from components.keeper.runtime.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.contracts import ParameterKind
    from components.keeper.runtime.calls import Calls
    from components.keeper.runtime.clients import Clients
    from components.keeper.runtime.keep import Kind
    from components.keeper.runtime.services import Documents
    from components.keeper.runtime.store import FileStore

PROJECT_FILE = "Pulumi.yaml"
STATE_FOLDER = Path(".berth", "keeper")
"""Of the project, where a keeper without AWS remembers things."""
_STACK_PART = 2
"""Place of the stack's name in that of a parameter, `/berth/<stack>/<service>/<kind>`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who speaks to the platform, and what time it is there: the clock of this machine may be wrong."""

    name: str
    arn: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One service that is kept."""

    name: str
    stack: str
    region: str
    function: str | None
    """What keeps it in AWS; None where somebody runs `berth keeper run`."""
    documents: Documents

    @property
    def keeper(self) -> str:
        """Who keeps it, in words."""
        return self.function or "berth keeper run"

    def config(self) -> KeeperConfig:
        """Return what the stack says of it; raises KeeperError where it says nothing."""
        text = self.documents.read("config")
        if text is None:
            raise DocumentError("config", f"of {self.name} is missing; deploy the stack")
        return KeeperConfig.parse(text)

    def state(self) -> State:
        """Return what the keeper remembers; raises KeeperError where that cannot be read."""
        return State.parse(self.documents.read("state"))


@dataclass(frozen=True, slots=True)
class _Files:
    """The documents of a keeper without AWS: the stack's outputs have the configuration, a folder all else."""

    config: str | None
    files: FileStore

    def read(self, kind: ParameterKind) -> str | None:
        return self.config if kind == "config" else self.files.read(kind)

    def write(self, kind: Kind, text: str) -> None:
        self.files.write(kind, text)


class Reach:
    """AWS and the folder of a keeper without it; nothing is asked before it is needed."""

    def __init__(self, state_folder: Path | None = None) -> None:
        """None: the folder of the project."""
        self._state_folder = state_folder

    @cached_property
    def clients(self) -> Clients:
        """Clients of boto3 by service and region."""
        from components.keeper.runtime.clients import Clients  # noqa: PLC0415 - 0.2 s that --help does without

        return Clients()

    @cached_property
    def calls(self) -> Calls:
        """How AWS is called: whoever waits at a terminal tries again by hand."""
        from components.keeper.runtime.calls import Calls  # noqa: PLC0415

        return Calls(pauses=())

    @property
    def state_folder(self) -> Path:
        """Where a keeper without AWS remembers things."""
        return self._state_folder or _project() / STATE_FOLDER

    def kept(self, name: str, outputs: Mapping[str, Any]) -> Kept | None:
        """Return a service as its keeper sees it at the first look from now on; None where nothing keeps it."""
        from components.keeper.runtime.store import FileStore, SsmStore  # noqa: PLC0415

        told = outputs.get("keeper")
        if told is None:
            return None
        region, function = outputs["region"], told["function"]
        if function is not None:
            stack = told["parameters"]["config"].split("/")[_STACK_PART]
            return Kept(name, stack, region, function, SsmStore(stack, name, self.clients("ssm", region), self.calls))
        document = told.get("document")
        stack = "unknown" if document is None else KeeperConfig.parse(document).stack
        return Kept(name, stack, region, None, _Files(document, FileStore(self.state_folder, stack, name)))

    def caller(self, region: str | None) -> Caller:
        """Return who asks AWS, and AWS' own time; None: nobody asks AWS, this machine and its user do."""
        if region is None:
            return Caller(name := getpass.getuser(), name, datetime.now(UTC))
        try:
            found = self.calls(self.clients("sts", region).get_caller_identity)
        except KeeperError as error:
            raise DeployedError(f"{region}: {error}; log in, or set AWS_PROFILE") from None
        date = found["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
        # The account is that of the stack; what is left says who it is.
        return Caller(found["Arn"].split(":", 5)[5], found["Arn"], now)

    def caller_for(self, kept: Kept) -> Caller:
        """Return who asks about a service."""
        return self.caller(kept.region if kept.function else None)


def chosen(deployed: dict[str, dict[str, Any]], name: str | None) -> dict[str, dict[str, Any]]:
    """Return all services, or the one that is named; DeployedError when there is none of that name."""
    if name is None:
        return deployed
    if name not in deployed:
        raise DeployedError(f"{name}: the stack has no such service; {did_you_mean(name, deployed)}")
    return {name: deployed[name]}


def _project() -> Path:
    """Return the folder of the Pulumi project that this folder is in, this folder where it is in none."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / PROJECT_FILE).is_file()), here)
