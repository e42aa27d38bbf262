"""Queues that stand still, and indexes for those who look at jobs.

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A queue that has a row here is not worked on, by any worker.
    """
    CREATE TABLE paused_job_queues (
        queue text COLLATE "C" NOT NULL,
        paused_at timestamptz NOT NULL,
        paused_by text NOT NULL,
        CONSTRAINT paused_job_queues_pkey PRIMARY KEY (queue)
    )
    """,
    # What one request has caused.
    "CREATE INDEX jobs_correlation_idx ON jobs (correlation_id, id)",
    # What failed and is tried again; a job that does not fail is never in it.
    """
    CREATE INDEX jobs_failing_idx ON jobs (taken_at)
        WHERE state = 'WAITING' AND last_error IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX jobs_failing_idx")
    op.execute("DROP INDEX jobs_correlation_idx")
    op.execute("DROP TABLE paused_job_queues")
