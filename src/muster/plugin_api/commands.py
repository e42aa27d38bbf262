"""Commands and queries that plugins ask the dispatcher for."""

from __future__ import annotations

from muster.application.certificates import IssueCertificates
from muster.application.get_certificate import GetCertificate, NamedCertificate
from muster.application.offers import OfferStranded
from muster.application.read_bookings import ListBookings
from muster.application.retry_booking import RetryBooking, ShowLines, ShowWaitlist
from muster.application.waitlist import PromotedLine, promote_line

__all__ = [
    "GetCertificate",
    "IssueCertificates",
    "ListBookings",
    "NamedCertificate",
    "OfferStranded",
    "PromotedLine",
    "RetryBooking",
    "ShowLines",
    "ShowWaitlist",
    "promote_line",
]
