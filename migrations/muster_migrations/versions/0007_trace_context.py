"""The trace that an event belongs to, and how far subscribers are behind.

Revision: 0007
Follows: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A traceparent, so that whoever is told of the event goes on with the same trace.
    op.execute("ALTER TABLE outbox_events ADD COLUMN trace_context text")
    # What a subscriber failed to hear, without reading all that it is still to be told.
    op.execute("""
        CREATE INDEX event_deliveries_parked_idx ON event_deliveries (subscriber, position)
        WHERE parked
    """)


def downgrade() -> None:
    op.execute("DROP INDEX event_deliveries_parked_idx")
    op.execute("ALTER TABLE outbox_events DROP COLUMN trace_context")
