"""The tables as SQLAlchemy knows them: what ``muster db check`` holds the database to.

The migrations say why each index is there. CHECK constraints and triggers stand in the
migrations alone, since autogeneration does not compare them.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from muster_postgres.account_tables import add_account_tables
from muster_postgres.api_key_tables import add_api_key_tables
from muster_postgres.certificate_tables import add_certificate_tables
from muster_postgres.column_types import Cube
from muster_postgres.invitation_tables import add_invitation_tables
from muster_postgres.job_tables import add_job_tables
from muster_postgres.journal_tables import add_journal_tables
from muster_postgres.second_factor_tables import add_second_factor_tables

__all__ = ["METADATA"]

METADATA = MetaData()
"""Every table of the core."""

_INSTANT = DateTime(timezone=True)
_FOLDED = Text(collation="C")

franchises = Table(
    "franchises",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_name", _FOLDED, nullable=False),
    Column("time_zone", Text),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Column("certificate_names", Text),
    PrimaryKeyConstraint("id", name="franchises_pkey"),
    UniqueConstraint("folded_name", name="franchises_folded_name_key"),
    Index("franchises_created_at_idx", "created_at", "id"),
)

zones = Table(
    "zones",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_name", _FOLDED, nullable=False),
    Column("franchise_id", Uuid),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("radius_km", Double, nullable=False),
    Column("centre", Cube, nullable=False),
    Column("reach", Cube, nullable=False),
    Column("reach_chord", Double, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    PrimaryKeyConstraint("id", name="zones_pkey"),
    ForeignKeyConstraint(["franchise_id"], ["franchises.id"], name="zones_franchise_id_fkey"),
    Index(
        "zones_company_name_key",
        "folded_name",
        unique=True,
        postgresql_where=text("franchise_id IS NULL"),
    ),
    Index(
        "zones_franchise_name_key",
        "franchise_id",
        "folded_name",
        unique=True,
        postgresql_where=text("franchise_id IS NOT NULL"),
    ),
    Index(
        "zones_reach_idx",
        "reach",
        postgresql_using="gist",
        postgresql_where=text("status = 'ACTIVE'"),
    ),
    Index(
        "zones_centre_idx",
        text("cube_enlarge(centre, '1e-15'::double precision, 3)"),
        postgresql_using="gist",
        postgresql_where=text("status = 'ACTIVE'"),
    ),
    Index("zones_folded_name_idx", "folded_name", "id"),
    Index("zones_created_at_idx", "created_at", "id"),
    Index("zones_franchise_id_idx", "franchise_id", "created_at", "id"),
    Index("zones_time_zone_idx", "time_zone", "folded_name", "id"),
    Index("zones_archived_idx", "folded_name", "id", postgresql_where=text("status = 'ARCHIVED'")),
)

bookings = Table(
    "bookings",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("course_id", Uuid, nullable=False),
    Column("class_type", Text, nullable=False),
    Column("total_sessions", SmallInteger, nullable=False),
    Column("delivery_mode", Text, nullable=False),
    Column("start_date", Date, nullable=False),
    Column("preferred_time_slot", Text, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("students", JSONB, nullable=False),
    Column("booking_reference", Text),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("preferred_trainer_id", Uuid),
    Column("excluded_trainer_ids", ARRAY(Uuid), nullable=False),
    Column("ranking_policy", Text),
    Column("zone_id", Uuid),
    Column("zone_name", Text),
    Column("zone_franchise_id", Uuid),
    Column("zone_time_zone", Text),
    Column("nearest_zone_id", Uuid),
    Column("nearest_zone_name", Text),
    Column("nearest_zone_metres", Double),
    Column("trainer_id", Uuid),
    Column("trainer_name", Text),
    Column("receipt_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Column("client_id", Uuid),
    PrimaryKeyConstraint("id", name="bookings_pkey"),
    ForeignKeyConstraint(["zone_id"], ["zones.id"], name="bookings_zone_id_fkey"),
    Index(
        "bookings_reference_key",
        "booking_reference",
        "client_id",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("booking_reference IS NOT NULL"),
    ),
    Index(
        "bookings_client_idx",
        "client_id",
        "created_at",
        "id",
        postgresql_where=text("client_id IS NOT NULL"),
    ),
    Index("bookings_created_at_idx", "created_at", "id"),
    Index("bookings_start_date_idx", "start_date", "id"),
    Index("bookings_status_idx", "status", "created_at", "id"),
    Index("bookings_zone_id_idx", "zone_id", "created_at", "id"),
    Index(
        "bookings_franchise_id_idx",
        "zone_franchise_id",
        "created_at",
        "id",
        postgresql_where=text("zone_franchise_id IS NOT NULL"),
    ),
    Index(
        "bookings_trainer_id_idx",
        "trainer_id",
        "created_at",
        "id",
        postgresql_where=text("trainer_id IS NOT NULL"),
    ),
    Index("bookings_course_id_idx", "course_id", "created_at", "id"),
    Index(
        "bookings_line_idx",
        "zone_id",
        "course_id",
        "created_at",
        "id",
        postgresql_where=text("status = 'WAITLISTED'"),
    ),
    Index(
        "bookings_unserved_idx",
        "created_at",
        "id",
        postgresql_include=[
            "course_id",
            "latitude",
            "longitude",
            "nearest_zone_id",
            "nearest_zone_metres",
        ],
        postgresql_where=text("status = 'SERVICE_NOT_AVAILABLE'"),
    ),
)

booking_sessions = Table(
    "booking_sessions",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("mode", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("trainer_id", Uuid),
    Column("local_date", Date, nullable=False),
    Column("local_time", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("starts_at", _INSTANT, nullable=False),
    Column("ends_at", _INSTANT, nullable=False),
    Column("time_adjusted", Boolean, nullable=False),
    Column("movable", Boolean, nullable=False),
    PrimaryKeyConstraint("id", name="booking_sessions_pkey"),
    ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="booking_sessions_booking_id_fkey"),
    Index(
        "booking_sessions_number_key",
        "booking_id",
        "number",
        unique=True,
        postgresql_where=text("status <> 'REPLACED'"),
    ),
    Index("booking_sessions_local_date_idx", "local_date", "booking_id"),
    Index("booking_sessions_booking_id_idx", "booking_id"),
)

schedule_slots = Table(
    "schedule_slots",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("date", Date, nullable=False),
    Column("timeslot", Text, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("booking_id", Uuid),
    Column("session_id", Uuid),
    Column("reason", Text),
    Column("block_id", Uuid),
    PrimaryKeyConstraint("id", name="schedule_slots_pkey"),
    ExcludeConstraint(
        ("trainer_id", "="),
        ("during", "&&"),
        using="gist",
        where=text("live"),
        name="schedule_slots_overlap_excl",
    ),
    Index(
        "schedule_slots_timeslot_key",
        "trainer_id",
        "date",
        "timeslot",
        unique=True,
        postgresql_where=text("live"),
    ),
    Index(
        "schedule_slots_session_id_key",
        "session_id",
        unique=True,
        postgresql_where=text("live AND session_id IS NOT NULL"),
    ),
    Index(
        "schedule_slots_given_up_idx",
        "trainer_id",
        "date",
        postgresql_where=text("NOT live AND session_id IS NOT NULL"),
    ),
    Index(
        "schedule_slots_block_id_idx",
        "block_id",
        postgresql_where=text("live AND block_id IS NOT NULL"),
    ),
)

trainer_blocks = Table(
    "trainer_blocks",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("periods", JSONB, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text),
    Column("created_at", _INSTANT, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("id", name="trainer_blocks_pkey"),
    Index(
        "trainer_blocks_trainer_id_idx",
        "trainer_id",
        "last_day",
        postgresql_where=text("NOT removed"),
    ),
)

assignment_receipts = Table(
    "assignment_receipts",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("booking_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("document", Text, nullable=False),
    Column("candidates", LargeBinary),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="assignment_receipts_pkey"),
    ForeignKeyConstraint(
        ["booking_id"], ["bookings.id"], name="assignment_receipts_booking_id_fkey"
    ),
    UniqueConstraint("booking_id", "version", name="assignment_receipts_version_key"),
)

trainer_snapshots = Table(
    "trainer_snapshots",
    METADATA,
    Column("zone_id", Uuid, nullable=False),
    Column("course_id", Uuid),
    Column("franchise_id", Uuid),
    Column("as_of", _INSTANT, nullable=False),
    Column("trainers", Text, nullable=False),
    Column("asked_at", _INSTANT, nullable=False, server_default=func.now()),
    Column("tried_at", _INSTANT),
    UniqueConstraint(
        "zone_id",
        "course_id",
        "franchise_id",
        name="trainer_snapshots_question_key",
        postgresql_nulls_not_distinct=True,
    ),
    Index("trainer_snapshots_asked_idx", "asked_at"),
)

deployment_keys = Table(
    "deployment_keys",
    METADATA,
    Column("name", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("name", name="deployment_keys_pkey"),
)

add_certificate_tables(METADATA)
add_journal_tables(METADATA)
add_account_tables(METADATA)
add_second_factor_tables(METADATA)
add_api_key_tables(METADATA)
add_invitation_tables(METADATA)
add_job_tables(METADATA)
