"""Which handler answers a call of the management API? A table of paths, and what is refused before a handler runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.runpod.answers import Answer, ProblemError
from sandbox.runpod.bodies import Checked, checked

if TYPE_CHECKING:
    from sandbox.runpod.account import Account
    from sandbox.runpod.request import Request

ID = "{id}"
# Parts of the real API that nothing of Berth needs.
ABSENT = ("account", "clusters", "pods", "registries", "templates")


@dataclass(frozen=True)
class Call:
    """What a handler gets."""

    account: Account
    request: Request
    jobs_url: str
    """Where the requests of endpoints go."""
    id: str = ""
    """From the path."""
    query: Mapping[str, str] | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        return self.query or {}

    def body(self, model: type[Checked]) -> Checked:
        """The checked body."""
        return checked(model, self.request.json())


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler
    parameters: tuple[str, ...] = ()
    """Names that the query may have."""

    def id_in(self, parts: tuple[str, ...]) -> str | None:
        """The id that these segments name, "" for a path without one; None when it is another path."""
        own = tuple(self.path.split("/"))
        if len(own) != len(parts):
            return None
        found = ""
        for mine, given in zip(own, parts, strict=True):
            if mine == ID and given:
                found = given
            elif mine != given:
                return None
        return found


def dispatch(routes: tuple[Route, ...], account: Account, request: Request, jobs_url: str) -> Answer:
    """Run the handler of a call.

    Raises:
        ProblemError: no such path, method or parameter; or what the handler refuses.
    """
    parts = request.parts[1:]
    found = [(route, id_) for route in routes if (id_ := route.id_in(parts)) is not None]
    if not found:
        if parts and parts[0] in ABSENT:
            raise ProblemError(501, f"the sandbox does not have /v2/{parts[0]}")
        raise ProblemError(404, "resource not found")
    for route, id_ in found:
        if route.method == request.method:
            query: dict[str, Any] = dict(request.query)
            # What the real one makes of these is not known; a mistyped filter would select everything.
            if unknown := sorted(query.keys() - set(route.parameters)):
                errors = [f"{name}: unknown query parameter" for name in unknown]
                raise ProblemError(422, "Request validation failed.", errors)
            return route.handler(Call(account, request, jobs_url, id_, query))
    allowed = {"Allow": ", ".join(route.method for route, _ in found)}
    raise ProblemError(405, "The requested method is not allowed for this path.", headers=allowed)
