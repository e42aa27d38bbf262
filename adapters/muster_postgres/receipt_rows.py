"""Receipts as rows: a document for people to read, and beside it the candidates, packed.

With a thousand candidates a document of everything has 207 kB, most of it the same words a
thousand times, and PostgreSQL takes 2.4 ms to compress it to 67 kB. Packed by column the
candidates have 46 kB and are stored as they are.
"""

from __future__ import annotations

from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.eligibility import Refusal
from muster.domain.ranking import DistanceBand, RankingParts
from muster.domain.receipts import CandidateVerdict, Receipt

__all__ = [
    "RECEIPT_COLUMNS",
    "document_of",
    "packed_candidates",
    "receipt_from",
    "unpacked_candidates",
]

RECEIPT_COLUMNS = "document, candidates"
"""What ``receipt_from`` reads."""


class _Columns(Struct, frozen=True, array_like=True, tag=1):
    """Candidates by column, in their order. The tag is the version of this form.

    Attributes:
        refusals: By place in the other columns; only of those who were refused.
    """

    trainer_ids: list[UUID]
    eligible: list[bool]
    ranks: list[int | None]
    refusals: dict[int, tuple[Refusal, ...]]
    preferred: list[bool]
    bands: list[DistanceBand]
    metres: list[float | None]
    minutes: list[int]


_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")
_COLUMNS = msgspec.msgpack.Decoder(_Columns)
_DOCUMENT = msgspec.json.Decoder(Receipt)


def document_of(receipt: Receipt) -> str:
    """Return all of a receipt but its candidates, as JSON."""
    return msgspec.json.encode(replace(receipt, candidates=())).decode()


def packed_candidates(candidates: tuple[CandidateVerdict, ...]) -> bytes | None:
    """Return a receipt's candidates in MessagePack; ``None`` where it has none."""
    if not candidates:
        return None
    parts = [one.parts for one in candidates]
    return _ENCODER.encode(
        _Columns(
            trainer_ids=[one.trainer_id for one in candidates],
            eligible=[one.eligible for one in candidates],
            ranks=[one.rank for one in candidates],
            refusals={place: one.refusals for place, one in enumerate(candidates) if one.refusals},
            preferred=[one.preferred for one in parts],
            bands=[one.distance_band for one in parts],
            metres=[one.distance_metres for one in parts],
            minutes=[one.booked_minutes for one in parts],
        )
    )


def unpacked_candidates(packed: bytes | None) -> tuple[CandidateVerdict, ...]:
    """Return the candidates that ``packed_candidates`` was given.

    Raises:
        msgspec.ValidationError: They were packed in another form.
    """
    if packed is None:
        return ()
    columns = _COLUMNS.decode(packed)
    parts = map(RankingParts, columns.preferred, columns.bands, columns.metres, columns.minutes)
    verdicts = zip(columns.trainer_ids, columns.eligible, columns.ranks, parts, strict=True)
    return tuple(
        CandidateVerdict(id_, eligible, columns.refusals.get(place, ()), rank, part)
        for place, (id_, eligible, rank, part) in enumerate(verdicts)
    )


def receipt_from(row: asyncpg.Record) -> Receipt:
    """Return the receipt of a row with ``RECEIPT_COLUMNS``."""
    candidates = unpacked_candidates(row["candidates"])
    return replace(_DOCUMENT.decode(row["document"]), candidates=candidates)
