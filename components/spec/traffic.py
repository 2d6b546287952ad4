"""Group `load`: the traffic that is expected; it drives sizing and cost."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from components.schedule import ScheduleError, hour_shares, parse_windows
from components.schedule.week import HOURS_PER_WEEK, open_minutes
from components.schedule.windows import DAY_MINUTES, DAYS, Window
from components.schedule.zones import check_zone
from components.spec.group import Group
from components.spec.values import refusal

OTHERWISE = "otherwise"
_MOST = 100_000_000
_FASTEST_TOKENS_PER_SECOND = 1000
"""No engine writes a single answer faster: a step takes a millisecond or more whatever the GPU."""
_DIGITS = 6
"""What is left of a minute's share is noise."""
_EXAMPLE = '{"Mon-Fri 08:00-20:00": 3000, otherwise: 200}'

Flat = Annotated[float, Field(gt=0, le=_MOST), Tag("<number>")]
Windows = Annotated[dict[str, Annotated[float, Field(ge=0, le=_MOST)]], Tag("<windows>")]
Requests = Annotated[
    Flat | Windows, Discriminator(lambda value: "<windows>" if isinstance(value, dict) else "<number>")
]


class LoadSpec(Group):
    """The traffic that is expected."""

    requests_per_hour: Requests
    """Mean over all hours of a month; or a number for each window of the local week, as
    {"Mon-Fri 08:00-20:00": 3000, otherwise: 200}, without `otherwise` 0 outside of them. Must be given."""
    time_zone: str | None = None
    """Time zone of those windows, as Europe/Berlin. Omitted: that of the schedule, without a schedule UTC."""
    input_tokens: Annotated[int, Field(gt=0, le=10_000_000)]
    """Mean tokens of a prompt. Must be given."""
    output_tokens: Annotated[int, Field(gt=0, le=10_000_000)]
    """Mean tokens of an answer. Must be given."""
    peak_concurrency: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    """Requests in flight in the busiest minute. Omitted: no check that the replicas can hold the peak."""

    @property
    def tokens_per_request(self) -> int:
        """Mean length of a request, prompt and answer together."""
        return self.input_tokens + self.output_tokens

    @property
    def hourly(self) -> tuple[float, ...]:
        """Requests in each hour of the local week, Monday 00:00 first: 168 values."""
        given = self.requests_per_hour
        return _hourly(given) if isinstance(given, dict) else (given,) * HOURS_PER_WEEK

    @property
    def mean_requests_per_hour(self) -> float:
        """Mean over all hours."""
        given = self.requests_per_hour
        return sum(_hourly(given)) / HOURS_PER_WEEK if isinstance(given, dict) else given

    @property
    def busiest_requests_per_hour(self) -> float:
        """Requests of the hour that has most."""
        given = self.requests_per_hour
        return max(_hourly(given)) if isinstance(given, dict) else given

    @field_validator("requests_per_hour")
    @classmethod
    def _is_a_week(cls, value: float | dict[str, float]) -> float | dict[str, float]:
        if not isinstance(value, dict):
            return value
        taken: dict[str, bytearray] = {}
        for text in value:
            if text == OTHERWISE:
                continue
            minutes = open_minutes(_windows(text))
            if not any(minutes):
                raise refusal(f"has the window {text!r}, which is no time at all", "remove it")
            for other, theirs in taken.items():
                both = next(
                    (minute for minute, pair in enumerate(zip(minutes, theirs, strict=True)) if all(pair)), None
                )
                if both is not None:
                    raise refusal(
                        f"has windows that overlap on {_moment(both)}: {other!r} and {text!r}",
                        "end one where the other starts",
                    )
            taken[text] = minutes
        if not any(_hourly(value)):
            raise refusal("is 0 in every hour", f"write what you expect, as {_EXAMPLE}, or remove load")
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return check_zone("", value)
        except ScheduleError as error:
            raise refusal(error.allowed, error.fix) from None

    @model_validator(mode="after")
    def _has_windows_for_its_zone(self) -> Self:
        if self.time_zone is not None and not isinstance(self.requests_per_hour, dict):
            raise refusal(
                f"has time_zone {self.time_zone}, and requests_per_hour is the same in every hour",
                f"remove time_zone, or write windows: requests_per_hour: {_EXAMPLE}",
            )
        return self

    @model_validator(mode="after")
    def _peak_is_possible(self) -> Self:
        in_flight = self.busiest_requests_per_hour * self.output_tokens / _FASTEST_TOKENS_PER_SECOND / 3600
        if self.peak_concurrency is not None and self.peak_concurrency < in_flight:
            raise refusal(
                f"has peak_concurrency {self.peak_concurrency:,}, and {self.busiest_requests_per_hour:,.0f} requests "
                f"of {self.output_tokens:,} tokens in an hour keep {in_flight:,.1f} in flight all the time, even at "
                f"{_FASTEST_TOKENS_PER_SECOND:,} tokens a second each",
                f"raise peak_concurrency to {math.ceil(in_flight)} or more, or correct requests_per_hour",
            )
        return self


def _hourly(given: dict[str, float]) -> tuple[float, ...]:
    return _hours_of(tuple(given.items()))


@lru_cache(maxsize=64)
def _hours_of(given: tuple[tuple[str, float], ...]) -> tuple[float, ...]:
    parts = [(rate, hour_shares(parse_windows(text))) for text, rate in given if text != OTHERWISE]
    rest = dict(given).get(OTHERWISE, 0.0)

    def requests(hour: int) -> float:
        shares = [(rate, part[hour]) for rate, part in parts]
        left = 1 - sum(share for _, share in shares)
        return round(sum(rate * share for rate, share in [*shares, (rest, left)]), _DIGITS)

    return tuple(requests(hour) for hour in range(HOURS_PER_WEEK))


def _windows(text: str) -> tuple[Window, ...]:
    try:
        return parse_windows(text)
    except ScheduleError as error:
        raise refusal(f"has the window {text!r}: {error.reason}", error.fix) from None


def _moment(minute: int) -> str:
    """Return a minute of the week as a person says it.

    >>> _moment(1440 + 485)
    'Tue 08:05'
    """
    day, left = divmod(minute, DAY_MINUTES)
    return f"{DAYS[day]} {left // 60:02}:{left % 60:02}"
