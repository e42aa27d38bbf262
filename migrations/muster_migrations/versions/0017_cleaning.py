"""Indexes for those who delete what has had its time.

Revision: 0017
Follows: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Those that open nothing any more, to be deleted.
    "CREATE INDEX auth_invitations_expires_at_idx ON auth_invitations (expires_at)",
    # Those that happened long ago.
    "CREATE INDEX outbox_events_at_idx ON outbox_events (at)",
    # Whether anybody is still to be told of an event, which is asked for each that is deleted;
    # by the primary key every subscriber would have to be asked.
    "CREATE INDEX event_deliveries_event_idx ON event_deliveries (event_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX event_deliveries_event_idx")
    op.execute("DROP INDEX outbox_events_at_idx")
    op.execute("DROP INDEX auth_invitations_expires_at_idx")
