"""The chain of the audit trail: whatever is done to it, the first bad entry is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.audit_chain import (
    Breach,
    ChainFault,
    ChainReading,
    Seal,
    SealedEntry,
    StreamHead,
    sealed_after,
)
from muster.domain.audit_checkpoints import CheckpointForged, line_of, read_line, sign
from muster.domain.audit_entries import COMPANY_STREAM, AuditEntry, stream_name

NOON = datetime(2027, 1, 11, 12, tzinfo=UTC)
NORTH = UUID("019aa4c1-7c00-7000-8000-00000000f001")
KEY = bytes(range(32))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=3,
)
entries = st.builds(
    AuditEntry,
    id=st.uuids(),
    at=st.integers(0, 10**9).map(lambda number: NOON + timedelta(microseconds=number)),
    actor=st.text(),
    action=st.sampled_from(["EditZone", "PlaceBooking"]),
    subject_kind=st.sampled_from(["zone", "booking"]),
    subject_id=st.uuids(),
    franchise_id=st.sampled_from([None, NORTH]),
    correlation_id=st.text(),
    change=st.dictionaries(st.text(), json_values, max_size=3),
    address=st.none() | st.text(),
)
trails = st.lists(entries, min_size=1, max_size=8, unique_by=lambda entry: entry.id)
MEMBERS: list[tuple[str, Any]] = [
    ("id", UUID(int=1)),
    ("at", NOON - timedelta(days=1)),
    ("actor", "somebody else\0"),
    ("action", "NoSuchAction"),
    ("subject_kind", "nothing"),
    ("subject_id", UUID(int=2)),
    ("franchise_id", UUID(int=3)),
    ("correlation_id", "another\0"),
    ("change", {"planted": [True]}),
    ("address", "planted\0"),
]


def sealed(trail: list[AuditEntry]) -> list[SealedEntry]:
    """The trail as a store returns it: by stream, then by sequence."""
    by_id = {entry.id: entry for entry in trail}
    seals = sorted(sealed_after({}, trail), key=lambda seal: (seal.stream, seal.sequence))
    return [SealedEntry(seal, by_id[seal.entry_id]) for seal in seals]


def faults_of(rows: list[SealedEntry], *heads: StreamHead) -> list[ChainFault]:
    reading = ChainReading(heads)
    reading.read(rows)
    reading.finish()
    return reading.faults


def heads_of(rows: list[SealedEntry]) -> list[StreamHead]:
    ends = {row.seal.stream: row.seal for row in rows}
    return [StreamHead(seal.stream, seal.sequence, seal.hash) for seal in ends.values()]


def places(faults: list[ChainFault]) -> list[tuple[Breach, UUID | None, int | None]]:
    return [(fault.breach, fault.stream, fault.sequence) for fault in faults]


@given(trail=trails, cut=st.integers(0, 12))
def test_a_trail_that_nobody_touched_is_sound(trail: list[AuditEntry], cut: int) -> None:
    """However many at a time were sealed, and however many at a time are read."""
    first = sealed_after({}, trail[:cut])
    heads = {seal.stream: StreamHead(seal.stream, seal.sequence, seal.hash) for seal in first}
    assert [*first, *sealed_after(heads, trail[cut:])] == sealed_after({}, trail)
    rows = sealed(trail)
    reading = ChainReading(heads_of(rows) + list(heads.values()))
    for row in rows:
        reading.read([row])
    reading.finish()
    assert (reading.faults, reading.count) == ([], len(trail))


@pytest.mark.parametrize(("member", "value"), MEMBERS, ids=[name for name, _ in MEMBERS])
@given(trail=trails, place=st.integers(0, 11))
def test_an_edit_of_any_member_is_named(
    trail: list[AuditEntry], place: int, member: str, value: Any
) -> None:
    rows = sealed(trail)
    place %= len(rows)
    row = rows[place]
    assert row.entry is not None
    assume(getattr(row.entry, member) != value)
    rows[place] = SealedEntry(row.seal, replace(row.entry, **{member: value}))
    (fault,) = faults_of(rows)
    expected = Breach.MOVED if member == "franchise_id" else Breach.ALTERED
    assert places([fault]) == [(expected, row.seal.stream, row.seal.sequence)]


@given(trail=trails, place=st.integers(0, 11))
def test_a_deletion_is_named(trail: list[AuditEntry], place: int) -> None:
    rows = sealed(trail)
    row = rows[place % len(rows)]
    without = [SealedEntry(one.seal, None) if one is row else one for one in rows]
    (fault,) = faults_of(without)
    assert places([fault]) == [(Breach.DELETED, row.seal.stream, row.seal.sequence)]
    assert fault.entry_id == row.seal.entry_id


@given(trail=trails, place=st.integers(0, 11))
def test_an_entry_and_its_seal_that_are_gone_are_named(trail: list[AuditEntry], place: int) -> None:
    """Amid the stream by the gap; at its end only by who remembers how long it was."""
    rows = sealed(trail)
    heads = heads_of(rows)
    row = rows.pop(place % len(rows))
    last = row.seal.sequence == {head.stream: head.count for head in heads}[row.seal.stream]
    breach = Breach.CUT if last else Breach.GAP
    assert places(faults_of(rows, *heads)) == [(breach, row.seal.stream, row.seal.sequence)]
    assert len(faults_of(rows)) == (0 if last else 1)


@given(trail=trails, first=st.integers(0, 7), apart=st.integers(1, 7))
def test_an_exchange_of_two_is_named_at_the_first(
    trail: list[AuditEntry], first: int, apart: int
) -> None:
    rows = sealed([replace(entry, franchise_id=NORTH) for entry in trail])
    assume(len(rows) > 1)
    first, second = sorted((first % len(rows), (first + apart) % len(rows)))
    assume(first != second)
    one, other = rows[first], rows[second]
    rows[first] = SealedEntry(replace(one.seal, entry_id=other.seal.entry_id), other.entry)
    rows[second] = SealedEntry(replace(other.seal, entry_id=one.seal.entry_id), one.entry)
    assert places(faults_of(rows)) == [(Breach.ALTERED, NORTH, first + 1)]


@given(trail=trails, planted=entries, place=st.integers(0, 12))
def test_an_insertion_is_named(trail: list[AuditEntry], planted: AuditEntry, place: int) -> None:
    """With a seal that follows the one before, and whatever comes after moved on by one."""
    rows = sealed([replace(entry, franchise_id=NORTH) for entry in trail])
    place %= len(rows)
    planted = replace(planted, franchise_id=NORTH)
    assume(planted.id not in {entry.id for entry in trail})
    heads = {}
    if place:
        before = rows[place - 1].seal
        heads = {NORTH: StreamHead(NORTH, before.sequence, before.hash)}
    (seal,) = sealed_after(heads, [planted])
    moved = [
        SealedEntry(replace(row.seal, sequence=row.seal.sequence + 1), row.entry)
        for row in rows[place:]
    ]
    after = [*rows[:place], SealedEntry(seal, planted), *moved]
    (fault,) = faults_of(after)
    # The planted one fits what is before it; that the next does not is what shows it.
    assert (fault.breach, fault.sequence) == (Breach.ALTERED, place + 2)
    (fault,) = faults_of(after, *heads_of(rows))
    assert fault.sequence == min(place + 2, len(rows))


@given(trail=trails, place=st.integers(0, 11), known=st.integers(0, 12))
def test_a_chain_made_anew_is_told_by_a_checkpoint(
    trail: list[AuditEntry], place: int, known: int
) -> None:
    """Between which two checkpoints it was, since nobody else remembers."""
    trail = [replace(entry, franchise_id=None) for entry in trail]
    rows = sealed(trail)
    place %= len(rows)
    known = min(known, place)
    forged = [replace(one, actor="planted\0") if n == place else one for n, one in enumerate(trail)]
    seen = [heads_of(rows[:known]), heads_of(rows)]
    assert faults_of(sealed(forged)) == []
    (fault,) = faults_of(sealed(forged), *(head for heads in seen for head in heads))
    assert (fault.breach, fault.sequence) == (Breach.REWRITTEN, len(rows))
    assert f"{known + 1} to {len(rows)}" in fault.message


def test_each_stream_tells_its_own_first_fault() -> None:
    """A stream that is gone as a whole, and another that is edited."""
    company = [an_entry(number, None) for number in range(3)]
    north = [an_entry(number, NORTH) for number in range(3, 6)]
    rows = sealed([*company, *north])
    heads = heads_of(rows)
    kept = [row for row in rows if row.seal.stream == NORTH]
    assert kept[1].entry is not None
    kept[1] = SealedEntry(kept[1].seal, replace(kept[1].entry, actor="planted"))
    assert places(faults_of(kept, *heads)) == [
        (Breach.ALTERED, NORTH, 2),
        (Breach.CUT, COMPANY_STREAM, 1),
    ]


def test_the_format_is_as_documented() -> None:
    """What is sealed by one version must be sound to the next; see docs/audit.md."""
    (seal,) = sealed_after({}, [an_entry(1, NORTH)])
    assert seal == Seal(
        NORTH,
        1,
        UUID(int=1),
        bytes.fromhex("8ae387682e48462e5f9a3816411fc3992fc05fb6d9c786bab2e0f353b6115954"),
    )
    assert [stream_name(NORTH), stream_name(COMPANY_STREAM)] == [str(NORTH), "company"]


@given(count=st.integers(1, 2**40), hash_=st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_back(count: int, hash_: bytes) -> None:
    heads = (StreamHead(COMPANY_STREAM, count, hash_), StreamHead(NORTH, 1, hash_))
    checkpoint = sign(NOON, heads, KEY)
    assert read_line(line_of(checkpoint), KEY) == checkpoint
    assert checkpoint.heads == heads
    logged = line_of(checkpoint).replace("{", '{"event": "audit_checkpoint", ', 1)
    assert read_line(logged, KEY) == checkpoint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"count":7', '"count":6'),
        ('"hash":"00', '"hash":"01'),
        ("company", str(NORTH)),
        ("2027", "2026"),
        ('"mac":"', '"mac":"0'),
        ('"mac":"', '"mac":"é'),
        ('"hash":"00', '"hash":"zz'),
        ("{", "["),
        ("company", "nobody"),
    ],
)
def test_a_changed_checkpoint_is_refused(old: str, new: str) -> None:
    line = line_of(sign(NOON, [StreamHead(COMPANY_STREAM, 7, bytes(32))], KEY))
    assert old in line
    with pytest.raises(CheckpointForged):
        read_line(line.replace(old, new, 1), KEY)
    with pytest.raises(CheckpointForged):
        read_line(line, bytes(32))


def an_entry(number: int, franchise_id: UUID | None) -> AuditEntry:
    return AuditEntry(
        id=UUID(int=number),
        at=NOON + timedelta(microseconds=number),
        actor="account:example",
        action="EditZone",
        subject_kind="zone",
        subject_id=UUID(int=7),
        franchise_id=franchise_id,
        correlation_id="example",
        change={"before": {"radiusKm": 5.0}, "after": {"radiusKm": 7.25, "name": "Süd"}},
        address="192.0.2.1",
    )
