"""What does the keeper remember from one run to the next? Its last decision and why, the notices given, the spending.

A front, the answer while asleep and `berth status` read the document too: `state`, `why`, `next_wake`, `ready_at`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from components.keeper.runtime.errors import DocumentError
from components.keeper.runtime.facts import Spend
from components.keeper.runtime.instants import read, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Wanted = Literal["awake", "asleep"]


@dataclass(frozen=True, slots=True)
class State:
    """The keeper's memory of one service; empty before its first run."""

    at: datetime | None = None
    """When it was written."""
    state: Literal["awake", "waking", "asleep"] = "awake"
    """What a client meets."""
    wanted: Wanted = "awake"
    why: str = ""
    """A sentence."""
    reason: str = ""
    """One word of `decision.Reason`."""
    since: datetime | None = None
    """When `wanted` last changed."""
    until: datetime | None = None
    """When it will change by itself, as far as that is known."""
    next_wake: datetime | None = None
    ready_at: datetime | None = None
    started_at: datetime | None = None
    """When it was first seen to answer since it slept: the idle clock starts no earlier."""
    starting_since: datetime | None = None
    """Since when it should answer and does not; None while it answers, or sleeps."""
    busy_at: datetime | None = None
    """When the last request was seen, or nobody could say that there was none."""
    idle_stop_at: datetime | None = None
    """When it was last stopped for idleness."""
    breach_at: datetime | None = None
    """When the budget of `breach_month` was first seen to be spent."""
    breach_month: str | None = None
    acknowledged_month: str | None = None
    announced: Mapping[str, str] = field(default_factory=dict[str, str])
    """What was last announced, by kind: each end is announced once."""
    attempts: int = 0
    """Failed starts since the last good one: the next alternative is tried, and the alarm rings."""
    problem: str = ""
    """What failed at the last run."""
    replicas: int = 0
    requests_total: int | None = None
    """What `Traffic.total` was at the last run that asked."""
    spend: Spend | None = None

    def changed(self, **values: Any) -> State:
        """Return the state with other values."""
        return replace(self, **values)

    def to_json(self) -> str:
        """Return the document; what is empty is left out, `state` and the times that others read are always there."""
        document: dict[str, Any] = {
            "state": self.state,
            "next_wake": written(self.next_wake),
            "ready_at": written(self.ready_at),
            "wanted": self.wanted,
            "why": self.why,
            "reason": self.reason,
            "replicas": self.replicas,
        }
        for name in _INSTANTS:
            document[name] = written(getattr(self, name))
        for name in ("breach_month", "acknowledged_month", "problem", "attempts"):
            document[name] = getattr(self, name) or None
        document["requests_total"] = self.requests_total
        document["announced"] = dict(self.announced) or None
        if (spend := self.spend) is not None:
            document["spend"] = {
                "month": spend.month,
                "usd": round(spend.usd, 6),
                "since": written(spend.since),
                "at": written(spend.at),
                "usd_per_hour": round(spend.usd_per_hour, 6),
                "projected_usd": None if spend.projected_usd is None else round(spend.projected_usd, 2),
                "before_today_usd": round(spend.before_today_usd, 6),
            }
        kept = {key: value for key, value in document.items() if value is not None or key in ("next_wake", "ready_at")}
        return json.dumps(kept, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str | None) -> State:
        """Read a document, an empty one as no memory at all; `DocumentError` when it is not one."""
        try:
            raw = json.loads(text or "{}")
            if not raw.get("wanted"):
                return cls()
            spend = raw.get("spend")
            at, since = (read(spend["at"]), read(spend["since"])) if spend else (None, None)
            return cls(
                state=raw["state"],
                wanted=raw["wanted"],
                why=raw["why"],
                reason=raw["reason"],
                replicas=raw["replicas"],
                next_wake=read(raw["next_wake"]),
                ready_at=read(raw["ready_at"]),
                breach_month=raw.get("breach_month"),
                acknowledged_month=raw.get("acknowledged_month"),
                problem=raw.get("problem", ""),
                attempts=raw.get("attempts", 0),
                announced=raw.get("announced", {}),
                requests_total=raw.get("requests_total"),
                spend=None
                if at is None or since is None
                else Spend(
                    month=spend["month"],
                    usd=spend["usd"],
                    since=since,
                    at=at,
                    usd_per_hour=spend["usd_per_hour"],
                    projected_usd=spend.get("projected_usd"),
                    before_today_usd=spend.get("before_today_usd", 0.0),
                ),
                **{name: read(raw.get(name)) for name in _INSTANTS},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DocumentError("state", f"cannot be read ({type(error).__name__}); it is written anew") from None


_INSTANTS = ("at", "since", "until", "started_at", "starting_since", "busy_at", "idle_stop_at", "breach_at")
