"""What is taken out of logs and reports, and what is left as it is."""

from __future__ import annotations

import json
import string
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from muster.plugin_api.redaction import REDACTED, kept_error, redacted, redacted_text

SECRET_KEYS = [
    *("password", "token", "access_token", "client-secret", "Authorization", "Set-Cookie", "dsn"),
    *("sentry_dsn", "otp", "totpCode", "apiKey", "X-Api-Key", "PGPASSWORD", "sslpassword"),
]
PERSONAL_KEYS = [
    *("name", "studentName", "trainer_name", "email", "contact_email", "phone", "phoneNumber"),
    *("address", "home_address", "student_id", "students", "latitude", "certificate_number"),
]
OPEN_KEYS = ["plugin_name", "zone_id", "booking_id", "event", "path", "route", "peer", "filename"]

symbols = st.text(string.ascii_letters + string.digits, min_size=12, max_size=30)
"""Long enough that one is not found by accident."""

words = st.lists(st.text(string.ascii_letters, min_size=1, max_size=9), max_size=6).map(" ".join)


@st.composite
def e_mails(draw: st.DrawFn) -> str:
    local = draw(st.text(string.ascii_letters + string.digits + "._+-éक", min_size=1, max_size=20))
    return f"{local}@{draw(st.sampled_from(['example.org', 'a.b.co.in', 'भारत.example']))}"


@st.composite
def phones(draw: st.DrawFn) -> str:
    digits = "".join(draw(st.lists(st.sampled_from(string.digits), min_size=9, max_size=9)))
    first = draw(st.sampled_from("6789"))
    number = first + digits
    return draw(
        st.sampled_from(
            [
                number,
                f"{number[:5]} {number[5:]}",
                f"+91{number}",
                f"+91 {number[:5]} {number[5:]}",
                f"+91-{number[:5]}-{number[5:]}",
                f"0091 {number}",
                f"({number[:3]}) {number[3:6]}-{number[6:]}",
                f"{number[:3]}-{number[3:6]}-{number[6:]}",
                f"+44 (20) {number[:4]} {number[4:8]}",
            ]
        )
    )


@st.composite
def secrets_in_text(draw: st.DrawFn) -> tuple[str, str]:
    """What must not come out, and the text that gives it away."""
    secret = draw(symbols)
    shapes = [
        f"Authorization: Bearer {secret}",
        f"Authorization: Basic {secret}",
        f"bearer {secret}",
        f"postgresql://muster:{secret}@localhost/muster",
        f"redis://:{secret}/{secret}@cache.example:6379/0",
        f"Cookie: a=b; session={secret}; c=d",
        f"password={secret}",
        f"'token': '{secret}'",
        f'{{"clientSecret":"{secret}"}}',
        json.dumps(json.dumps({"token": f"a {secret}"})),
        f"?otp={secret}&x=1",
        f"event: password={secret}",
        f"Settings(token={secret})",
        f"eyJhbGciOiJFZERTQSJ9.eyJ{secret}.{secret}",
        f"created muster_abcdefghij27_{secret}",
        f"opened https://muster.example/#mi_{secret:-<43}",
        f"{draw(st.sampled_from(['mp', 'mr', 'mw']))}_{secret:_>43}",
        f"DETAIL:  Failing row contains (1, {secret}).",
        f"Key (reference)=({secret}) already exists.",
        f"Student(id=1, name='{secret[:6]} O\\'{secret}')",
        f"GET /v1/students?name={secret}&limit=1",
    ]
    return secret, draw(st.sampled_from(shapes))


@st.composite
def people_in_text(draw: st.DrawFn) -> tuple[str, str]:
    found = draw(st.one_of(e_mails(), phones()))
    shapes = [
        found,
        f"<{found}>",
        f"'{found}'",
        f"({found}),",
        f"x={found}",
        f"/v1/students/{found}",
    ]
    return found, draw(st.sampled_from(shapes))


planted = st.one_of(secrets_in_text(), people_in_text())

instants = st.integers(0, 2_000_000_000).map(lambda one: datetime.fromtimestamp(one, UTC))
innocent = st.one_of(
    words,
    st.uuids().map(str),
    st.uuids().map(lambda one: one.hex),
    st.uuids().map(lambda one: f"/v1/zones/{one}/trainers"),
    instants.map(datetime.isoformat),
    instants.map(str),
    instants.map(lambda one: str(one.replace(tzinfo=None))),
    st.integers(1_000_000_000, 1_999_999_999).map(str),
    st.floats(1_000_000_000, 1_999_999_999).map(repr),
    st.integers(0, 99_999).map(str),
    st.ip_addresses(v=4).map(lambda one: f"{one}:5432"),
    st.integers(0, 2**128 - 1).map(lambda one: f"00-{one:032x}-{one >> 64:016x}-01"),
    st.sampled_from(
        [
            "/v1/zones",
            "the bearer token that Muster shows to the trainer service",
            "password authentication failed for the role muster",
            "No module named asyncpg",
            "https://example.org/a?b=c",
            "cost=0.42..8.44 rows=1 width=16",
            "PostgreSQL 18.1 on x86_64",
            "+05:30",
            "took 12.5 ms of 100",
            "name = student.name",
            "unexpected argument name: zone",
        ]
    ),
)


@given(planted, words, words)
def test_what_is_planted_in_a_text_does_not_come_out(
    found: tuple[str, str], before: str, after: str
) -> None:
    secret, text = found
    told = redacted_text(f"{before} {text} {after}")
    assert secret not in told
    assert REDACTED in told


@given(st.one_of(e_mails(), phones()))
def test_what_is_percent_encoded_in_an_address_goes_too(found: str) -> None:
    coded = quote(found, safe="")
    told = redacted_text(f"GET https://localhost/v1/students/{coded}/certificates?limit=1")
    assert coded not in told
    assert told.endswith("/certificates?limit=1")


@given(st.lists(innocent, max_size=5).map("  ".join))
def test_innocent_text_stays_as_it_is(text: str) -> None:
    assert redacted_text(text) == text


@given(planted)
def test_of_an_error_is_kept_what_may_be_and_can_be(found: tuple[str, str]) -> None:
    secret, text = found
    kept = kept_error(f"ValueError: \0\ud800 {text}")
    assert kept.startswith("ValueError: ? ")
    assert secret not in kept
    assert len(kept_error(500 * "of ")) == 500


@given(st.text())
def test_once_is_enough(text: str) -> None:
    told = redacted_text(text)
    assert redacted_text(told) == told


@given(planted)
def test_what_was_redacted_stays_so(found: tuple[str, str]) -> None:
    told = redacted_text(found[1])
    assert redacted_text(told) == told


def around(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lay something into mappings and lists, as deep as comes."""
    return st.recursive(
        value,
        lambda inner: st.one_of(
            st.dictionaries(st.sampled_from(OPEN_KEYS), inner, min_size=1, max_size=3),
            st.lists(inner, min_size=1, max_size=3),
            st.tuples(inner, innocent),
        ),
        max_leaves=4,
    )


@given(
    around(
        st.dictionaries(
            st.sampled_from(SECRET_KEYS + PERSONAL_KEYS),
            st.one_of(st.just("Asha Devi"), st.just(["Asha Devi"]), st.just({"of": b"Asha Devi"})),
            min_size=1,
        )
    )
)
def test_what_stands_under_a_private_key_goes_whole(value: Any) -> None:
    assert "Asha" not in repr(redacted(value))


@given(around(planted.map(lambda found: found[1])))
def test_texts_are_looked_through_however_deep(value: Any) -> None:
    assert REDACTED in repr(redacted(value))


@given(around(st.one_of(innocent, st.integers(), st.booleans(), st.none(), st.uuids())))
def test_innocent_values_stay_as_they_are(value: Any) -> None:
    assert redacted(value) == _lists_for_tuples(value)


def _lists_for_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists_for_tuples(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_lists_for_tuples(one) for one in value]
    return value


class Purchase(Struct):
    booking_id: UUID
    email: str
    note: str


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("never")


class Shown:
    def __repr__(self) -> str:
        return "Shown(email='asha@example.org', zone=7)"


def test_half_a_character_is_no_fault() -> None:
    # Compared by their names: a report with half a character could not be handed on.
    assert ascii(redacted_text("\udcff%40b.example \udcff")) == ascii(f"{REDACTED} \udcff")


def test_structs_are_looked_into() -> None:
    booking = UUID(int=1)
    told = redacted(Purchase(booking, "asha@example.org", "call 98765 43210"))
    assert told == {"booking_id": booking, "email": REDACTED, "note": f"call {REDACTED}"}


def test_what_has_no_plain_form_is_shown_redacted() -> None:
    assert redacted(Shown()) == f"Shown(email={REDACTED}, zone=7)"
    assert redacted({1: Unshowable()}) == {"1": "<Unshowable>"}


def test_what_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert REDACTED in repr(redacted(endless))


def test_whether_there_was_one_may_be_told() -> None:
    assert redacted({"token": None, "cookie": True}) == {"token": None, "cookie": True}


@pytest.mark.parametrize(
    "part",
    [*("a", "a@", "://", "token", "a-", "+1", "1 ", "Basic ", "eyJ", "name='", "cert", "key ("),
     *("muster_", "muster_abcdefghij27_", "mp_", "mp_-"),
     *("'", "a'", "%40", "password=\"", "=", "name=", "\\\"", "cert 0", "Cookie:", "Bearer ")],
)  # fmt: skip
def test_a_long_text_costs_as_much_as_two_of_half_its_length(part: str) -> None:
    """Fourfold would be quadratic; beside other work twofold may look like threefold."""
    once, twice = part * 20_000 + "@", part * 40_000 + "@"
    ratio = min(_seconds(twice) / max(_seconds(once), 0.002) for _ in range(3))
    assert ratio < 3.5


def _seconds(text: str) -> float:
    began = time.process_time()
    redacted_text(text)
    return time.process_time() - began
