"""Certificates as they are handed out.

Revision: 0018
Follows: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What it says follows from the certificate, so it goes with it.
DOCUMENTS = """
    CREATE TABLE certificate_documents (
        certificate_id uuid NOT NULL,
        edition text COLLATE "C" NOT NULL,
        content bytea NOT NULL,
        rendered_at timestamptz NOT NULL,
        CONSTRAINT certificate_documents_pkey PRIMARY KEY (certificate_id),
        CONSTRAINT certificate_documents_certificate_id_fkey
            FOREIGN KEY (certificate_id) REFERENCES certificates (id) ON DELETE CASCADE
    )
"""


def upgrade() -> None:
    op.execute(DOCUMENTS)


def downgrade() -> None:
    op.execute("DROP TABLE certificate_documents")
