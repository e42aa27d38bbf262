"""When a question to the trainer service was last asked for somebody, and last in vain.

Revision: 0019
Follows: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A server of before keeps an answer only when somebody has asked, and does not say when.
    op.execute(
        "ALTER TABLE trainer_snapshots ADD COLUMN asked_at timestamptz NOT NULL DEFAULT now(),"
        " ADD COLUMN tried_at timestamptz"
    )
    op.execute("UPDATE trainer_snapshots SET asked_at = as_of")
    op.execute("CREATE INDEX trainer_snapshots_asked_idx ON trainer_snapshots (asked_at)")


def downgrade() -> None:
    op.execute("DROP INDEX trainer_snapshots_asked_idx")
    op.execute("ALTER TABLE trainer_snapshots DROP COLUMN asked_at, DROP COLUMN tried_at")
