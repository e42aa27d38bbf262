"""Zones, bookings, sessions, slots, receipts, and what tells of them.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = (
    # Equality of uuid beside the overlap of ranges in one GiST index: the overlap guard.
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    # Points and boxes in three dimensions: poles and antimeridian need no special case.
    "CREATE EXTENSION IF NOT EXISTS cube",
)

FRANCHISES = (
    """
    CREATE TABLE franchises (
        id uuid NOT NULL,
        name text NOT NULL,
        folded_name text COLLATE "C" NOT NULL,
        time_zone text,
        status text NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT franchises_pkey PRIMARY KEY (id),
        CONSTRAINT franchises_folded_name_key UNIQUE (folded_name),
        CONSTRAINT franchises_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        CONSTRAINT franchises_version_check CHECK (version >= 1)
    )
    """,
    # The list in order of age; the list by name has the unique constraint's index.
    "CREATE INDEX franchises_created_at_idx ON franchises (created_at, id)",
)

ZONES = (
    """
    CREATE TABLE zones (
        id uuid NOT NULL,
        name text NOT NULL,
        folded_name text COLLATE "C" NOT NULL,
        franchise_id uuid,
        latitude double precision NOT NULL,
        longitude double precision NOT NULL,
        radius_km double precision NOT NULL,
        centre cube NOT NULL,
        reach cube NOT NULL,
        reach_chord double precision NOT NULL,
        time_zone text NOT NULL,
        priority integer NOT NULL,
        status text NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT zones_pkey PRIMARY KEY (id),
        CONSTRAINT zones_franchise_id_fkey FOREIGN KEY (franchise_id) REFERENCES franchises (id),
        CONSTRAINT zones_latitude_check CHECK (latitude BETWEEN -90 AND 90),
        CONSTRAINT zones_longitude_check CHECK (longitude BETWEEN -180 AND 180),
        CONSTRAINT zones_radius_km_check CHECK (radius_km > 0 AND radius_km <= 500),
        CONSTRAINT zones_reach_check CHECK (reach @> centre),
        CONSTRAINT zones_status_check CHECK (status IN ('ACTIVE', 'ARCHIVED')),
        CONSTRAINT zones_version_check CHECK (version >= 1)
    )
    """,
    # The name is unique among the company's zones; also the company's list by name.
    """
    CREATE UNIQUE INDEX zones_company_name_key ON zones (folded_name)
        WHERE franchise_id IS NULL
    """,
    # The name is unique within a franchise; also a franchise's list by name.
    """
    CREATE UNIQUE INDEX zones_franchise_name_key ON zones (franchise_id, folded_name)
        WHERE franchise_id IS NOT NULL
    """,
    # Which zones may cover a place: archived ones cover nothing.
    "CREATE INDEX zones_reach_idx ON zones USING gist (reach) WHERE status = 'ACTIVE'",
    # The nearest zone to a place that none covers, by `<->`. Boxes of a few nanometres fill the
    # pages of such an index better than points, and a search reads fewer of them.
    """
    CREATE INDEX zones_centre_idx ON zones USING gist (cube_enlarge(centre, '1e-15'::float8, 3))
        WHERE status = 'ACTIVE'
    """,
    # The list by name, whoever the operator is.
    "CREATE INDEX zones_folded_name_idx ON zones (folded_name, id)",
    # The list in order of age.
    "CREATE INDEX zones_created_at_idx ON zones (created_at, id)",
    # A franchise's list in order of age; also the check when a franchise is deleted.
    "CREATE INDEX zones_franchise_id_idx ON zones (franchise_id, created_at, id)",
    # The list of one time zone by name.
    "CREATE INDEX zones_time_zone_idx ON zones (time_zone, folded_name, id)",
    # The list of the few archived zones, which would else be sought among all.
    "CREATE INDEX zones_archived_idx ON zones (folded_name, id) WHERE status = 'ARCHIVED'",
)

BOOKINGS = (
    """
    CREATE TABLE bookings (
        id uuid NOT NULL,
        status text NOT NULL,
        course_id uuid NOT NULL,
        class_type text NOT NULL,
        total_sessions smallint NOT NULL,
        delivery_mode text NOT NULL,
        start_date date NOT NULL,
        preferred_time_slot text NOT NULL,
        latitude double precision NOT NULL,
        longitude double precision NOT NULL,
        students jsonb NOT NULL,
        booking_reference text,
        fingerprint bytea NOT NULL,
        preferred_trainer_id uuid,
        excluded_trainer_ids uuid[] NOT NULL,
        ranking_policy text,
        zone_id uuid,
        zone_name text,
        zone_franchise_id uuid,
        zone_time_zone text,
        nearest_zone_id uuid,
        nearest_zone_name text,
        nearest_zone_metres double precision,
        trainer_id uuid,
        trainer_name text,
        receipt_id uuid,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT bookings_pkey PRIMARY KEY (id),
        CONSTRAINT bookings_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zones (id),
        CONSTRAINT bookings_status_check CHECK (status IN (
            'ASSIGNED', 'WAITLISTED', 'SERVICE_NOT_AVAILABLE', 'PENDING', 'EXPIRED',
            'COMPLETED', 'CANCELLED')),
        CONSTRAINT bookings_class_type_check CHECK (class_type IN (
            'ONE_ON_ONE', 'ONE_ON_TWO', 'ONE_ON_THREE', 'HYBRID')),
        CONSTRAINT bookings_delivery_mode_check CHECK (
            delivery_mode IN ('DAILY', 'SUNDAY_ONLY')),
        CONSTRAINT bookings_total_sessions_check CHECK (total_sessions IN (10, 20, 30)),
        CONSTRAINT bookings_latitude_check CHECK (latitude BETWEEN -90 AND 90),
        CONSTRAINT bookings_longitude_check CHECK (longitude BETWEEN -180 AND 180),
        CONSTRAINT bookings_students_check CHECK (jsonb_typeof(students) = 'array'),
        CONSTRAINT bookings_zone_check CHECK (
            num_nulls(zone_id, zone_name, zone_time_zone) IN (0, 3)
            AND (zone_franchise_id IS NULL OR zone_id IS NOT NULL)),
        CONSTRAINT bookings_nearest_zone_check CHECK (
            num_nulls(nearest_zone_id, nearest_zone_name, nearest_zone_metres) IN (0, 3)),
        CONSTRAINT bookings_served_check CHECK (
            status NOT IN ('ASSIGNED', 'WAITLISTED') OR zone_id IS NOT NULL),
        CONSTRAINT bookings_assigned_check CHECK (
            status <> 'ASSIGNED' OR trainer_id IS NOT NULL),
        CONSTRAINT bookings_version_check CHECK (version >= 1)
    )
    """,
    # One reference, one booking.
    """
    CREATE UNIQUE INDEX bookings_reference_key ON bookings (booking_reference)
        WHERE booking_reference IS NOT NULL
    """,
    # The list in order of age, without a filter.
    "CREATE INDEX bookings_created_at_idx ON bookings (created_at, id)",
    # The list in order of the first day.
    "CREATE INDEX bookings_start_date_idx ON bookings (start_date, id)",
    # The list of one state.
    "CREATE INDEX bookings_status_idx ON bookings (status, created_at, id)",
    # The list of one zone; also the check when a zone is deleted.
    "CREATE INDEX bookings_zone_id_idx ON bookings (zone_id, created_at, id)",
    # The list of one franchise; most bookings are the company's and are left out.
    """
    CREATE INDEX bookings_franchise_id_idx ON bookings (zone_franchise_id, created_at, id)
        WHERE zone_franchise_id IS NOT NULL
    """,
    # The list of one trainer; waiting bookings have none.
    """
    CREATE INDEX bookings_trainer_id_idx ON bookings (trainer_id, created_at, id)
        WHERE trainer_id IS NOT NULL
    """,
    # The list of one course.
    "CREATE INDEX bookings_course_id_idx ON bookings (course_id, created_at, id)",
    # The line of a zone and course, in which a waitlisted booking has its place.
    """
    CREATE INDEX bookings_line_idx ON bookings (zone_id, course_id, created_at, id)
        WHERE status = 'WAITLISTED'
    """,
)

SESSIONS = (
    """
    CREATE TABLE booking_sessions (
        id uuid NOT NULL,
        booking_id uuid NOT NULL,
        number smallint NOT NULL,
        mode text NOT NULL,
        status text NOT NULL,
        trainer_id uuid,
        local_date date NOT NULL,
        local_time text NOT NULL,
        time_zone text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        time_adjusted boolean NOT NULL,
        movable boolean NOT NULL,
        CONSTRAINT booking_sessions_pkey PRIMARY KEY (id),
        CONSTRAINT booking_sessions_booking_id_fkey
            FOREIGN KEY (booking_id) REFERENCES bookings (id),
        CONSTRAINT booking_sessions_number_check CHECK (number BETWEEN 1 AND 30),
        CONSTRAINT booking_sessions_mode_check CHECK (mode IN ('OFFLINE', 'ONLINE')),
        CONSTRAINT booking_sessions_status_check CHECK (status IN (
            'PLANNED', 'SCHEDULED', 'STRANDED', 'COMPLETED', 'VOIDED', 'NO_SHOW',
            'CANCELLED', 'REPLACED')),
        CONSTRAINT booking_sessions_scheduled_check CHECK (
            status <> 'SCHEDULED' OR trainer_id IS NOT NULL),
        CONSTRAINT booking_sessions_order_check CHECK (starts_at < ends_at)
    )
    """,
    # Each number of a booking once; a replaced session has given its number away.
    """
    CREATE UNIQUE INDEX booking_sessions_number_key ON booking_sessions (booking_id, number)
        WHERE status <> 'REPLACED'
    """,
    # The list of bookings with a session on one day.
    "CREATE INDEX booking_sessions_local_date_idx ON booking_sessions (local_date, booking_id)",
    # Every session of a booking, the replaced ones among them.
    "CREATE INDEX booking_sessions_booking_id_idx ON booking_sessions (booking_id)",
)

SLOTS = (
    """
    CREATE TABLE schedule_slots (
        id uuid NOT NULL,
        trainer_id uuid NOT NULL,
        date date NOT NULL,
        timeslot text NOT NULL,
        during tstzrange NOT NULL,
        live boolean NOT NULL,
        time_zone text NOT NULL,
        state text NOT NULL,
        booking_id uuid,
        session_id uuid,
        reason text,
        CONSTRAINT schedule_slots_pkey PRIMARY KEY (id),
        CONSTRAINT schedule_slots_timeslot_check CHECK (
            timeslot ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
        CONSTRAINT schedule_slots_during_check CHECK (
            lower_inc(during) AND NOT upper_inc(during) AND NOT upper_inf(during)),
        CONSTRAINT schedule_slots_state_check CHECK (state IN ('BOOKED', 'BLOCKED')),
        CONSTRAINT schedule_slots_holder_check CHECK (
            num_nulls(booking_id, session_id) = CASE state WHEN 'BOOKED' THEN 0 ELSE 2 END),
        CONSTRAINT schedule_slots_reason_check CHECK (reason IS NULL OR state = 'BLOCKED'),
        -- The guard against overlap in absolute time. It also finds, for each candidate,
        -- what collides with a plan.
        CONSTRAINT schedule_slots_overlap_excl
            EXCLUDE USING gist (trainer_id WITH =, during WITH &&) WHERE (live)
    )
    """,
    # The guard of one trainer, date and timeslot. It also finds equal wall times, a
    # trainer's schedule by date, and the minutes booked in a window.
    """
    CREATE UNIQUE INDEX schedule_slots_timeslot_key
        ON schedule_slots (trainer_id, date, timeslot) WHERE live
    """,
    # A session has one live slot at most.
    """
    CREATE UNIQUE INDEX schedule_slots_session_id_key ON schedule_slots (session_id)
        WHERE live AND session_id IS NOT NULL
    """,
)

RECORDS = (
    """
    CREATE TABLE assignment_receipts (
        id uuid NOT NULL,
        booking_id uuid NOT NULL,
        kind text NOT NULL,
        created_at timestamptz NOT NULL,
        document text NOT NULL,
        -- Packed by the adapter; to compress what is packed would cost and give nothing.
        candidates bytea,
        CONSTRAINT assignment_receipts_pkey PRIMARY KEY (id),
        CONSTRAINT assignment_receipts_booking_id_fkey
            FOREIGN KEY (booking_id) REFERENCES bookings (id)
    )
    """,
    "ALTER TABLE assignment_receipts ALTER COLUMN candidates SET STORAGE EXTERNAL",
    # A booking's receipts, oldest first.
    """
    CREATE INDEX assignment_receipts_booking_id_idx
        ON assignment_receipts (booking_id, created_at, id)
    """,
    """
    CREATE TABLE outbox_events (
        id uuid NOT NULL,
        position bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        correlation_id text NOT NULL,
        event text NOT NULL,
        payload jsonb NOT NULL,
        CONSTRAINT outbox_events_pkey PRIMARY KEY (id),
        -- The order of telling.
        CONSTRAINT outbox_events_position_key UNIQUE (position)
    )
    """,
    """
    CREATE TABLE audit_entries (
        id uuid NOT NULL,
        position bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject_kind text NOT NULL,
        subject_id uuid NOT NULL,
        franchise_id uuid,
        correlation_id text NOT NULL,
        change jsonb NOT NULL,
        CONSTRAINT audit_entries_pkey PRIMARY KEY (id),
        CONSTRAINT audit_entries_position_key UNIQUE (position)
    )
    """,
    # What was done to one thing.
    "CREATE INDEX audit_entries_subject_idx ON audit_entries (subject_id, position)",
    """
    CREATE FUNCTION audit_entries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit entries are only ever added' USING ERRCODE = '2F002';
    END
    $$
    """,
    """
    CREATE TRIGGER audit_entries_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse_change()
    """,
    """
    CREATE TABLE trainer_snapshots (
        zone_id uuid NOT NULL,
        course_id uuid NOT NULL,
        franchise_id uuid,
        as_of timestamptz NOT NULL,
        trainers text NOT NULL,
        -- The question; the company's trainers have no franchise, and ask but once too.
        CONSTRAINT trainer_snapshots_question_key
            UNIQUE NULLS NOT DISTINCT (zone_id, course_id, franchise_id)
    )
    """,
    """
    CREATE TABLE deployment_keys (
        name text NOT NULL,
        key bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT deployment_keys_pkey PRIMARY KEY (name)
    )
    """,
)

TABLES = (
    "deployment_keys",
    "trainer_snapshots",
    "audit_entries",
    "outbox_events",
    "assignment_receipts",
    "schedule_slots",
    "booking_sessions",
    "bookings",
    "zones",
    "franchises",
)


def upgrade() -> None:
    for statement in (
        *EXTENSIONS,
        *FRANCHISES,
        *ZONES,
        *BOOKINGS,
        *SESSIONS,
        *SLOTS,
        *RECORDS,
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION audit_entries_refuse_change")
    # The extensions stay: they may have been there before, and others may use them.
