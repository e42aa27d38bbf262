"""Whose a booking is: a client's own, or the company's.

Revision: 0008
Follows: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bookings ADD COLUMN client_id uuid")
    # A client's own bookings, newest first or oldest first.
    op.execute("""
        CREATE INDEX bookings_client_idx ON bookings (client_id, created_at, id)
        WHERE client_id IS NOT NULL
    """)
    # Each client calls bookings as they like, and so does the company: two of the same name
    # collide only where they are of one owner.
    op.execute("DROP INDEX bookings_reference_key")
    op.execute("""
        CREATE UNIQUE INDEX bookings_reference_key ON bookings (booking_reference, client_id)
        NULLS NOT DISTINCT WHERE booking_reference IS NOT NULL
    """)


def downgrade() -> None:
    op.execute("DROP INDEX bookings_reference_key")
    op.execute("""
        CREATE UNIQUE INDEX bookings_reference_key ON bookings (booking_reference)
        WHERE booking_reference IS NOT NULL
    """)
    op.execute("DROP INDEX bookings_client_idx")
    op.execute("ALTER TABLE bookings DROP COLUMN client_id")
