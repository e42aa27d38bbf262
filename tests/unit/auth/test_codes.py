"""One-time codes, recovery codes and the networks that failures are counted by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from muster.testing.entropy import SeededEntropy
from muster_auth.networks import counted_network
from muster_auth.one_time_codes import otpauth_uri, shown_secret, step_of
from muster_auth.recovery_codes import new_recovery_codes, recovery_code_hash

SECRET = b"12345678901234567890"
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (1_111_111_111, "050471"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Its appendix B, of which apps show the last six digits."""
    now = datetime.fromtimestamp(seconds, UTC)
    for late, known in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (step_of(SECRET, code, now + late * STEP) == seconds // 30) is known
    assert step_of(b"x" * 20, code, now) is None


def test_a_code_is_read_as_apps_show_it() -> None:
    now = datetime.fromtimestamp(59, UTC)
    assert step_of(SECRET, " 287 082 ", now) == 1
    for wrong in ("", "28708", "2870820", "28708x", "é" * 6, "\ud800" * 6):
        assert step_of(SECRET, wrong, now) is None


def test_an_app_reads_the_address() -> None:
    uri = otpauth_uri(SECRET, "meera+1@example.in", "muster")
    assert uri == (
        f"otpauth://totp/muster:meera%2B1%40example.in?secret={shown_secret(SECRET)}&issuer=muster"
    )
    assert TOTP(shown_secret(SECRET)).at(59) == "287082"


def test_recovery_codes_are_forgiving_about_their_form() -> None:
    codes = new_recovery_codes(SeededEntropy(1))
    assert len(set(codes)) == 10
    assert {len(code.replace("-", "")) for code in codes} == {16}
    hashes = {recovery_code_hash(code) for code in codes}
    assert len(hashes) == 10
    assert {recovery_code_hash(f" {code.upper().replace('-', ' ')} ") for code in codes} == hashes


def test_a_household_is_counted_as_one() -> None:
    assert counted_network("2001:db8::1") == counted_network("2001:db8::ffff:1")
    assert counted_network("2001:db8::1") != counted_network("2001:db8:0:1::1")
    assert counted_network("192.0.2.1") == counted_network("::ffff:192.0.2.1")
    assert counted_network("192.0.2.1") != counted_network("192.0.2.2")
    assert counted_network("fe80::1%eth0") == counted_network("fe80::2")
    assert counted_network("/run/muster.sock") is None
