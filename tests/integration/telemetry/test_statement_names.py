"""Every statement has a short name: what it does to which table."""

from __future__ import annotations

import pytest

from muster_telemetry.statement_names import statement_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BEGIN", "BEGIN"),
        ("  COMMIT", "COMMIT"),
        ("SELECT 1", "SELECT"),
        ("\n    SELECT id, name\n    FROM zones WHERE id = $1", "SELECT zones"),
        ("SELECT id FROM unnest($1::uuid[]) AS x JOIN b ON true", "SELECT"),
        ("SELECT 1 FROM unnest($1) JOIN (SELECT FROM slots) s ON true", "SELECT slots"),
        ("INSERT INTO zones (id) SELECT id FROM old", "INSERT zones"),
        ("INSERT INTO keys VALUES ($1) ON CONFLICT DO UPDATE SET a = 1", "INSERT keys"),
        ("UPDATE bookings SET a = $1", "UPDATE bookings"),
        ("DELETE FROM schedule_slots WHERE a", "DELETE schedule_slots"),
        ("SELECT id FROM bookings WHERE id = $1 FOR UPDATE", "SELECT bookings"),
        ("SELECT id FROM bookings FOR UPDATE SKIP LOCKED", "SELECT bookings"),
        ("SELECT id FROM bookings FOR NO KEY UPDATE OF bookings", "SELECT bookings"),
        (
            "WITH ready AS (SELECT a FROM waiting FOR UPDATE SKIP LOCKED)"
            " UPDATE deliveries SET b = 1 FROM ready",
            "UPDATE deliveries",
        ),
        ("WITH a AS (INSERT INTO b SELECT 1) SELECT FROM c", "INSERT b"),
        ("LOCK TABLE zones", "LOCK"),
        ("", "statement"),
        ("-- what", "statement"),
    ],
)
def test_it_tells_what_is_written_else_what_is_read(text: str, name: str) -> None:
    assert statement_name(text) == name
