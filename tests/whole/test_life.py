"""A booking's life with every first-party plugin enabled, by people who have logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from msgspec import Struct

from muster.plugin_api import Role, Scope
from tests.auth.stage import Client, create, logged_in
from tests.http.api import Answer
from tests.http.orders import CENTRE, a_booking, a_franchise, a_trainer_for, a_zone, in_days
from tests.http.server_under_test import ServerUnderTest, serving
from tests.redis_servers import redis_server
from tests.whole.stage import WHOLE

MEASURED = {"MUSTER_TELEMETRY__METRICS": "prometheus"}
MOTIVE = {"reason": "The walk through a life."}


class Stage(Struct, frozen=True):
    """The server, where its database is, and its Redis if it has one."""

    server: ServerUnderTest
    database_url: str
    redis_url: str | None

    def somebody(self, role: Role, **scope: UUID) -> Client:
        """Somebody new with an account, logged in."""
        identifier = f"{role.value} {uuid4()}"
        create(self.database_url, identifier, role, Scope(**scope))
        return logged_in(self.server.api, identifier)


@pytest.fixture(params=["in the process", "in Redis"])
def stage(request: pytest.FixtureRequest, clean_database: str) -> Iterator[Stage]:
    with ExitStack() as stack:
        settings = {**WHOLE, **MEASURED}
        if request.param == "in Redis":
            settings["REDIS_URL"] = stack.enter_context(redis_server()).url
        server = stack.enter_context(serving(clean_database, None, **settings))
        yield Stage(server, clean_database, settings.get("REDIS_URL"))


def done(answer: Answer, status: int = 200) -> Any:
    assert answer.status == status, answer
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"]
    assert '"address";r=' in answer.headers["RateLimit"]
    return answer.json


def test_from_the_purchase_to_the_end(stage: Stage) -> None:
    admin = stage.somebody(Role.COMPANY_ADMIN)
    franchise = done(admin.send("POST", "/v1/franchises", a_franchise()), 201)["id"]
    zone = done(admin.send("POST", "/v1/zones", a_zone(franchiseId=franchise)), 201)
    wanted = a_booking(studentLocation=CENTRE)
    stage.server.sandbox.roster.add([a_trainer_for(zone, wanted["courseId"]) for _ in range(3)])
    manager = stage.somebody(Role.FRANCHISE_MANAGER, franchise_id=UUID(franchise))
    client = stage.somebody(Role.CLIENT, client_id=uuid4())
    stranger = stage.somebody(Role.CLIENT, client_id=uuid4())

    booking = done(client.send("POST", "/v1/bookings", wanted), 201)
    path = f"/v1/bookings/{booking['id']}"
    assert booking["status"] == "ASSIGNED"
    assert done(client.get(path))["id"] == booking["id"]
    done(stranger.get(path), 404)
    done(client.get(f"{path}/receipts"), 403)

    teaching = booking["trainerId"]
    trainer = stage.somebody(Role.TRAINER, trainer_id=UUID(teaching))
    month = f"from={in_days(29)}&to={in_days(50)}"
    schedule = f"/v1/trainers/{teaching}/schedule?{month}"
    assert len(done(trainer.get(schedule))["slots"]) == 10
    first, second, *_ = booking["sessions"]
    done(trainer.send("POST", f"/v1/sessions/{first['id']}/complete", MOTIVE), 409)
    day = {"fromDate": second["localDate"], "toDate": second["localDate"]}
    leave = {"timeZone": "Asia/Kolkata", "periods": [day], "reason": "Training"}
    done(trainer.send("POST", f"/v1/trainers/{teaching}/blocks", leave), 201)

    done(manager.send("POST", f"{path}/offer", {}))
    done(manager.send("POST", f"/v1/sessions/{first['id']}/cancel", MOTIVE))
    done(manager.send("POST", f"{path}/reassign", MOTIVE))
    now = done(manager.get(path))
    assert {one["status"] for one in now["sessions"]} == {"SCHEDULED", "CANCELLED"}
    assert teaching not in {one["trainerId"] for one in now["sessions"][1:]}

    ended = done(client.send("POST", f"{path}/cancel", MOTIVE))
    assert ended["status"] == "CANCELLED"
    actions = {one["action"] for one in done(admin.get("/admin/audit?limit=200"))["data"]}
    assert len(actions) >= 6
    done(manager.get("/admin/audit"), 403)
    _hold_together(stage, admin)


def _hold_together(stage: Stage, admin: Client) -> None:
    """The server is well, measures what it did, counts where it should, and lets go."""
    ready = stage.server.api.get("/ready")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    counted = b'request_duration_seconds_count{method="POST",route="/v1/bookings",status="201"} 1.0'
    assert counted in stage.server.api.get("/metrics").body
    if stage.redis_url is not None:
        with redis.from_url(stage.redis_url) as shared:
            assert shared.dbsize() > 0
    assert admin.post("logout").status == 204
    assert admin.get("/v1/zones").status == 401
