"""What a trainer's time was claimed for and is no more, for calendars.

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A trainer's slots that were given up, by day: lessons that were cancelled, stranded or
    # handed over stay in the trainer's calendar as such. Live ones have the guard's index.
    op.execute(
        """
        CREATE INDEX schedule_slots_given_up_idx ON schedule_slots (trainer_id, date)
            WHERE NOT live AND session_id IS NOT NULL
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX schedule_slots_given_up_idx")
