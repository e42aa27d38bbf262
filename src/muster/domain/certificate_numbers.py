"""Certificate numbers: how they are written, read and checked.

``CERT-YYYYMMDD-`` and 16 Crockford base32 symbols (80 bits) and one check symbol, in
groups of four. The check is Crockford's, modulo 37, over the date and the symbols read
as one number (D. Crockford, "Base 32", 2002); 37 is a prime above 32, so every wrong
single symbol changes it.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from muster.domain.errors import DomainError

__all__ = [
    "NUMBER_BITS",
    "CertificateNumberInvalid",
    "CertificateNumbersExhausted",
    "read_certificate_number",
    "write_certificate_number",
]

NUMBER_BITS = 80
"""How many random bits a number carries."""

_PREFIX = "CERT"
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_SYMBOLS = _SYMBOLS + "*~$=U"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_LENGTH = NUMBER_BITS // 5
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class CertificateNumberInvalid(DomainError):
    """The text is no certificate number, or a symbol of it was mistyped."""

    code: ClassVar[str] = "CERTIFICATE_NUMBER_INVALID"


class CertificateNumbersExhausted(DomainError):
    """Every drawn number was taken: the random source is broken, not the luck."""

    code: ClassVar[str] = "CERTIFICATE_NUMBERS_EXHAUSTED"


def write_certificate_number(issued_on: date, bits: int) -> str:
    """Return the number for a day and 80 random bits.

    Args:
        issued_on: The day of issue.
        bits: From 0 to 2**80 - 1, from a cryptographic source.

    Raises:
        ValueError: The bits are out of range.
    """
    if not 0 <= bits < 1 << NUMBER_BITS:
        raise ValueError(f"not {NUMBER_BITS} bits: {bits}")
    day = f"{issued_on:%Y%m%d}".zfill(8)
    symbols = "".join(_SYMBOLS[bits >> shift & 31] for shift in range(NUMBER_BITS - 5, -1, -5))
    groups = [symbols[at : at + 4] for at in range(0, _LENGTH, 4)]
    return "-".join([_PREFIX, day, *groups, _check_symbol(day + symbols)])


def read_certificate_number(text: str) -> str:
    """Return the number in its one written form.

    Reading is forgiving: case, hyphens and spaces do not matter, O is 0, I and L are 1.

    Raises:
        CertificateNumberInvalid: It has another form, or its check symbol is wrong.
    """
    plain = text.upper().translate(_LOOKALIKES)
    body = plain.removeprefix(_PREFIX)
    day, symbols, check = body[:8], body[8:-1], body[-1:]
    if body == plain or len(symbols) != _LENGTH or not set(day + symbols) <= set(_SYMBOLS):
        raise CertificateNumberInvalid("This is not a certificate number.")
    if check != _check_symbol(day + symbols):
        raise CertificateNumberInvalid("A symbol of this certificate number is wrong.")
    bits = 0
    for symbol in symbols:
        bits = bits << 5 | _VALUES[symbol]
    return write_certificate_number(_day_of(day), bits)


def _day_of(digits: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise CertificateNumberInvalid("This certificate number has no valid date.") from None


def _check_symbol(symbols: str) -> str:
    remainder = 0
    for symbol in symbols:
        remainder = (remainder * 32 + _VALUES[symbol]) % 37
    return _CHECK_SYMBOLS[remainder]
