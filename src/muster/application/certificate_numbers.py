"""Draw a certificate number that nobody has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from muster.domain.certificate_numbers import (
    NUMBER_BITS,
    CertificateNumbersExhausted,
    write_certificate_number,
)
from muster.ports.entropy import Entropy

__all__ = ["MAX_DRAWS", "draw_certificate_number"]

MAX_DRAWS = 5
"""How often a taken number is drawn again before the random source is called broken."""


async def draw_certificate_number(
    issued_on: date, entropy: Entropy, reserve: Callable[[str], Awaitable[bool]]
) -> str:
    """Return a new number, reserved.

    Args:
        issued_on: The day of issue.
        entropy: A cryptographic source.
        reserve: Takes a number and says whether it was free; the store's unique
            constraint decides.

    Raises:
        CertificateNumbersExhausted: ``MAX_DRAWS`` numbers in a row were taken.
    """
    for _ in range(MAX_DRAWS):
        number = write_certificate_number(issued_on, entropy.bits(NUMBER_BITS))
        if await reserve(number):
            return number
    raise CertificateNumbersExhausted(f"{MAX_DRAWS} drawn certificate numbers were taken.")
