"""What tests and `berth sandbox runpod` may do to the local RunPod: faults, clock, settings, and the list of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.runpod.answers import Answer, ProblemError
from sandbox.runpod.clock import rfc3339
from sandbox.runpod.faults import Fault
from sandbox.runpod.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runpod.account import Account
    from sandbox.runpod.calls import CallLog
    from sandbox.runpod.faults import Faults
    from sandbox.runpod.request import Request


class _Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    advance_seconds: float = Field(gt=0, le=10 * 365 * 86_400)


class Control:
    """The routes below `/sandbox`; they change no bill and count as no call."""

    def __init__(self, account: Account, faults: Faults, calls: CallLog, about: dict[str, Any]) -> None:
        self._account = account
        self._faults = faults
        self._calls = calls
        self._about = about
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "health"): lambda _: self._about | {"advanced_seconds": self._account.clock.advanced},
            ("GET", "inventory"): lambda _: self._account.inventory(),
            ("GET", "calls"): self._list_calls,
            ("DELETE", "calls"): lambda _: self._calls.clear(),
            ("GET", "faults"): lambda _: self._list_faults(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: self._faults.clear(),
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._advance,
            ("GET", "settings"): lambda _: self._account.settings.model_dump(mode="json"),
            ("PATCH", "settings"): self._set,
        }

    def answer(self, request: Request) -> Answer:
        """The answer to a call below `/sandbox`; the caller holds the account."""
        if not request.is_local:
            return ProblemError(403, "only this machine may control the sandbox").answer()
        route = self._routes.get((request.method, "/".join(request.parts[1:])))
        if route is None:
            return ProblemError(404, "no such control; see `berth sandbox runpod --help`").answer()
        try:
            document = route(request)
        except ValidationError as error:
            lines = [f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()]
            return ProblemError(422, "; ".join(lines)).answer()
        except ProblemError as refusal:
            return refusal.answer()
        return Answer(204) if document is None else Answer(200, document)

    def _list_calls(self, request: Request) -> Any:
        since = dict(request.query).get("since", "0")
        return self._calls.to_json(int(since) if since.isdecimal() else 0)

    def _list_faults(self) -> Any:
        return {"faults": [fault.model_dump(mode="json") for fault in self._faults.waiting()]}

    def _add_fault(self, request: Request) -> Any:
        self._faults.add(Fault.model_validate(request.json()))
        return self._list_faults()

    def _time(self) -> Any:
        return {"now": rfc3339(self._account.clock.now()), "advanced_seconds": self._account.clock.advanced}

    def _advance(self, request: Request) -> Any:
        self._account.skip(_Advance.model_validate(request.json()).advance_seconds)
        return self._time()

    def _set(self, request: Request) -> Any:
        document = request.json()
        if not isinstance(document, dict):
            raise ProblemError(422, "settings must be an object")
        self._account.settings = Settings.model_validate(self._account.settings.model_dump() | document)
        self._account.advance()
        return self._account.settings.model_dump(mode="json")
