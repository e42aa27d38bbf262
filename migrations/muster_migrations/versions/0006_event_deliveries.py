"""What subscribers of events have not heard yet.

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DELIVERIES = (
    # A row for each event and each subscriber who has not heard it; it goes when it is heard,
    # and is changed in place until then, for which the pages keep room.
    """
    CREATE TABLE event_deliveries (
        subscriber text NOT NULL,
        event_id uuid NOT NULL,
        position bigint GENERATED ALWAYS AS IDENTITY,
        subject_id uuid NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT '-infinity',
        parked boolean NOT NULL DEFAULT false,
        last_error text,
        CONSTRAINT event_deliveries_pkey PRIMARY KEY (subscriber, event_id),
        CONSTRAINT event_deliveries_event_id_fkey
            FOREIGN KEY (event_id) REFERENCES outbox_events (id),
        CONSTRAINT event_deliveries_attempts_check CHECK (attempts >= 0),
        CONSTRAINT event_deliveries_parked_check CHECK (NOT parked OR last_error IS NOT NULL)
    ) WITH (fillfactor = 70)
    """,
    # What a subscriber is to be told next.
    """
    CREATE INDEX event_deliveries_waiting_idx ON event_deliveries (subscriber, position)
        WHERE NOT parked
    """,
    # Whether it has to hear something else of the same subject before.
    """
    CREATE INDEX event_deliveries_subject_idx
        ON event_deliveries (subscriber, subject_id, position) WHERE NOT parked
    """,
)


def upgrade() -> None:
    for statement in DELIVERIES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE event_deliveries")
