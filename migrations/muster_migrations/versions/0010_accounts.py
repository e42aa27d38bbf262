"""Accounts, their sessions and tokens, the keys that sign, and failed attempts.

Revision: 0010
Follows: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    # Logins look an account up by its canonical identifier, which the constraint indexes.
    """
    CREATE TABLE auth_accounts (
        id uuid NOT NULL,
        identifier text COLLATE "C" NOT NULL,
        display_name text NOT NULL,
        role text NOT NULL,
        franchise_id uuid,
        trainer_id uuid,
        client_id uuid,
        password_hash text NOT NULL,
        disabled boolean NOT NULL DEFAULT false,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT auth_accounts_pkey PRIMARY KEY (id),
        CONSTRAINT auth_accounts_identifier_key UNIQUE (identifier),
        CONSTRAINT auth_accounts_version_check CHECK (version >= 1),
        CONSTRAINT auth_accounts_scope_check CHECK (
            (role = 'company_admin' AND num_nonnulls(franchise_id, trainer_id, client_id) = 0)
            OR (role = 'franchise_manager' AND franchise_id IS NOT NULL
                AND num_nonnulls(trainer_id, client_id) = 0)
            OR (role = 'trainer' AND trainer_id IS NOT NULL
                AND num_nonnulls(franchise_id, client_id) = 0)
            OR (role = 'client' AND client_id IS NOT NULL
                AND num_nonnulls(franchise_id, trainer_id) = 0)
        )
    )
    """,
    # A family of refresh tokens; its row is what two refreshes at once wait for. It is changed
    # in place at each refresh, for which the pages keep room.
    """
    CREATE TABLE auth_sessions (
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        fingerprint bytea NOT NULL,
        user_agent text NOT NULL,
        generation integer NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        ended_because text,
        CONSTRAINT auth_sessions_pkey PRIMARY KEY (id),
        CONSTRAINT auth_sessions_account_id_fkey
            FOREIGN KEY (account_id) REFERENCES auth_accounts (id),
        CONSTRAINT auth_sessions_generation_check CHECK (generation >= 1),
        CONSTRAINT auth_sessions_ended_check
            CHECK ((ended_at IS NULL) = (ended_because IS NULL))
    ) WITH (fillfactor = 70)
    """,
    # One's live sessions, to list them and to end them all.
    """
    CREATE INDEX auth_sessions_live_idx ON auth_sessions (account_id, created_at, id)
        WHERE ended_at IS NULL
    """,
    # Sessions that are over for good, to be deleted.
    "CREATE INDEX auth_sessions_expires_at_idx ON auth_sessions (expires_at)",
    # Every token of a family, so that one that was used before is known when it comes again.
    # The unique constraint keeps a generation to one token, and finds the tokens of a session
    # when it is deleted.
    """
    CREATE TABLE auth_refresh_tokens (
        hash bytea NOT NULL,
        session_id uuid NOT NULL,
        generation integer NOT NULL,
        used_at timestamptz,
        successor_salt bytea,
        CONSTRAINT auth_refresh_tokens_pkey PRIMARY KEY (hash),
        CONSTRAINT auth_refresh_tokens_generation_key UNIQUE (session_id, generation),
        CONSTRAINT auth_refresh_tokens_session_id_fkey
            FOREIGN KEY (session_id) REFERENCES auth_sessions (id) ON DELETE CASCADE,
        CONSTRAINT auth_refresh_tokens_used_check
            CHECK (successor_salt IS NULL OR used_at IS NOT NULL)
    ) WITH (fillfactor = 80)
    """,
    # Access tokens of no session that are dead before their time.
    """
    CREATE TABLE auth_revocations (
        jti uuid NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT auth_revocations_pkey PRIMARY KEY (jti)
    )
    """,
    # Those that have expired, to be deleted.
    "CREATE INDEX auth_revocations_expires_at_idx ON auth_revocations (expires_at)",
    """
    CREATE TABLE auth_signing_keys (
        kid text NOT NULL,
        private_key text NOT NULL,
        created_at timestamptz NOT NULL,
        retired_at timestamptz,
        CONSTRAINT auth_signing_keys_pkey PRIMARY KEY (kid)
    )
    """,
    # One key is not retired: two servers that make the first at once make one.
    """
    CREATE UNIQUE INDEX auth_signing_keys_current_key
        ON auth_signing_keys ((retired_at IS NULL)) WHERE retired_at IS NULL
    """,
    # Attempts that failed or are being evaluated, by a hash: what people type as their
    # identifier may be their password.
    """
    CREATE TABLE auth_failures (
        id uuid NOT NULL,
        identifier_hash bytea NOT NULL,
        at timestamptz NOT NULL,
        settled boolean NOT NULL,
        CONSTRAINT auth_failures_pkey PRIMARY KEY (id)
    )
    """,
    # How many there were of an identifier in the last minutes.
    "CREATE INDEX auth_failures_identifier_idx ON auth_failures (identifier_hash, at)",
    # Those that count no more, to be deleted.
    "CREATE INDEX auth_failures_at_idx ON auth_failures (at)",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE auth_failures")
    op.execute("DROP TABLE auth_signing_keys")
    op.execute("DROP TABLE auth_revocations")
    op.execute("DROP TABLE auth_refresh_tokens")
    op.execute("DROP TABLE auth_sessions")
    op.execute("DROP TABLE auth_accounts")
