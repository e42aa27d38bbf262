"""API keys of services, and the nonces of the requests that they signed.

Revision: 0012
Follows: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = (
    # A request finds its key by the hash. Rows stay: the audit trail names them.
    """
    CREATE TABLE auth_api_keys (
        id uuid NOT NULL,
        name text NOT NULL,
        prefix text NOT NULL,
        hash bytea NOT NULL,
        permissions text[] NOT NULL,
        franchise_id uuid,
        public_key text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        rotated_at timestamptz,
        revoked_at timestamptz,
        predecessor_id uuid,
        CONSTRAINT auth_api_keys_pkey PRIMARY KEY (id),
        CONSTRAINT auth_api_keys_hash_key UNIQUE (hash),
        CONSTRAINT auth_api_keys_predecessor_id_key UNIQUE (predecessor_id),
        CONSTRAINT auth_api_keys_predecessor_id_fkey
            FOREIGN KEY (predecessor_id) REFERENCES auth_api_keys (id),
        CONSTRAINT auth_api_keys_hash_check CHECK (octet_length(hash) = 32),
        CONSTRAINT auth_api_keys_permissions_check CHECK (cardinality(permissions) > 0)
    )
    """,
    # Its key is what lets a nonce be used once, on however many servers.
    """
    CREATE TABLE auth_nonces (
        key_id uuid NOT NULL,
        nonce text COLLATE "C" NOT NULL,
        kept_until timestamptz NOT NULL,
        CONSTRAINT auth_nonces_pkey PRIMARY KEY (key_id, nonce),
        CONSTRAINT auth_nonces_key_id_fkey FOREIGN KEY (key_id) REFERENCES auth_api_keys (id)
    )
    """,
    # Those that no signature can come with any more, to be deleted.
    "CREATE INDEX auth_nonces_kept_until_idx ON auth_nonces (kept_until)",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE auth_nonces")
    op.execute("DROP TABLE auth_api_keys")
