"""Which time zones are taken? Those of the IANA database that follow the clock of a place, and UTC."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from components.schedule.errors import ScheduleError, nearest

UTC = "UTC"
_AREA_FIX = "write the zone of a place, as Europe/Berlin, or UTC"


def check_zone(place: str, name: str) -> str:
    """Return the name of a zone that exists; `ScheduleError` for any other word, and for abbreviations.

    `EST` and `MST` are offsets that never change, `PST` does not exist, `CET` has summer time: so none is taken.
    """
    if "/" not in name:
        if name == UTC:
            return name
        city = _city(name)
        if city:
            raise ScheduleError(place, name, "is not a time zone", f"did you mean {city}?")
        abbreviation = name.isupper() and _exists(name)
        what = "is an abbreviation, not the time zone of a place" if abbreviation else "is not a time zone"
        raise ScheduleError(place, name, what, _AREA_FIX)
    if name.startswith(("posix/", "right/")) or not _exists(name):
        zones = available_timezones()
        if not zones:
            raise ScheduleError(
                place, name, "cannot be checked: this machine has no time zone database", "install tzdata"
            )
        near = nearest(name, zones)
        raise ScheduleError(place, name, "is not a time zone", f"did you mean {near}?" if near else _AREA_FIX)
    return name


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the database, as America/Argentina, is an OSError.
        return False
    return True


def _city(name: str) -> str | None:
    """Return the zone that a bare city, or `utc`, stands for."""
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(available_timezones(), reverse=True)}
    cities["utc"] = UTC
    return cities.get(name.replace(" ", "_").lower()) if not name.isupper() or name.lower() == "utc" else None
