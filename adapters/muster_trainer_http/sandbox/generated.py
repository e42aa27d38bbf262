"""Sample trainers made from the ids that are asked about: the same question, the same people."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

from muster.domain.trainers import Trainer

__all__ = ["sample_trainers"]

_NAMESPACE = UUID("5a1f2a0e-6f0b-5d0e-9c53-2f4c6f7d8e10")
_UPDATED_AT = datetime(2026, 1, 1, tzinfo=UTC)

_GIVEN_NAMES = (
    "Aarav", "Adaeze", "Agnieszka", "Amara", "Anjali", "Beatriz", "Camille", "Chidi", "Dmitri",
    "Elif", "Emeka", "Farah", "Femi", "Giulia", "Hana", "Henrik", "Imani", "Ingrid", "Javier",
    "Kavya", "Keiko", "Lars", "Leila", "Lucía", "Mateo", "Mei", "Mohammed", "Nadia", "Nikhil",
    "Noor", "Oluwaseun", "Priya", "Rafael", "Ravi", "Sanjana", "Sofia", "Tomás", "Usha",
    "Viktor", "Wanjiru", "Yara", "Yusuf", "Zainab",
)  # fmt: skip
_FAMILY_NAMES = (
    "Abdullah", "Adeyemi", "Almeida", "Andersson", "Banerjee", "Bianchi", "Castillo", "Chen",
    "Costa", "Das", "Demir", "Dubois", "Fernández", "García", "Haddad", "Hansen", "Ibrahim",
    "Ivanova", "Iyer", "Kamau", "Kapoor", "Kowalska", "Lindqvist", "Mensah", "Moreau", "Mwangi",
    "Nakamura", "Nguyen", "Novák", "Okafor", "Pillai", "Rahman", "Rao", "Reddy", "Rossi",
    "Santos", "Schneider", "Silva", "Tanaka", "Weber", "Yılmaz",
)  # fmt: skip


def sample_trainers(
    count: int, franchise_id: UUID | None, zone_id: UUID, course_id: UUID
) -> list[Trainer]:
    """Return active trainers of an operator who teach one course in one zone at any hour.

    Args:
        count: How many.
        franchise_id: Whose trainers; ``None`` the company's.
        zone_id: Where they teach; also what their ids and names follow from.
        course_id: The one course that they are certified for.
    """
    team = uuid5(_NAMESPACE, f"{franchise_id}/{zone_id}/{course_id}")
    return [_sample_trainer(team, number, franchise_id, zone_id, course_id)
            for number in range(count)]  # fmt: skip


def _sample_trainer(
    team: UUID, number: int, franchise_id: UUID | None, zone_id: UUID, course_id: UUID
) -> Trainer:
    # The two lists have lengths without a common factor: stepping through both repeats a
    # full name only after their product.
    given = _GIVEN_NAMES[(team.int + number) % len(_GIVEN_NAMES)]
    family = _FAMILY_NAMES[(team.int // 7_919 + number) % len(_FAMILY_NAMES)]
    return Trainer(
        id=uuid5(team, str(number)),
        name=f"{given} {family}",
        active=True,
        franchise_id=franchise_id,
        zone_ids=frozenset({zone_id}),
        certified_courses=frozenset({course_id}),
        updated_at=_UPDATED_AT,
    )
