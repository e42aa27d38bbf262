"""Every route, asked by every role, a service and nobody, about what is theirs and what is not.

The routes are those of the OpenAPI document: one that has no entry here fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct

from muster.application.access import SENSITIVE_PERMISSIONS, Permission
from muster.application.roles import PERMISSIONS_OF_ROLES, Role
from muster.testing.clock import FakeClock
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import JSON, Answer, Api
from tests.http.life_stage import BEGIN, FIRST_DAY
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.named_callers import NamedCallers, header_of, unsigned_header_of
from tests.http.orders import a_booking, a_franchise, a_trainer_for, a_zone
from tests.http.server_under_test import ServerUnderTest, serving

SPAN = f"from={FIRST_DAY}&to={FIRST_DAY}"
MOTIVE: dict[str, Any] = {"reason": "The matrix asks."}
_islands = count()
ADMIN = header_of(Role.COMPANY_ADMIN)


class Place(Struct, frozen=True):
    """What belongs together: a franchise, its zone, who teaches there and who learns."""

    franchise: str
    zone: str
    point: dict[str, float]
    course: str
    trainer: str
    client: str
    booking: str
    other_booking: str
    session: str
    student: str
    block: Callable[[], str]

    def ids(self) -> set[str]:
        """By which somebody would notice it in an answer."""
        return {self.franchise, self.zone, self.booking, self.session, self.client}


class Elsewhere(Enum):
    """What a route answers about what lies outside the scope of whoever asks."""

    NOT_FOUND = "404"
    FORBIDDEN = "403"
    UNSEEN = "an answer that shows none of it"
    ALL_ALIKE = "what everybody is answered"


class Route(Struct, frozen=True):
    """How a route is asked about a place, and what it needs; ``None`` is public."""

    permission: Permission | None
    ask: Callable[[Place], tuple[str, str, Any]]
    elsewhere: Elsewhere = Elsewhere.NOT_FOUND


def of_booking(permission: Permission, method: str, path: str = "", body: Any = None) -> Route:
    return Route(permission, lambda at: (method, f"/v1/bookings/{at.booking}{path}", body))


def of_session(permission: Permission, path: str, body: Any) -> Route:
    return Route(permission, lambda at: ("POST", f"/v1/sessions/{at.session}/{path}", body))


def of_trainer(
    permission: Permission, method: str, path: str, elsewhere: Elsewhere, body: Any = None
) -> Route:
    return Route(
        permission, lambda at: (method, f"/v1/trainers/{at.trainer}/{path}", body), elsewhere
    )


def purchase(at: Place) -> dict[str, Any]:
    return a_booking(courseId=at.course, startDate=str(FIRST_DAY), studentLocation=at.point)


LEAVE = {
    "timeZone": "Asia/Kolkata",
    "periods": [{"fromDate": "2027-12-01", "toDate": "2027-12-02"}],
    "reason": "Training",
}
NEW_TIME = {"localDate": "2027-04-20", "localTime": "11:00", "reason": None}

ROUTES: dict[str, Route] = {
    "getHealth": Route(None, lambda at: ("GET", "/health", None)),
    "getReadiness": Route(None, lambda at: ("GET", "/ready", None)),
    "verifyCertificate": Route(None, lambda at: ("GET", "/v1/certificates/nothing", None)),
    "listAuditEntries": Route(
        Permission.AUDIT_READ, lambda at: ("GET", "/admin/audit", None), Elsewhere.UNSEEN
    ),
    "replayEvents": Route(
        Permission.EVENTS_REPLAY,
        lambda at: ("POST", "/admin/events/replay", {"subscriber": None}),
        Elsewhere.FORBIDDEN,
    ),
    "listFranchises": Route(
        Permission.FRANCHISES_READ, lambda at: ("GET", "/v1/franchises", None), Elsewhere.UNSEEN
    ),
    "createFranchise": Route(
        Permission.FRANCHISES_WRITE,
        lambda at: ("POST", "/v1/franchises", a_franchise()),
        Elsewhere.ALL_ALIKE,
    ),
    "getFranchise": Route(
        Permission.FRANCHISES_READ, lambda at: ("GET", f"/v1/franchises/{at.franchise}", None)
    ),
    "editFranchise": Route(
        Permission.FRANCHISES_WRITE,
        lambda at: ("PATCH", f"/v1/franchises/{at.franchise}", {"status": "ACTIVE"}),
    ),
    "listZones": Route(
        Permission.ZONES_READ, lambda at: ("GET", "/v1/zones", None), Elsewhere.UNSEEN
    ),
    "createZone": Route(
        Permission.ZONES_WRITE,
        lambda at: ("POST", "/v1/zones", a_zone(franchiseId=at.franchise, radiusKm=0.1)),
        Elsewhere.FORBIDDEN,
    ),
    "getZone": Route(Permission.ZONES_READ, lambda at: ("GET", f"/v1/zones/{at.zone}", None)),
    "editZone": Route(
        Permission.ZONES_WRITE,
        lambda at: ("PATCH", f"/v1/zones/{at.zone}", {"version": 1, "priority": 0}),
    ),
    "previewEditZone": Route(
        Permission.ZONES_WRITE,
        lambda at: ("POST", f"/v1/zones/{at.zone}/preview", {"version": 1, "priority": 1}),
    ),
    "archiveZone": Route(
        Permission.ZONES_WRITE,
        lambda at: ("POST", f"/v1/zones/{at.zone}/archive", {"keepBookings": True}),
    ),
    "previewArchiveZone": Route(
        Permission.ZONES_WRITE, lambda at: ("POST", f"/v1/zones/{at.zone}/archive/preview", {})
    ),
    "lookUpZone": Route(
        Permission.ZONES_LOOK_UP,
        lambda at: (
            "GET",
            "/v1/zones/lookup?latitude={latitude}&longitude={longitude}".format(**at.point),
            None,
        ),
        Elsewhere.ALL_ALIKE,
    ),
    "getAvailability": Route(
        Permission.ZONES_LOOK_UP,
        lambda at: ("GET", f"/v1/zones/{at.zone}/availability?courseId={at.course}&{SPAN}", None),
        Elsewhere.ALL_ALIKE,
    ),
    "promoteWaitlist": Route(
        Permission.BOOKINGS_PROMOTE,
        lambda at: ("POST", f"/v1/zones/{at.zone}/waitlist/promote", {"courseId": at.course}),
        Elsewhere.UNSEEN,
    ),
    "listServiceDemand": Route(
        Permission.DEMAND_READ, lambda at: ("GET", "/v1/service-demand", None), Elsewhere.UNSEEN
    ),
    "listBookings": Route(
        Permission.BOOKINGS_READ, lambda at: ("GET", "/v1/bookings", None), Elsewhere.UNSEEN
    ),
    "placeBooking": Route(
        Permission.BOOKINGS_CREATE,
        lambda at: ("POST", "/v1/bookings", purchase(at)),
        Elsewhere.FORBIDDEN,
    ),
    "previewBooking": Route(
        Permission.BOOKINGS_CREATE,
        lambda at: ("POST", "/v1/bookings/preview", purchase(at)),
        Elsewhere.ALL_ALIKE,
    ),
    "getBooking": of_booking(Permission.BOOKINGS_READ, "GET"),
    "listSessions": of_booking(Permission.BOOKINGS_READ, "GET", "/sessions"),
    "listReceipts": of_booking(Permission.BOOKINGS_EXPLAIN, "GET", "/receipts"),
    "getHistory": of_booking(Permission.BOOKINGS_EXPLAIN, "GET", "/history"),
    "getBookingCalendar": of_booking(Permission.BOOKINGS_READ, "GET", "/calendar.ics"),
    "cancelBooking": of_booking(Permission.BOOKINGS_CANCEL, "POST", "/cancel", MOTIVE),
    "previewCancel": of_booking(Permission.BOOKINGS_CANCEL, "POST", "/cancel/preview", MOTIVE),
    "reassignBooking": of_booking(Permission.BOOKINGS_REASSIGN, "POST", "/reassign", MOTIVE),
    "previewReassign": of_booking(
        Permission.BOOKINGS_REASSIGN, "POST", "/reassign/preview", MOTIVE
    ),
    "offerStranded": of_booking(Permission.BOOKINGS_REASSIGN, "POST", "/offer", {}),
    "retryBooking": of_booking(Permission.BOOKINGS_PROMOTE, "POST", "/retry", {}),
    "swapTrainers": Route(
        Permission.BOOKINGS_REASSIGN,
        lambda at: (
            "POST",
            f"/v1/bookings/{at.booking}/swap",
            {"otherBookingId": at.other_booking},
        ),
    ),
    "listBookingCertificates": of_booking(Permission.CERTIFICATES_READ, "GET", "/certificates"),
    "issueCertificates": of_booking(Permission.CERTIFICATES_ISSUE, "POST", "/certificates", {}),
    "completeSession": of_session(Permission.SESSIONS_COMPLETE, "complete", MOTIVE),
    "markNoShow": of_session(Permission.SESSIONS_COMPLETE, "no-show", MOTIVE),
    "cancelSession": of_session(Permission.SESSIONS_CANCEL, "cancel", MOTIVE),
    "voidSession": of_session(Permission.SESSIONS_VOID, "void", MOTIVE),
    "restoreSession": of_session(Permission.SESSIONS_VOID, "restore", MOTIVE),
    "rescheduleSession": of_session(Permission.SESSIONS_RESCHEDULE, "reschedule", NEW_TIME),
    "makeUpSession": of_session(Permission.SESSIONS_MAKE_UP, "make-up", NEW_TIME),
    "getSchedule": of_trainer(
        Permission.SCHEDULES_READ, "GET", f"schedule?{SPAN}", Elsewhere.UNSEEN
    ),
    "getTrainerCalendar": of_trainer(
        Permission.CALENDARS_READ, "GET", "calendar.ics", Elsewhere.UNSEEN
    ),
    "listBlocks": of_trainer(Permission.SCHEDULES_READ, "GET", f"blocks?{SPAN}", Elsewhere.UNSEEN),
    "blockTrainer": of_trainer(
        Permission.SCHEDULES_BLOCK, "POST", "blocks", Elsewhere.FORBIDDEN, LEAVE
    ),
    "previewBlock": of_trainer(
        Permission.SCHEDULES_BLOCK, "POST", "blocks/preview", Elsewhere.FORBIDDEN, LEAVE
    ),
    "unblockTrainer": Route(
        Permission.SCHEDULES_BLOCK,
        lambda at: ("DELETE", f"/v1/trainers/{at.trainer}/blocks/{at.block()}", None),
        Elsewhere.FORBIDDEN,
    ),
    "revokeCertificate": Route(
        Permission.CERTIFICATES_REVOKE,
        lambda at: ("POST", "/v1/certificates/nothing/revoke", MOTIVE),
    ),
    "reissueCertificate": Route(
        Permission.CERTIFICATES_REVOKE,
        lambda at: ("POST", "/v1/certificates/nothing/reissue", MOTIVE),
    ),
    "listStudentCertificates": Route(
        Permission.CERTIFICATES_READ,
        lambda at: ("GET", f"/v1/students/{at.student}/certificates", None),
        Elsewhere.UNSEEN,
    ),
}

UNREFUSED_ELSEWHERE = {
    # A client buys wherever a zone serves them, also where another client bought.
    ("client", "placeBooking"),
}


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[ServerUnderTest]:
    clock = FakeClock(BEGIN)
    plugins = [PostgresPlugin, TrainerHttpPlugin, NamedCallers, plugin_of(clock)]
    with serving(database_url, plugins, MUSTER_PLUGINS__PORTS=CHOICE) as found:
        yield found


def asked(api: Api, caller: tuple[str, str] | None, request: tuple[str, str, Any]) -> Answer:
    method, target, body = request
    headers = [] if caller is None else [caller]
    if body is None:
        return api.send(method, target, headers=headers)
    content = json.dumps(body).encode()
    return api.send(method, target, content, [*headers, ("Content-Type", JSON)])


def created(api: Api, path: str, body: Any, caller: tuple[str, str] = ADMIN) -> Any:
    answer = asked(api, caller, ("POST", path, body))
    assert answer.status == 201, answer
    return answer.json


def a_place(server: ServerUnderTest) -> Place:
    """Each on an island of its own, so that no zone serves another's."""
    number = next(_islands)
    api, course, client = server.api, str(uuid4()), str(uuid4())
    point = {"latitude": -60.0 + number % 120, "longitude": -170.0 + number // 120}
    franchise = created(api, "/v1/franchises", a_franchise())
    zone = created(api, "/v1/zones", a_zone(centre=point, franchiseId=franchise["id"]))
    trainer = a_trainer_for(zone, course, location=None)
    server.sandbox.roster.add([trainer])
    days = iter(range(1, 1_000))

    def block() -> str:
        day = f"{2028 + next(days) // 360}-{1 + next(days) % 12:02}-{1 + next(days) % 28:02}"
        leave = LEAVE | {"periods": [{"fromDate": day, "toDate": day}]}
        made = created(api, f"/v1/trainers/{trainer.id}/blocks", leave)
        id_: str = made["block"]["id"]
        return id_

    booking, other = (
        created(
            api,
            "/v1/bookings",
            a_booking(
                courseId=course,
                classType="HYBRID",
                totalSessions=30,
                startDate=str(FIRST_DAY.replace(month=month)),
                studentLocation=point,
            ),
            header_of(Role.CLIENT, client_id=client),
        )
        for month in (3, 6)
    )
    assert booking["trainerId"] == other["trainerId"] == str(trainer.id), booking
    return Place(
        franchise=franchise["id"],
        zone=zone["id"],
        point=point,
        course=course,
        trainer=str(trainer.id),
        client=client,
        booking=booking["id"],
        other_booking=other["id"],
        session=next(one["id"] for one in booking["sessions"] if one["movable"]),
        student=booking["students"][0]["id"],
        block=block,
    )


class Asker(Struct, frozen=True):
    """Somebody who asks, and what they hold."""

    name: str
    header: tuple[str, str]
    permissions: frozenset[Permission]
    everywhere: bool = False
    unsigned: bool = False

    def has_to_sign(self, permission: Permission) -> bool:
        return self.unsigned and permission in SENSITIVE_PERMISSIONS


def askers(at: Place) -> list[Asker]:
    managed = PERMISSIONS_OF_ROLES[Role.FRANCHISE_MANAGER]
    bounds: dict[Role, dict[str, str]] = {
        Role.COMPANY_ADMIN: {},
        Role.FRANCHISE_MANAGER: {"franchise_id": at.franchise},
        Role.TRAINER: {"trainer_id": at.trainer},
        Role.CLIENT: {"client_id": at.client},
    }
    service = unsigned_header_of(Role.FRANCHISE_MANAGER, franchise_id=at.franchise)
    return [
        *(
            Asker(role.value, header_of(role, **bound), PERMISSIONS_OF_ROLES[role], not bound)
            for role, bound in bounds.items()
        ),
        Asker("service", service, managed, unsigned=True),
        Asker(
            "service of the company",
            unsigned_header_of(Role.COMPANY_ADMIN),
            PERMISSIONS_OF_ROLES[Role.COMPANY_ADMIN],
            everywhere=True,
            unsigned=True,
        ),
    ]


def manager_of(at: Place) -> tuple[str, str]:
    return header_of(Role.FRANCHISE_MANAGER, franchise_id=at.franchise)


def test_every_route_is_in_the_matrix(server: ServerUnderTest) -> None:
    document = server.api.get("/docs/openapi.json").json
    known = {
        one["operationId"]
        for path, methods in document["paths"].items()
        for one in methods.values()
        if not path.startswith("/plugins/")
    }
    assert known == set(ROUTES)


def test_a_plugins_route_needs_somebody(server: ServerUnderTest) -> None:
    status = ("GET", "/plugins/trainer_http/status", None)
    assert asked(server.api, None, status).status == 401
    assert asked(server.api, ADMIN, status).status == 200


@pytest.mark.parametrize("operation", ROUTES)
def test_who_may_ask(server: ServerUnderTest, operation: str) -> None:
    """Each role about its own, after each was asked about what is another's."""
    route = ROUTES[operation]
    ours, theirs = a_place(server), a_place(server)
    if route.permission is None:
        assert asked(server.api, None, route.ask(ours)).status not in (401, 403)
        return
    nobody = asked(server.api, None, route.ask(ours))
    assert (nobody.status, nobody.headers["WWW-Authenticate"]) == (401, "Bearer")
    for asker in askers(ours):
        if route.permission not in asker.permissions or asker.has_to_sign(route.permission):
            for at in (ours, theirs):
                answer = asked(server.api, asker.header, route.ask(at))
                assert (answer.status, answer.error["code"]) == (403, _refusal(asker, route))
        elif not asker.everywhere:
            answer = asked(server.api, asker.header, route.ask(theirs))
            _hold_elsewhere(answer, asker.name, operation, theirs)
    for asker in askers(ours):
        if route.permission in asker.permissions and not asker.has_to_sign(route.permission):
            about_own = asked(server.api, asker.header, route.ask(ours))
            assert about_own.status not in (401, 403, 404, 500), (asker.name, about_own)


def _refusal(asker: Asker, route: Route) -> str:
    return "SIGNATURE_REQUIRED" if route.permission in asker.permissions else "FORBIDDEN"


def _hold_elsewhere(answer: Answer, name: str, operation: str, theirs: Place) -> None:
    expected = ROUTES[operation].elsewhere
    if expected is Elsewhere.ALL_ALIKE or (name, operation) in UNREFUSED_ELSEWHERE:
        assert answer.status < 400, (name, answer)
    elif expected is Elsewhere.UNSEEN:
        assert answer.status == 200, (name, answer)
        shown = answer.body.decode()
        assert not [id_ for id_ in theirs.ids() if id_ in shown.replace(theirs.trainer, "")], name
    else:
        assert str(answer.status) == expected.value, (name, answer)


def test_a_swap_with_somebody_elses_booking_finds_none(server: ServerUnderTest) -> None:
    ours, theirs = a_place(server), a_place(server)
    swap = ("POST", f"/v1/bookings/{ours.booking}/swap", {"otherBookingId": theirs.booking})
    assert asked(server.api, manager_of(ours), swap).status == 404


def test_who_names_themselves_wrongly_is_nobody(server: ServerUnderTest) -> None:
    for sent in ("nonsense", '{"role": "king", "scope": {}}'):
        answer = asked(server.api, ("x-named-caller", sent), ("GET", "/v1/zones", None))
        assert (answer.status, answer.error["code"]) == (401, "UNAUTHENTICATED")


def test_nobody_is_told_first_what_is_wrong_with_their_request(server: ServerUnderTest) -> None:
    """Who is not known learns nothing of parameters and bodies."""
    for request in (("GET", "/v1/zones?nonsense=1", None), ("POST", "/v1/zones", {"nonsense": 1})):
        assert asked(server.api, None, request).status == 401
