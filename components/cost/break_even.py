"""From how many tokens a month on is a deployment of one's own cheaper than an API that is paid by the token?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class CostCurve:
    """Expected USD per month over the million tokens of that month, as the declared load grows or shrinks.

    `points` are pairs of tokens and USD, in the order of the tokens and joined by straight lines; where one more
    replica starts, two of them have the same tokens. The last is all that the most replicas can answer.
    """

    points: tuple[tuple[float, float], ...]

    @property
    def capacity_million_tokens(self) -> float:
        """What the most replicas can answer in a month of the declared shape."""
        return self.points[-1][0]

    def break_even(self, usd_per_million: float) -> float | None:
        """Return the million tokens of a month at which an API of this price costs the same; None where none does.

        It is the first crossing: one replica more can make the API the cheaper one again for a while.

        >>> CostCurve(((0.0, 730.0), (1000.0, 730.0))).break_even(1.46)
        500.0
        >>> CostCurve(((0.0, 730.0), (1000.0, 730.0))).break_even(0.5) is None
        True
        """
        for (tokens, usd), (more, dearer) in pairwise(self.points):
            gap, later = usd - usd_per_million * tokens, dearer - usd_per_million * more
            if gap <= 0 < tokens:
                return tokens
            if later <= 0 < gap:
                # Rounding must not carry it beyond what the deployment can answer.
                return min(more, tokens + (more - tokens) * gap / (gap - later))
        return None
