"""Ranges of events that subscribers are told of once more.

Revision: 0020
Follows: 0019
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATEMENTS = (
    # since, until, from_position and to_position are what was asked for; the rest is what
    # becomes of it. Whoever asks for what runs already asks for that.
    """
    CREATE TABLE event_replays (
        id uuid NOT NULL,
        subscriber text COLLATE "C" NOT NULL,
        since timestamptz,
        until timestamptz,
        from_position bigint,
        to_position bigint,
        first_position bigint NOT NULL,
        last_position bigint NOT NULL,
        position bigint NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT '-infinity',
        last_error text,
        asked_at timestamptz NOT NULL,
        CONSTRAINT event_replays_pkey PRIMARY KEY (id),
        CONSTRAINT event_replays_wanted_key UNIQUE NULLS NOT DISTINCT
            (subscriber, since, until, from_position, to_position),
        CONSTRAINT event_replays_position_check
            CHECK (position BETWEEN first_position - 1 AND last_position),
        CONSTRAINT event_replays_attempts_check CHECK (attempts >= 0)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE event_replays")
