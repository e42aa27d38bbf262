"""Invitations, resets of passwords, and accounts that wait for their first password.

Revision: 0013
Follows: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    # Without a password it was invited, and nobody logs in with it yet.
    "ALTER TABLE auth_accounts ALTER COLUMN password_hash DROP NOT NULL",
    # Who can administer accounts: seldom many, and asked before one of them goes.
    """
    CREATE INDEX auth_accounts_admins_idx ON auth_accounts (id)
        WHERE role = 'company_admin' AND NOT disabled AND password_hash IS NOT NULL
    """,
    # The newest invitation of an account; another one takes its place.
    """
    CREATE TABLE auth_invitations (
        account_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT auth_invitations_pkey PRIMARY KEY (account_id),
        CONSTRAINT auth_invitations_token_hash_key UNIQUE (token_hash),
        CONSTRAINT auth_invitations_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id)
    )
    """,
    # What was asked for an identifier in the last hour, also for one that nobody has: to ask
    # for either is one and the same statement. The token is gone when it was used.
    """
    CREATE TABLE auth_password_resets (
        identifier_hash bytea NOT NULL,
        account_id uuid,
        account_version integer,
        token_hash bytea,
        expires_at timestamptz NOT NULL,
        since timestamptz NOT NULL,
        asked integer NOT NULL,
        CONSTRAINT auth_password_resets_pkey PRIMARY KEY (identifier_hash),
        CONSTRAINT auth_password_resets_token_hash_key UNIQUE (token_hash),
        CONSTRAINT auth_password_resets_asked_check CHECK (asked >= 1),
        CONSTRAINT auth_password_resets_account_check
            CHECK ((account_id IS NULL) = (account_version IS NULL))
    )
    """,
    # Those that count and open nothing any more, to be deleted.
    "CREATE INDEX auth_password_resets_since_idx ON auth_password_resets (since)",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE auth_password_resets")
    op.execute("DROP TABLE auth_invitations")
    op.execute("DROP INDEX auth_accounts_admins_idx")
    # Nobody could log in with them, and nobody could before there were invitations.
    op.execute("DELETE FROM auth_accounts WHERE password_hash IS NULL")
    op.execute("ALTER TABLE auth_accounts ALTER COLUMN password_hash SET NOT NULL")
