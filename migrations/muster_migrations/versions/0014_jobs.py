"""Jobs in the background and the schedules that ask for some.

Revision: 0014
Follows: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = (
    # A job is written five times in its life, so the pages keep room and are cleaned early.
    """
    CREATE TABLE jobs (
        id uuid NOT NULL,
        type text COLLATE "C" NOT NULL,
        state text NOT NULL,
        payload jsonb NOT NULL,
        unique_key text COLLATE "C",
        attempts integer NOT NULL DEFAULT 0,
        lease bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        asked_at timestamptz NOT NULL,
        run_at timestamptz NOT NULL,
        taken_at timestamptz,
        ended_at timestamptz,
        worker text,
        result jsonb,
        last_error text,
        correlation_id text NOT NULL,
        asked_again_by text,
        trace_context text,
        CONSTRAINT jobs_pkey PRIMARY KEY (id),
        CONSTRAINT jobs_state_check
            CHECK (state IN ('WAITING', 'RUNNING', 'DONE', 'DEAD', 'CANCELLED')),
        CONSTRAINT jobs_attempts_check CHECK (attempts >= 0),
        CONSTRAINT jobs_leased_check CHECK ((state = 'RUNNING') = (leased_until IS NOT NULL)),
        CONSTRAINT jobs_ended_check
            CHECK ((state IN ('WAITING', 'RUNNING')) = (ended_at IS NULL)),
        CONSTRAINT jobs_asked_again_check CHECK (asked_again_by IS NULL OR state = 'RUNNING')
    ) WITH (
        fillfactor = 70,
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_analyze_scale_factor = 0.05
    )
    """,
    # Of one unique key there is one live job; whoever asks for another finds it here.
    """
    CREATE UNIQUE INDEX jobs_live_key ON jobs (type, unique_key)
        WHERE unique_key IS NOT NULL AND state IN ('WAITING', 'RUNNING')
    """,
    # What is due of each type, the oldest first: a worker reads as many entries as it takes,
    # however many jobs wait for later or belong to types that it does not know.
    "CREATE INDEX jobs_due_idx ON jobs (type, run_at, id) WHERE state = 'WAITING'",
    # Leases that have run out.
    "CREATE INDEX jobs_leased_idx ON jobs (leased_until) WHERE state = 'RUNNING'",
    # What is over, to be shown and to be forgotten by age.
    "CREATE INDEX jobs_ended_idx ON jobs (state, ended_at, id) WHERE ended_at IS NOT NULL",
    # The last instant of each schedule for which jobs were asked.
    """
    CREATE TABLE job_ticks (
        schedule text COLLATE "C" NOT NULL,
        last_at timestamptz NOT NULL,
        CONSTRAINT job_ticks_pkey PRIMARY KEY (schedule)
    )
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE job_ticks")
    op.execute("DROP TABLE jobs")
