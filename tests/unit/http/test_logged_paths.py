"""What the log says of a path."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.http.logged_paths import logged_path, words_of_paths

ID = str(UUID(int=7))
ROUTES = [
    "/v1/zones",
    "/v1/zones/lookup",
    "/v1/zones/{zone_id}",
    "/v1/bookings/{booking_id}/certificates",
    "/v1/certificates/{number}",
    "/v1/students/{student_id}/certificates",
    "/v1/trainers/{trainer_id}/blocks",
    "/plugins/shop/orders/{order_id}",
]
WORDS = words_of_paths(ROUTES)


@pytest.mark.parametrize(
    ("path", "route", "told"),
    [
        ("/v1/zones/lookup", "/v1/zones/lookup", "/v1/zones/lookup"),
        (f"/v1/zones/{ID}", "/v1/zones/{zone_id}", f"/v1/zones/{ID}"),
        ("/v1/zones/asha@example.org", "/v1/zones/{zone_id}", "/v1/zones/{zone_id}"),
        (f"/v1/bookings/{ID}/certificates", ROUTES[3], f"/v1/bookings/{ID}/certificates"),
        ("/v1/certificates/CERT-20270101", ROUTES[4], "/v1/certificates/{number}"),
        (f"/v1/students/{ID}/certificates", ROUTES[5], "/v1/students/{student_id}/certificates"),
        (f"/v1/trainers/{ID}/blocks", ROUTES[6], "/v1/trainers/{trainer_id}/blocks"),
        (f"/plugins/shop/orders/{ID}", ROUTES[7], "/plugins/shop/orders/{order_id}"),
        (f"/v1/students/{ID}/certificates", None, "/v1/students/{}/certificates"),
        ("/v1/zones", None, "/v1/zones"),
        ("/asha/98765 43210", None, "/{}/{}"),
        ("", None, ""),
    ],
)
def test_only_words_and_our_own_ids_are_told(path: str, route: str | None, told: str) -> None:
    assert logged_path(path, route, WORDS) == told


@given(st.text(), st.sampled_from([None, *ROUTES]))
def test_nothing_else_ever_is(path: str, route: str | None) -> None:
    told = logged_path(path, route, WORDS)
    templated = {part for one in ROUTES for part in one.split("/")}
    assert set(told.split("/")) <= templated | {"{}"}


def test_a_long_path_makes_no_long_line() -> None:
    assert len(logged_path("/x" * 30_000, None, WORDS)) < 50
