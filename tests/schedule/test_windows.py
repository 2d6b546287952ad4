"""The grammar of windows: what is taken, how it is spelled, and what is refused with which words."""

from __future__ import annotations

import re

import pytest

from components.schedule import ScheduleError, parse_hours, parse_windows

TAG_VALUE = re.compile(r"[A-Za-z0-9 _.:/=+@-]{0,256}")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Mon-Fri 08:00-20:00 Europe/Berlin", "Mon-Fri 08:00-20:00 Europe/Berlin"),
        (
            "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 Europe/Berlin",
            "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 Europe/Berlin",
        ),
        ("Mon-Fri 08:00-20:00 UTC + Sat 10:00-14:00 UTC", "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 UTC"),
        ("Mon-Fri 08:00-20:00 UTC + Sat 10:00-14:00", "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 UTC"),
        ("  mon-FRI   08:00-20:00   +   sat 10:00-14:00 UTC ", "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 UTC"),
        ("Sat 10:00-14:00 + Mon-Fri 08:00-20:00 UTC", "Mon-Fri 08:00-20:00 + Sat 10:00-14:00 UTC"),
        ("Mon,Wed,Fri 08:00-12:00 UTC", "Mon/Wed/Fri 08:00-12:00 UTC"),
        ("Mon/Wed/Fri 08:00-12:00 UTC", "Mon/Wed/Fri 08:00-12:00 UTC"),
        ("Fri,Wed,Mon,Tue 08:00-12:00 UTC", "Mon-Wed/Fri 08:00-12:00 UTC"),
        ("Mon-Wed/Fri 08:00-12:00 UTC", "Mon-Wed/Fri 08:00-12:00 UTC"),
        ("Sat-Mon 08:00-12:00 UTC", "Sat-Mon 08:00-12:00 UTC"),
        ("Mon,Sat,Sun 08:00-12:00 UTC", "Sat-Mon 08:00-12:00 UTC"),
        ("Sat,Sun 08:00-12:00 UTC", "Sat-Sun 08:00-12:00 UTC"),
        ("Daily 08:00-12:00 UTC", "Daily 08:00-12:00 UTC"),
        ("Mon-Sun 08:00-12:00 UTC", "Daily 08:00-12:00 UTC"),
        ("Wed-Tue 08:00-12:00 UTC", "Daily 08:00-12:00 UTC"),
        ("Fri 22:00-02:00 UTC", "Fri 22:00-02:00 UTC"),
        ("Fri 22:00-24:00 UTC", "Fri 22:00-24:00 UTC"),
        ("Fri 22:00-00:00 UTC", "Fri 22:00-24:00 UTC"),
        ("Mon 08:00-12:00 + Mon 12:00-14:00 UTC", "Mon 08:00-14:00 UTC"),
        ("Mon 08:00-12:00 + Mon 10:00-14:00 UTC", "Mon 08:00-14:00 UTC"),
        ("Mon 08:00-14:00 + Mon 10:00-12:00 UTC", "Mon 08:00-14:00 UTC"),
        ("Mon-Fri 08:00-12:00 + Wed 12:00-18:00 UTC", "Mon-Tue/Thu-Fri 08:00-12:00 + Wed 08:00-18:00 UTC"),
        ("Fri 20:00-24:00 + Sat 00:00-02:00 UTC", "Fri 20:00-24:00 + Sat 00:00-02:00 UTC"),
        ("Mon 08:00-02:00 + Mon 00:00-09:00 UTC", "Mon 00:00-09:00 + Mon 08:00-02:00 UTC"),
        ("always", "always"),
        ("Always", "always"),
        ("always UTC", "always"),
        ("always Europe/Berlin", "always Europe/Berlin"),
        ("Daily 00:00-24:00 Europe/Berlin", "always Europe/Berlin"),
        ("Daily 00:00-12:00 + Daily 12:00-24:00 UTC", "always"),
        ("never", "never"),
        ("never Europe/Berlin", "never Europe/Berlin"),
        ("Mon 08:00-09:00 Etc/GMT+3", "Mon 08:00-09:00 Etc/GMT+3"),
        ("Mon 08:00-09:00 America/Port-au-Prince", "Mon 08:00-09:00 America/Port-au-Prince"),
        ("Mon 08:00-09:00 America/Argentina/Buenos_Aires", "Mon 08:00-09:00 America/Argentina/Buenos_Aires"),
    ],
)
def test_a_text_has_one_spelling_that_a_tag_can_hold(text: str, canonical: str) -> None:
    """The canonical text is expected, means the same windows, and has only characters of an AWS tag value."""
    schedule = parse_hours(text)
    assert str(schedule) == canonical
    assert parse_hours(canonical) == schedule
    assert TAG_VALUE.fullmatch(canonical)


JOIN = 'join windows by " + "'
ZONE = "write the zone of a place, as Europe/Berlin, or UTC"
DAY = "use Mon, Tue, Wed, Thu, Fri, Sat, Sun, a range as Mon-Fri, or Daily"
DIGITS = "write two digits for hour and minute, as 08:00"
FORM = "write it as Mon-Fri 08:00-20:00, without other spaces"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'is not a text with windows; write it as "Mon-Fri 08:00-20:00"'),
        ("   ", 'is not a text with windows; write it as "Mon-Fri 08:00-20:00"'),
        ("Mon-Fri 08:00-20:00", "has no time zone; write one at the end, as Europe/Berlin or UTC"),
        ("Mon", f"window 1: Mon is not days and times; {FORM}"),
        ("Mon 08:00 - 20:00 UTC", f"window 1: Mon 08:00 - 20:00 UTC is not days and times; {FORM}"),
        ("Mon, Tue 08:00-20:00 UTC", f"window 1: Mon, Tue 08:00-20:00 UTC is not days and times; {FORM}"),
        ("Mon 08:00 UTC", "window 1: 08:00 is not a range of times; write start and end, as 08:00-20:00"),
        ("Mon 8-20 UTC", f"window 1: 8 is not a time; {DIGITS}"),
        ("Mon 08:00-8pm UTC", f"window 1: 8pm is not a time; {DIGITS}"),
        ("Mon 08:00- UTC", f"window 1: - is not a time; {DIGITS}"),
        ("Mon 08:00-20:60 UTC", "window 1: 20:60 is not a time of day; use 00:00 to 24:00"),
        ("Mon 08:00-24:01 UTC", "window 1: 24:01 is not a time of day; use 00:00 to 24:00"),
        ("Mon 25:00-26:00 UTC", "window 1: 25:00 is not a time of day; use 00:00 to 24:00"),
        ("Mon 24:00-02:00 UTC", "window 1: 24:00-02:00 starts when the day is over; write 00:00 and the next day"),
        ("Mon 08:00-08:00 UTC", "window 1: 08:00-08:00 has no length; write 00:00-24:00 for a whole day"),
        ("Monday 08:00-20:00 UTC", "window 1: Monday is not a day; did you mean Mon?"),
        ("Mon-Frei 08:00-20:00 UTC", "window 1: Frei is not a day; did you mean Fri?"),
        ("Xyz 08:00-20:00 UTC", f"window 1: Xyz is not a day; {DAY}"),
        ("Mon- 08:00-20:00 UTC", f"window 1: - is not a day; {DAY}"),
        ("Mon-Mon 08:00-20:00 UTC", "window 1: Mon-Mon is a range of one day; write Mon, or Daily for all seven"),
        ("Mon,Mon 08:00-20:00 UTC", "window 1: Mon,Mon names Mon twice; name each day once"),
        ("Mon-Wed,Tue 08:00-20:00 UTC", "window 1: Mon-Wed,Tue names Tue twice; name each day once"),
        (
            "Mon-Fri 08:00-20:00 + Mon 08:00-20:00 UTC",
            "window 2: Mon 08:00-20:00 is given twice; leave one out",
        ),
        ("Mon 08:00-20:00 + UTC", f"window 2: UTC is not days and times; {FORM}"),
        ("Mon 08:00-20:00 + + Tue 08:00-20:00 UTC", f"window 2: + Tue 08:00-20:00 UTC is not days and times; {FORM}"),
        (
            "Mon 08:00-12:00, Tue 08:00-12:00 UTC",
            f"window 1: Mon 08:00-12:00, Tue 08:00-12:00 UTC has a comma after its times; {JOIN}",
        ),
        (
            "Mon 08:00-12:00,13:00-17:00 UTC",
            f"window 1: 08:00-12:00,13:00-17:00 has another window behind it; {JOIN}",
        ),
        (
            "always + Mon 08:00-20:00 UTC",
            "window 1: always stands beside another window; write it alone, or leave it out",
        ),
        (
            "Mon 08:00-20:00 UTC + never",
            "window 2: never stands beside another window; write it alone, or leave it out",
        ),
        (
            "Mon 08:00-20:00 UTC + Tue 08:00-20:00 Europe/Berlin",
            "window 2: Europe/Berlin is a second time zone beside UTC; name one: a service has one local time",
        ),
        ("Mon 08:00-20:00 europe/berlin", "window 1: europe/berlin is not a time zone; did you mean Europe/Berlin?"),
        ("Mon 08:00-20:00 Europe/Berln", "window 1: Europe/Berln is not a time zone; did you mean Europe/Berlin?"),
        ("Mon 08:00-20:00 Berlin", "window 1: Berlin is not a time zone; did you mean Europe/Berlin?"),
        ("Mon 08:00-20:00 utc", "window 1: utc is not a time zone; did you mean UTC?"),
        ("Mon 08:00-20:00 PST", f"window 1: PST is not a time zone; {ZONE}"),
        ("Mon 08:00-20:00 EST", f"window 1: EST is an abbreviation, not the time zone of a place; {ZONE}"),
        ("Mon 08:00-20:00 CET", f"window 1: CET is an abbreviation, not the time zone of a place; {ZONE}"),
        ("Mon 08:00-20:00 ../../etc/passwd", f"window 1: ../../etc/passwd is not a time zone; {ZONE}"),
        ("always PST", f"window 1: PST is not a time zone; {ZONE}"),
        (
            " + ".join(f"Mon {hour:02}:00-{hour:02}:30" for hour in range(16)) + " UTC",
            "has 289 characters, and a tag holds 256; use fewer or more equal windows",
        ),
    ],
)
def test_a_refusal_says_where_what_and_what_to_write(text: str, message: str) -> None:
    """The whole message, with its place in the text."""
    with pytest.raises(ScheduleError) as error:
        parse_hours(text)
    assert str(error.value) == message


def test_an_error_has_its_parts_for_programs() -> None:
    """Place, value, what is allowed and the fix, each by itself."""
    with pytest.raises(ScheduleError) as error:
        parse_hours("Mon 08:00-20:00 UTC + Tue 08:00-20:60")
    found = error.value
    assert (found.place, found.value, found.allowed, found.fix) == (
        "window 2",
        "20:60",
        "is not a time of day",
        "use 00:00 to 24:00",
    )


def test_something_else_than_a_text_is_refused() -> None:
    """YAML makes booleans of bare words."""
    with pytest.raises(ScheduleError, match=r"^True is not a text with windows; "):
        parse_hours(True)  # type: ignore[arg-type]


def test_windows_without_a_zone_belong_to_the_day_on_which_they_start() -> None:
    """A window over midnight is one window, of its first day."""
    assert [str(window) for window in parse_windows("Fri-Sat 22:00-02:00")] == ["Fri 22:00-02:00", "Sat 22:00-02:00"]
    assert [(window.day, window.start_minute, window.end_minute) for window in parse_windows("Fri 22:00-02:00")] == [
        (4, 1320, 1560)
    ]


def test_windows_without_a_zone_refuse_one() -> None:
    """The traffic of a spec is in the zone of its schedule."""
    with pytest.raises(ScheduleError) as error:
        parse_windows("Mon-Fri 08:00-20:00 Europe/Berlin")
    assert str(error.value) == "Europe/Berlin is a time zone, and none is asked for here; leave it out"


def test_windows_without_a_zone_know_always_and_never() -> None:
    """All seven days, or none."""
    assert len(parse_windows("always")) == 7
    assert parse_windows("never") == ()
