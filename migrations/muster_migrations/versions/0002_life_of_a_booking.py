"""What happens to a booking after it is placed: blocks of time, and receipts by version.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BLOCKS = (
    """
    CREATE TABLE trainer_blocks (
        id uuid NOT NULL,
        trainer_id uuid NOT NULL,
        time_zone text NOT NULL,
        periods jsonb NOT NULL,
        first_day date NOT NULL,
        last_day date NOT NULL,
        reason text,
        created_at timestamptz NOT NULL,
        removed boolean NOT NULL DEFAULT false,
        CONSTRAINT trainer_blocks_pkey PRIMARY KEY (id),
        CONSTRAINT trainer_blocks_days_check CHECK (first_day <= last_day)
    )
    """,
    # A trainer's blocks by their days; those removed are never listed.
    """
    CREATE INDEX trainer_blocks_trainer_id_idx ON trainer_blocks (trainer_id, last_day)
        WHERE NOT removed
    """,
    "ALTER TABLE schedule_slots ADD COLUMN block_id uuid",
    # Time that was blocked before blocks had a record is a block of its own.
    "UPDATE schedule_slots SET block_id = id WHERE state = 'BLOCKED'",
    """
    INSERT INTO trainer_blocks (id, trainer_id, time_zone, periods, first_day, last_day, reason,
        created_at)
    SELECT id, trainer_id, time_zone,
        jsonb_build_array(jsonb_build_object('first_day', date, 'last_day', date,
            'from_time', timeslot, 'to_time', null)),
        date, date, reason, now()
    FROM schedule_slots WHERE state = 'BLOCKED' AND live
    """,
    """
    ALTER TABLE schedule_slots
        DROP CONSTRAINT schedule_slots_holder_check,
        ADD CONSTRAINT schedule_slots_holder_check CHECK (
            CASE state WHEN 'BOOKED' THEN num_nulls(booking_id, session_id) = 0
                    AND block_id IS NULL
                ELSE num_nonnulls(booking_id, session_id) = 0 AND block_id IS NOT NULL END)
    """,
    # The slots of one block, to free them.
    """
    CREATE INDEX schedule_slots_block_id_idx ON schedule_slots (block_id)
        WHERE live AND block_id IS NOT NULL
    """,
)

# Until now a booking was placed, which was version 1, or cancelled, which was its last.
RECEIPTS = (
    "ALTER TABLE assignment_receipts ADD COLUMN version integer",
    """
    UPDATE assignment_receipts AS receipt
    SET version = made.version,
        document = (receipt.document::jsonb || jsonb_build_object('version', made.version,
            'outcome', made.outcome, 'sessions', '[]'::jsonb))::text
    FROM (
        SELECT receipts.id,
            CASE kind WHEN 'PLACE' THEN 1 ELSE bookings.version END AS version,
            CASE WHEN kind = 'CANCEL' THEN 'CANCELLED'
                WHEN receipts.document::jsonb ->> 'chosen' IS NULL THEN 'WAITLISTED'
                ELSE 'ASSIGNED' END AS outcome
        FROM assignment_receipts AS receipts JOIN bookings ON bookings.id = receipts.booking_id
    ) AS made
    WHERE made.id = receipt.id
    """,
    """
    ALTER TABLE assignment_receipts
        ALTER COLUMN version SET NOT NULL,
        ADD CONSTRAINT assignment_receipts_version_check CHECK (version >= 1),
        -- Each version of a booking has one receipt; also a booking's receipts in order.
        ADD CONSTRAINT assignment_receipts_version_key UNIQUE (booking_id, version)
    """,
    "DROP INDEX assignment_receipts_booking_id_idx",
)

DOWN = (
    """
    CREATE INDEX assignment_receipts_booking_id_idx
        ON assignment_receipts (booking_id, created_at, id)
    """,
    # Revision 0001 knows no other kinds, and could not read them.
    "DELETE FROM assignment_receipts WHERE kind NOT IN ('PLACE', 'CANCEL')",
    """
    UPDATE assignment_receipts
    SET document = (document::jsonb - 'version' - 'outcome' - 'sessions')::text
    """,
    "ALTER TABLE assignment_receipts DROP COLUMN version",
    """
    ALTER TABLE schedule_slots
        DROP CONSTRAINT schedule_slots_holder_check,
        DROP COLUMN block_id,
        ADD CONSTRAINT schedule_slots_holder_check CHECK (
            num_nulls(booking_id, session_id) = CASE state WHEN 'BOOKED' THEN 0 ELSE 2 END)
    """,
    "DROP TABLE trainer_blocks",
)


def upgrade() -> None:
    for statement in (*BLOCKS, *RECEIPTS):
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
