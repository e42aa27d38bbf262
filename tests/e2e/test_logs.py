"""What the log of a server tells, and what it keeps to itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.processes import call, running
from tests.http.orders import a_booking, a_student

NAMES = ("Asha Devi", "Ravi Kumar")
REFUSING = """
    ALTER TABLE bookings DROP CONSTRAINT IF EXISTS nobody;
    ALTER TABLE bookings ADD CONSTRAINT nobody CHECK (students IS NULL)
"""


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_a_row_that_the_database_refuses_is_not_in_the_log(
    home: Path, clean_database: str, form: str
) -> None:
    asyncio.run(execute(clean_database, REFUSING))
    students = [a_student(name=name, email="asha@example.org") for name in NAMES]
    order = a_booking(classType="ONE_ON_TWO", students=students, bookingReference="order-77")
    errors = home / "errors"
    settings = {"DATABASE_URL": clean_database, "MUSTER_LOG__FORMAT": form}
    with running(home, "serve", settings=settings, errors=errors) as server:
        answer = call(f"{server.address()}/v1/bookings", order)
        assert (answer.status, answer.body["error"]["code"]) == (500, "INTERNAL")
        assert server.end() == 0
    written = errors.read_text()
    assert "Traceback" in written
    assert "23514" in written
    assert "constraint nobody of the table bookings" in " ".join(written.split())
    assert not any(
        secret in written for secret in (*NAMES, "asha@example.org", "order-77", "Failing row")
    )


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
