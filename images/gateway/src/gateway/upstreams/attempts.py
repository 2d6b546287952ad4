"""Who is asked next for this request, and what does the client hear when nobody is left?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.errors import ApiError
    from gateway.upstreams.member import Member
    from gateway.upstreams.route import Route


class Attempts:
    """The members of a route for one request, each at most once.

    Members of one tier are replicas: the next one is asked only when nothing was sent to the one before. The tiers
    behind it are fallbacks: they are asked whatever happened, as long as nothing was passed to the client.
    """

    def __init__(self, route: Route, path: str) -> None:
        self._route = route
        self._path = path
        self._tier = 0
        self._tried: set[Member] = set()
        self._first_failure: ApiError | None = None

    async def next(self) -> Member | None:
        """The next member to ask; None when nobody is left."""
        tiers = self._route.tiers
        while self._tier < len(tiers):
            for member in self._route.in_order(tiers[self._tier]):
                if member not in self._tried and member.upstream.serves(self._path) and await member.may_be_asked():
                    self._tried.add(member)
                    return member
            self._tier += 1
        return None

    def nothing_sent(self) -> None:
        """The last member could not be reached: a replica of it may be asked."""
        self._note(errors.upstream_away())

    def failed(self, error: ApiError) -> None:
        """The last member may have seen the request: only a fallback may be asked."""
        self._note(error)
        self._tier += 1

    @property
    def has_fallback(self) -> bool:
        """Whether a tier behind the present one has somebody to ask."""
        return any(not member.breaker.wait_seconds for member in self._left(self._tier + 1))

    def refusal(self) -> ApiError:
        """What the client hears: the first failure, which is about the upstream that it wanted."""
        if self._first_failure is not None:
            return self._first_failure
        waits = [member.breaker.wait_seconds for member in self._left(0)]
        return errors.upstream_away(min(waits, default=5))

    def _left(self, tier: int) -> Iterator[Member]:
        for members in self._route.tiers[tier:]:
            for member in members:
                if member not in self._tried and member.upstream.serves(self._path):
                    yield member

    def _note(self, error: ApiError) -> None:
        if self._first_failure is None:
            self._first_failure = error
