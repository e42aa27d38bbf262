"""Unserved demand by place, and the trainer service asked about a whole zone.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Unserved demand is grouped over all of it, so each of its bookings is read: here from the
# index alone, without the wide rows (students, fingerprint) and without anybody who is served.
UNSERVED = """
    CREATE INDEX bookings_unserved_idx ON bookings (created_at, id)
        INCLUDE (course_id, latitude, longitude, nearest_zone_id, nearest_zone_metres)
        WHERE status = 'SERVICE_NOT_AVAILABLE'
"""


def upgrade() -> None:
    op.execute(UNSERVED)
    # A question about a whole zone names no course.
    op.execute("ALTER TABLE trainer_snapshots ALTER COLUMN course_id DROP NOT NULL")


def downgrade() -> None:
    # What is remembered of the trainer service can be asked again.
    op.execute("DELETE FROM trainer_snapshots WHERE course_id IS NULL")
    op.execute("ALTER TABLE trainer_snapshots ALTER COLUMN course_id SET NOT NULL")
    op.execute("DROP INDEX bookings_unserved_idx")
