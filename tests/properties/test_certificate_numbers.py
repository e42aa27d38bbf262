"""Certificate numbers: written one way, read forgivingly, every single typo caught."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from muster.domain.certificate_numbers import (
    NUMBER_BITS,
    CertificateNumberInvalid,
    read_certificate_number,
    write_certificate_number,
)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = CROCKFORD + "*~$=U"
FORM = re.compile(rf"CERT-\d{{8}}-(?:[{CROCKFORD}]{{4}}-){{4}}[{re.escape(CHECKS)}]")
BITS = st.integers(0, (1 << 80) - 1)
NUMBERS = st.builds(write_certificate_number, st.dates(), BITS)

TYPEABLE = [chr(code) for code in range(0x20, 0x7F)] + ["ı", "ſ", "ß", "０", "–", "Ä", "\n"]
LOOKALIKES = {"O": "0", "I": "1", "L": "1"}


def check_of(symbols: str) -> str:
    """Return the check of date and symbols "read as one number", as one great number."""
    places = enumerate(reversed(symbols))
    return CHECKS[sum(CROCKFORD.index(symbol) * 32**place for place, symbol in places) % 37]


def reads_as(text: str) -> str | None:
    try:
        return read_certificate_number(text)
    except CertificateNumberInvalid:
        return None


@given(st.dates(), BITS)
def test_a_number_has_the_form_of_the_law(day: date, bits: int) -> None:
    """ "`CERT-YYYYMMDD-` and 16 Crockford base32 symbols ... in groups of four"."""
    number = write_certificate_number(day, bits)
    assert FORM.fullmatch(number)
    plain = number.replace("-", "")
    assert plain[4:12] == day.isoformat().replace("-", "")
    assert int("".join(f"{CROCKFORD.index(symbol):05b}" for symbol in plain[12:28]), 2) == bits
    assert plain[28] == check_of(plain[4:28])


@given(st.dates(), BITS, BITS)
def test_other_bits_give_another_number(day: date, bits: int, others: int) -> None:
    assume(bits != others)
    assert write_certificate_number(day, bits) != write_certificate_number(day, others)


@given(NUMBERS)
def test_what_is_written_reads_as_itself(number: str) -> None:
    assert read_certificate_number(number) == number


@given(NUMBERS, st.data())
def test_reading_is_forgiving(number: str, data: st.DataObject) -> None:
    """ "case, hyphens and spaces do not matter, O is 0, I and L are 1"."""
    written = {"0": "0Oo", "1": "1IiLl"}
    scrawl = ""
    for symbol in number.replace("-", ""):
        scrawl += data.draw(st.text("- ", max_size=2))
        scrawl += data.draw(st.sampled_from(written.get(symbol, symbol + symbol.lower())))
    assert read_certificate_number(scrawl + " ") == number


@given(NUMBERS)
def test_every_single_symbol_substitution_is_refused_or_reads_the_same(number: str) -> None:
    """ "a wrong check symbol is refused": each of 25 places, each symbol that can be typed."""
    places = [at for at, symbol in enumerate(number) if at > 4 and symbol != "-"]
    assert len(places) == 8 + 16 + 1
    for at in places:
        for typed in TYPEABLE:
            same = LOOKALIKES.get(typed.upper(), typed.upper()) == number[at]
            read = reads_as(number[:at] + typed + number[at + 1 :])
            assert read == (number if same else None), (at, typed)


@given(NUMBERS, st.integers(4, 29), st.sampled_from(CHECKS))
def test_a_symbol_too_many_or_too_few_is_refused(number: str, at: int, extra: str) -> None:
    plain = number.replace("-", "")
    assert reads_as(plain[:at] + extra + plain[at:]) is None
    assert reads_as(plain[: at - 1] + plain[at:]) is None


@given(NUMBERS)
def test_the_prefix_is_part_of_the_number(number: str) -> None:
    body = number.removeprefix("CERT")
    for wrong in ("", "CER", "CERTT", "CERTCERT", "KERT", "ERT", "TREC"):
        assert reads_as(wrong + body) is None
    assert reads_as("cert" + body) == reads_as(" C-E R-T" + body) == number


@given(st.text(CROCKFORD, min_size=8, max_size=8), st.text(CROCKFORD, min_size=16, max_size=16))
def test_a_date_that_is_none_is_refused_though_the_check_is_right(day: str, rest: str) -> None:
    text = f"CERT-{day}-{rest}-{check_of(day + rest)}"
    try:
        date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}")
    except ValueError:
        assert reads_as(text) is None
    else:
        assert reads_as(text) is not None


@pytest.mark.parametrize("day", ["20260230", "20261301", "20260100", "00000101", "2026A101"])
def test_these_dates_are_none(day: str) -> None:
    text = f"CERT{day}{'0' * 16}{check_of(day + '0' * 16)}"
    with pytest.raises(CertificateNumberInvalid, match="no valid date"):
        read_certificate_number(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Anyone may ask with anything: nothing but the one refusal comes out."""
    assert reads_as(text) is None
    assert reads_as("CERT" + text) is None


@pytest.mark.parametrize("bits", [-1, 1 << NUMBER_BITS])
def test_only_80_bits_are_written(bits: int) -> None:
    with pytest.raises(ValueError, match="not 80 bits"):
        write_certificate_number(date(2026, 6, 1), bits)


def test_all_37_check_symbols_occur() -> None:
    """ "Crockford's mod 37, `*~$=U` included"."""
    numbers = (write_certificate_number(date(2026, 6, 1), bits) for bits in range(37))
    assert {number[-1] for number in numbers} == set(CHECKS)


def test_one_number_worked_by_hand() -> None:
    """32 is -5 modulo 37: the date makes 20, the sixteen zeros times -3, so 14, which is E."""
    assert write_certificate_number(date(2026, 6, 1), 0).endswith("-0000-0000-0000-0000-E")
