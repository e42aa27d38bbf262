"""Patience of those who ask for a job that runs, and an index for the dead jobs of a type.

Revision: 0016
Follows: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Whether all of those who asked while it ran let it go on to its end; it says nothing of
    # a job that nobody asked for again.
    "ALTER TABLE jobs ADD COLUMN asked_patiently boolean NOT NULL DEFAULT false",
    # Where one type has died 100,000 times, the others are counted without reading those.
    "CREATE INDEX jobs_dead_idx ON jobs (type, id) WHERE state = 'DEAD'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX jobs_dead_idx")
    op.execute("ALTER TABLE jobs DROP COLUMN asked_patiently")
