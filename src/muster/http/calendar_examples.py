"""The calendars that the API pages show; a test holds them to what is rendered."""

from __future__ import annotations

__all__ = ["BOOKING_CALENDAR", "TRAINER_CALENDAR"]

_HEAD = """\
BEGIN:VCALENDAR
PRODID:-//Muster//Calendar feed//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:{name}
X-WR-CALNAME:{name}
DESCRIPTION:{description}
X-WR-CALDESC:{description}
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:Asia/Kolkata
BEGIN:STANDARD
DTSTART:20261130T090000
RDATE:20261130T090000
TZOFFSETFROM:+0530
TZOFFSETTO:+0530
TZNAME:IST
END:STANDARD
END:VTIMEZONE
"""

_LESSON = """\
BEGIN:VEVENT
UID:019aa4c1-7c00-7000-8000-00000000d001@muster
DTSTAMP:20261121T083000Z
LAST-MODIFIED:20261121T083000Z
SEQUENCE:1
STATUS:CONFIRMED
TRANSP:OPAQUE
DTSTART;TZID=Asia/Kolkata:20261201T090000
DTEND;TZID=Asia/Kolkata:20261201T094000
"""

_FOR_THE_TRAINER = """\
SUMMARY:Lesson 1 of 10: Asha Rao
DESCRIPTION:2026-12-01 09:00 Asia/Kolkata (2026-12-01T03:30:00Z)\\nCourse 5
 b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01
LOCATION:At the student's place\\, Vijayawada
GEO:16.51;80.63
END:VEVENT
END:VCALENDAR
"""

_FOR_THE_CLIENT = """\
SUMMARY:Lesson 1 of 10 with Meera Nair
DESCRIPTION:2026-12-01 09:00 Asia/Kolkata (2026-12-01T03:30:00Z)
LOCATION:At the student's place\\, Vijayawada
END:VEVENT
END:VCALENDAR
"""


def _text(name: str, description: str, *parts: str) -> str:
    head = _HEAD.format(name=name, description=description)
    return (head + "".join(parts)).replace("\n", "\r\n")


TRAINER_CALENDAR = _text(
    "Lessons of Meera Nair", "From 2026-10-21 to 2027-11-22.", _LESSON, _FOR_THE_TRAINER
)
BOOKING_CALENDAR = _text("Course of 10 lessons", "Booking order-4711", _LESSON, _FOR_THE_CLIENT)
