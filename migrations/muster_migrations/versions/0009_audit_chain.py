"""The chain of the audit trail: from where, what is still to be sealed, and the seals.

Revision: 0009
Follows: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHAIN = (
    # The address of the client; entries on the command line have none.
    "ALTER TABLE audit_entries ADD COLUMN address text",
    # The list, newest first, of all and of one franchise.
    "CREATE INDEX audit_entries_at_idx ON audit_entries (at, id)",
    """
    CREATE INDEX audit_entries_franchise_idx ON audit_entries (franchise_id, at, id)
        WHERE franchise_id IS NOT NULL
    """,
    # Written by whoever writes an entry, in the same transaction; the sealer removes it.
    """
    CREATE TABLE audit_unsealed (
        entry_id uuid NOT NULL,
        CONSTRAINT audit_unsealed_pkey PRIMARY KEY (entry_id)
    )
    """,
    """
    CREATE TABLE audit_seals (
        stream uuid NOT NULL,
        sequence bigint NOT NULL,
        entry_id uuid NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT audit_seals_pkey PRIMARY KEY (stream, sequence),
        CONSTRAINT audit_seals_entry_id_key UNIQUE (entry_id),
        CONSTRAINT audit_seals_sequence_check CHECK (sequence >= 1),
        CONSTRAINT audit_seals_hash_check CHECK (octet_length(hash) = 32)
    )
    """,
    """
    CREATE TRIGGER audit_seals_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse_change()
    """,
    # What was done before there was a chain is sealed as it is now.
    "INSERT INTO audit_unsealed (entry_id) SELECT id FROM audit_entries",
)


def upgrade() -> None:
    for statement in CHAIN:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE audit_seals")
    op.execute("DROP TABLE audit_unsealed")
    op.execute("DROP INDEX audit_entries_franchise_idx")
    op.execute("DROP INDEX audit_entries_at_idx")
    op.execute("ALTER TABLE audit_entries DROP COLUMN address")
