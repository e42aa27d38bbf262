"""Second factors and what belongs to them, sealed signing keys, and failures by address.

Revision: 0011
Follows: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    # One for each account; of one that is not confirmed yet, nothing is asked.
    """
    CREATE TABLE auth_second_factors (
        account_id uuid NOT NULL,
        sealed_secret bytea NOT NULL,
        begun_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        CONSTRAINT auth_second_factors_pkey PRIMARY KEY (account_id),
        CONSTRAINT auth_second_factors_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id)
    )
    """,
    # The primary key is what lets each step be used once by an account.
    """
    CREATE TABLE auth_used_steps (
        account_id uuid NOT NULL,
        step bigint NOT NULL,
        CONSTRAINT auth_used_steps_pkey PRIMARY KEY (account_id, step),
        CONSTRAINT auth_used_steps_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id)
    )
    """,
    # Those that were not used yet.
    """
    CREATE TABLE auth_recovery_codes (
        account_id uuid NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT auth_recovery_codes_pkey PRIMARY KEY (account_id, hash),
        CONSTRAINT auth_recovery_codes_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id)
    )
    """,
    # Logins that have shown the password alone. Whatever changes the account ends them.
    """
    CREATE TABLE auth_pending_logins (
        hash bytea NOT NULL,
        account_id uuid NOT NULL,
        account_version integer NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT auth_pending_logins_pkey PRIMARY KEY (hash),
        CONSTRAINT auth_pending_logins_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id)
    )
    """,
    # Those that have expired, to be deleted.
    "CREATE INDEX auth_pending_logins_expires_at_idx ON auth_pending_logins (expires_at)",
    # Keys that stood here in the clear may stand in a backup: they are not sealed but
    # forgotten, and servers make a new one. Sessions get new access tokens by a refresh.
    "DELETE FROM auth_signing_keys",
    "ALTER TABLE auth_signing_keys DROP COLUMN private_key",
    "ALTER TABLE auth_signing_keys ADD COLUMN sealed_private_key bytea NOT NULL",
    "ALTER TABLE auth_failures ADD COLUMN address_hash bytea",
    # How many there were from an address in the last minutes.
    """
    CREATE INDEX auth_failures_address_idx ON auth_failures (address_hash, at)
        WHERE address_hash IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX auth_failures_address_idx")
    op.execute("ALTER TABLE auth_failures DROP COLUMN address_hash")
    op.execute("DELETE FROM auth_signing_keys")
    op.execute("ALTER TABLE auth_signing_keys DROP COLUMN sealed_private_key")
    op.execute("ALTER TABLE auth_signing_keys ADD COLUMN private_key text NOT NULL")
    op.execute("DROP TABLE auth_pending_logins")
    op.execute("DROP TABLE auth_recovery_codes")
    op.execute("DROP TABLE auth_used_steps")
    op.execute("DROP TABLE auth_second_factors")
