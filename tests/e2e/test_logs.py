"""What the log of a server tells, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg

from tests.e2e.processes import call, running
from tests.http.orders import a_booking, a_student

NAMES = ("Asha Devi", "Ravi Kumar")
REFUSING = "ALTER TABLE bookings ADD CONSTRAINT nobody CHECK (students IS NULL)"


def test_a_row_that_the_database_refuses_is_not_in_the_log(home: Path, database_url: str) -> None:
    asyncio.run(execute(database_url, REFUSING))
    students = [a_student(name=name, email="asha@example.org") for name in NAMES]
    order = a_booking(classType="ONE_ON_TWO", students=students, bookingReference="order-77")
    errors = home / "errors"
    with running(home, "serve", settings={"DATABASE_URL": database_url}, errors=errors) as server:
        answer = call(f"{server.address()}/v1/bookings", order)
        assert (answer.status, answer.body["error"]["code"]) == (500, "INTERNAL")
        assert server.end() == 0
    written = errors.read_text()
    (event,) = [
        event
        for event in map(json.loads, written.splitlines())
        if event["event"] == "unexpected_error"
    ]
    assert "Traceback" in event["exception"]
    assert "23514" in event["exception"]
    assert "constraint nobody of the table bookings" in event["exception"]
    assert not any(
        secret in written for secret in (*NAMES, "asha@example.org", "order-77", "Failing row")
    )


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
