"""An index for the dead jobs of a type.

Revision: 0016
Follows: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Where one type has died 100,000 times, the others are counted without reading those.
    op.execute("CREATE INDEX jobs_dead_idx ON jobs (type, id) WHERE state = 'DEAD'")


def downgrade() -> None:
    op.execute("DROP INDEX jobs_dead_idx")
