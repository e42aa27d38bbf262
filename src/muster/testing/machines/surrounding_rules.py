"""Rules about what surrounds bookings: zones, trainers, leave, certificates, time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from muster.application.impacts import Impact
from muster.application.offers import OfferStranded
from muster.application.preview_block import PreviewBlock
from muster.application.preview_zone import PreviewZoneChange
from muster.application.trainer_blocks import BlockedTime
from muster.application.zones import ArchiveZone, CreateZone, EditZone
from muster.domain.bookings import BookingStatus
from muster.domain.zone_changes import ZoneChanges
from muster.testing.machines.houses import Outcome
from muster.testing.machines.life import NUMBER, LifeMachine
from muster.testing.machines.places import TRAINERS, ZONE_TIMES, centre
from muster.testing.machines.requests import among

__all__ = ["SurroundingRules"]

MOST_ZONES = 5

_NAMES = ("Middle", "  MIDDLE ", "North", "Straße", "STRASSE", "South")
_CHANGES: tuple[dict[str, Any], ...] = (
    {"priority": 2},
    {"radius_km": 3.0},
    {"radius_km": 9.5},
    {"centre": centre(1)},
    {"centre": centre(9)},
    {"time_zone": "America/New_York"},
    {"name": " straSSe"},
    {"name": "Elsewhere", "priority": -1},
    {"radius_km": 0.0, "time_zone": "Nowhere"},
    {},
)
_WAITS = (
    timedelta(minutes=10),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=8),
)


def _stranded(machine: LifeMachine) -> bool:
    return any(session.is_stranded for one in machine.state.bookings for session in one.sessions)


def _completed(machine: LifeMachine) -> bool:
    return any(one.status is BookingStatus.COMPLETED for one in machine.state.bookings)


class SurroundingRules(LifeMachine):
    """What happens around bookings."""

    @precondition(lambda machine: len(machine.state.zones) < MOST_ZONES)
    @rule(name=NUMBER, place=st.integers(0, 4), time=NUMBER, franchised=st.booleans(), first=NUMBER)
    def open_zone(self, name: int, place: int, time: int, franchised: bool, first: int) -> None:
        """Open one more zone over the others."""
        owner = self.franchises[0] if franchised else None
        zone = among(_NAMES, name), centre(place), 4.0 + place, among(ZONE_TIMES, time)
        self.send(CreateZone(*zone, owner, priority=first % 3 - 1))

    @rule(zone=NUMBER, change=NUMBER, keep=st.booleans(), stale=st.sampled_from((0, 0, 0, 1)))
    def edit_zone(self, zone: int, change: int, keep: bool, stale: int) -> None:
        """Preview a change of a zone, then make it."""
        edited = among(self.state.zones, zone)
        changes = ZoneChanges(edited.version - stale, **among(_CHANGES, change))
        previews = self.step(self.play.ask(PreviewZoneChange(edited.id, changes)))
        self._as_previewed(previews[0], self.send(EditZone(edited.id, changes, keep)), keep)

    @precondition(lambda machine: len(machine.state.zones) > 2)
    @rule(zone=NUMBER, keep=st.booleans())
    def archive_zone(self, zone: int, keep: bool) -> None:
        """Preview the end of a zone, then archive it."""
        closed = among(self.state.zones, zone)
        previews = self.step(self.play.ask(PreviewZoneChange(closed.id, None)))
        self._as_previewed(previews[0], self.send(ArchiveZone(closed.id, keep)), keep)

    @rule(trainer=NUMBER, change=NUMBER)
    def change_trainer(self, trainer: int, change: int) -> None:
        """Let the trainer service say something else of a trainer."""
        self.change_trainer_by(trainer, change)

    @rule(available=st.sampled_from((True, True, False)), careful=st.booleans())
    def change_service(self, available: bool, careful: bool) -> None:
        """Let the trainer service go away, come back, or name everybody."""
        self.world.roster.available = available
        self.world.roster.careful = careful

    @rule(trainer=NUMBER, periods=NUMBER, later=st.integers(0, 6), time=NUMBER)
    def block(self, trainer: int, periods: int, later: int, time: int) -> None:
        """Block a trainer's time."""
        self.rehearse_and_send(
            self.requests.block(trainer, periods, later, among(ZONE_TIMES, time))
        )

    @rule(periods=NUMBER, later=st.integers(0, 6))
    def block_and_offer(self, periods: int, later: int) -> None:
        """Preview leave of somebody who teaches, enter it, make the offers: all as previewed."""
        teaching = sorted({one.trainer_id for one in self.state.slots}, key=str) or [TRAINERS[0]]
        trainer = TRAINERS.index(among(teaching, periods))
        command = self.requests.block(trainer, periods, later, self.state.zones[0].time_zone)
        previews = self.step(self.play.ask(PreviewBlock(command)))
        self.play.agree(previews, command)
        blocked = self.send(command)
        if blocked.refusal is not None:
            assert previews[0].refusal == blocked.refusal, (previews[0], blocked)
            return
        self._offer_as_previewed(previews[0].answer.impact, blocked.answer)

    @precondition(lambda machine: any(machine.state.blocks.values()))
    @rule(block=NUMBER)
    def unblock(self, block: int) -> None:
        """Remove a block."""
        self.rehearse_and_send(self.requests.unblock(block))

    @precondition(_stranded)
    @rule(booking=NUMBER)
    def offer(self, booking: int) -> None:
        """Offer stranded sessions to trainers."""
        self.rehearse_and_send(self.requests.offer(booking))

    @precondition(_completed)
    @rule(booking=NUMBER)
    def issue(self, booking: int) -> None:
        """Issue certificates, twice: each student has one."""
        request = self.requests.issue(booking)
        first, second = self.send(request), self.send(request)
        assert first == second, "a second issue changed something"

    @precondition(lambda machine: any(machine.state.certificates.values()))
    @rule(certificate=NUMBER, final=st.booleans())
    def judge_certificate(self, certificate: int, final: bool) -> None:
        """Revoke a certificate, or issue it anew."""
        requests = self.requests
        self.rehearse_and_send(
            requests.revoke(certificate) if final else requests.reissue(certificate)
        )

    @rule(wait=NUMBER)
    def wait(self, wait: int) -> None:
        """Let time pass."""
        self.world.clock.advance(among(_WAITS, wait))

    @rule(just_before=st.booleans())
    def wait_for_session(self, just_before: bool) -> None:
        """Let time pass until the next session begins, or until the moment before."""
        coming = [
            session.plan.starts_at
            for booking in self.state.bookings
            if booking.status is not BookingStatus.CANCELLED
            for session in booking.sessions
            if session.plan.starts_at > self.now
        ]
        if coming:
            self.world.clock.set(min(coming) - timedelta(microseconds=just_before))

    def _as_previewed(self, preview: Outcome, done: Outcome, keep: bool) -> None:
        if preview.refusal is not None:
            assert done.refusal == preview.refusal, (preview, done)
            return
        seen = preview.answer
        left = [one for one in seen.left_behind if one.booking.status is BookingStatus.ASSIGNED]
        if done.refusal is None:
            assert done.answer == seen.zone, (seen.zone, done.answer)
            assert keep or not left, f"{left} were left behind"
        elif left and not keep:
            assert done.refusal == ("ZONE_HAS_BOOKINGS",), done
        else:
            assert done.refusal == ("CONFLICT",) or "NAME" in done.refusal[0], done

    def _offer_as_previewed(self, impact: Impact, blocked: BlockedTime) -> None:
        to_come: dict[UUID, datetime] = {}
        for booking in {one.booking.id: one.booking for one in blocked.stranded}.values():
            starts = [one.plan.starts_at for one in booking.sessions if one.is_stranded]
            if coming := [one for one in starts if one > self.now]:
                to_come[booking.id] = min(coming)
        for booking_id in sorted(to_come, key=lambda one: (to_come[one], one.int)):
            self.send(OfferStranded(booking_id))
        seen = {move.change.session_id: move.change.after for move in impact.moves}
        stranded = {one.session.id for one in blocked.stranded}
        assert stranded <= set(seen), f"{stranded - set(seen)} were not previewed"
        for booking in self.state.bookings:
            for session in booking.sessions:
                if (mark := seen.get(session.id)) is None:
                    continue
                became = session.status, session.trainer_id, session.plan.starts_at
                assert became == (mark.status, mark.trainer_id, mark.starts_at), (
                    f"previewed as {mark}\n    became {session}"
                )
