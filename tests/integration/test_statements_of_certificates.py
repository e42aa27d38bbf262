"""What verifying and issuing certificates cost, counted in statements."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from muster.application.certificates import IssueCertificates
from muster.application.errors import NotFound
from muster.application.read_certificates import VerifyCertificate
from muster.domain.bookings import Booking
from muster.domain.certificate_numbers import CertificateNumberInvalid
from muster.testing.example_certificates import a_completed_booking
from muster.testing.examples import a_franchise, a_zone
from tests.conformance.test_postgres import postgres_under_test
from tests.integration.test_statements_of_a_booking import CALLER, Counted, running

pytestmark = pytest.mark.anyio

NUMBER = "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"
"""A number that nobody has."""

OF_AN_ISSUE = 7
"""BEGIN; the booking's lock, the booking, its certificates before and after; journal, COMMIT."""


async def earned(counted: Counted, *names: str, franchised: bool = False) -> Booking:
    franchise = a_franchise()
    zone = a_zone(franchise_id=franchise.id if franchised else None)
    booking = a_completed_booking(zone, *names)
    await postgres_under_test(counted.database).keep(franchise, zone, booking)
    return booking


@pytest.mark.parametrize("text", [NUMBER[:-1] + "Y", NUMBER.replace("V3", "W3"), "CERT", " "])
async def test_a_mistyped_number_asks_the_database_nothing(clean_database: str, text: str) -> None:
    """ "A wrong check symbol is refused without asking the database"."""
    async with running(clean_database) as counted:
        async with counted.database.counting() as count:
            with pytest.raises(CertificateNumberInvalid):
                await counted.dispatcher.dispatch(VerifyCertificate(text), CALLER)
            await count.settle()
            assert count.statements == []
            with pytest.raises(NotFound):
                await counted.dispatcher.dispatch(VerifyCertificate(NUMBER), CALLER)
            await count.settle()
        assert count.total == 1, "the count counts"


@pytest.mark.parametrize(("franchised", "cost"), [(False, 1), (True, 2)])
async def test_verifying(clean_database: str, franchised: bool, cost: int) -> None:
    """The certificate; of a franchise its name, too."""
    async with running(clean_database) as counted:
        booking = await earned(counted, franchised=franchised)
        (issued,) = await counted.dispatcher.dispatch(IssueCertificates(booking.id), CALLER)
        anybody = replace(CALLER, principal=None)
        async with counted.database.counting() as count:
            await counted.dispatcher.dispatch(VerifyCertificate(issued.number), anybody)
            await count.settle()
        assert count.total == cost, count.statements


async def test_issuing(clean_database: str) -> None:
    """One statement for each student; the second time only a look."""
    async with running(clean_database) as counted:
        costs = []
        for names in (("Asha",), ("Asha", "Bela", "Chitra")):
            booking = await earned(counted, *names)
            for _ in range(2):
                async with counted.database.counting() as count:
                    await counted.dispatcher.dispatch(IssueCertificates(booking.id), CALLER)
                    await count.settle()
                costs.append(count.total)
        assert costs == [OF_AN_ISSUE + 1, 5, OF_AN_ISSUE + 3, 5]
