"""How are all services of a stack kept in one run, so that trouble with one is no trouble for the others?"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from components.keeper.runtime.config import KeeperConfig
from components.keeper.runtime.errors import DocumentError, KeeperError
from components.keeper.runtime.keep import Report, Store, Voice, keep, wake_on_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from components.contracts import ParameterKind
    from components.keeper.runtime.platforms import Platforms

log = logging.getLogger("berth.keeper")

AT_ONCE = 8
"""Services that are kept at the same time: most of a run is waiting for answers."""


class Documents(Store, Protocol):
    """All documents of one service, its configuration among them."""

    def read(self, kind: ParameterKind) -> str | None:
        """Return a document, None when there is none; `KeeperError` when it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one service in one run; `report` is None where nothing could be decided."""

    service: str
    report: Report | None
    problems: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the function answers, and as its log has it."""
        if self.report is None:
            return {"problems": list(self.problems)}
        state = self.report.decision.state
        return {
            "state": state.state,
            "wanted": state.wanted,
            "reason": state.reason,
            "why": state.why,
            "did": self.report.did,
            "power": self.report.capacity.power,
            "running": dict(self.report.capacity.running),
            "detail": self.report.capacity.detail,
            "problems": list(self.problems),
        }


class Services:
    """The services of one stack."""

    def __init__(
        self,
        names: Iterable[str],
        *,
        documents: Callable[[str], Documents],
        platforms: Callable[[], Platforms],
        voice: Voice,
        clock: Callable[[], datetime],
    ) -> None:
        """`documents` and `platforms` are made anew for each run."""
        self.names = tuple(names)
        self._documents, self._platforms, self._voice, self._clock = documents, platforms, voice, clock

    def keep(self, names: Iterable[str] = ()) -> list[Outcome]:
        """Keep some services, or all; whatever goes wrong is in the outcomes."""
        wanted, platforms = tuple(names) or self.names, self._platforms()
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return list(pool.map(lambda name: self._kept(name, platforms, is_named=bool(names)), wanted))

    def wake(self, name: str, key_id: str) -> tuple[int, Mapping[str, object]]:
        """Answer the wake hook for a service that is known; raises KeeperError where nothing can be decided."""
        documents, platforms = self._documents(name), self._platforms()
        config = _config(name, documents)
        return wake_on_request(
            config,
            now=self._clock(),
            key_id=key_id,
            store=documents,
            target=platforms.target(config),
            voice=self._voice,
        )

    def config(self, name: str) -> KeeperConfig:
        """Return what the stack says about a service; raises KeeperError where it says nothing."""
        return _config(name, self._documents(name))

    def _kept(self, name: str, platforms: Platforms, *, is_named: bool) -> Outcome:
        if name not in self.names:
            return Outcome(name, None, (unknown(name, self.names),))
        documents = self._documents(name)
        try:
            if not is_named and documents.read("config") is None:
                # The function knows of a new service before the deployment that makes it has written this.
                log.warning("%s: has no configuration yet", name)
                return Outcome(name, None, ())
            config = _config(name, documents)
            report = keep(
                config, now=self._clock(), store=documents, target=platforms.target(config), voice=self._voice
            )
        except KeeperError as error:
            return Outcome(name, None, (f"{name}: {error}",))
        except Exception as error:  # a mistake of ours about one service must not keep the others awake
            log.exception("%s: a mistake in the keeper", name)
            return Outcome(name, None, (f"{name}: {type(error).__name__}: {error}",))
        return Outcome(name, report, report.problems)


def unknown(name: str, names: Iterable[str]) -> str:
    """Return what to say of a service that is not kept here."""
    return f"{name!r} is no service that this keeper keeps; use one of: {', '.join(sorted(names))}"


def _config(name: str, documents: Documents) -> KeeperConfig:
    text = documents.read("config")
    if text is None:
        raise DocumentError("config", f"of {name} is missing; deploy the stack")
    return KeeperConfig.parse(text)
