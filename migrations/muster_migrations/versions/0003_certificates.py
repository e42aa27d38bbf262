"""Certificates, and how much of a name a franchise's certificates show.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CERTIFICATES = (
    """
    CREATE TABLE certificates (
        id uuid NOT NULL,
        number text NOT NULL,
        booking_id uuid NOT NULL,
        student_id uuid NOT NULL,
        student_name text NOT NULL,
        course_id uuid NOT NULL,
        franchise_id uuid,
        issued_on date NOT NULL,
        status text NOT NULL,
        revocation_reason text,
        supersedes uuid,
        reissue_reason text,
        superseded_by uuid,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT certificates_pkey PRIMARY KEY (id),
        -- A number is drawn again where it is taken; also the verification of a number.
        CONSTRAINT certificates_number_key UNIQUE (number),
        CONSTRAINT certificates_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings (id),
        CONSTRAINT certificates_supersedes_fkey
            FOREIGN KEY (supersedes) REFERENCES certificates (id),
        -- One is issued in another one's place at most once.
        CONSTRAINT certificates_supersedes_key UNIQUE (supersedes),
        -- The old one goes out of force before the new one comes in, hence the delay.
        CONSTRAINT certificates_superseded_by_fkey
            FOREIGN KEY (superseded_by) REFERENCES certificates (id)
            DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT certificates_superseded_by_key UNIQUE (superseded_by),
        CONSTRAINT certificates_status_check CHECK (
            status IN ('VALID', 'SUSPENDED', 'REVOKED', 'SUPERSEDED')),
        CONSTRAINT certificates_revoked_check CHECK (
            (status = 'REVOKED') = (revocation_reason IS NOT NULL)),
        CONSTRAINT certificates_reissued_check CHECK (
            (supersedes IS NULL) = (reissue_reason IS NULL)),
        CONSTRAINT certificates_superseded_check CHECK (CASE status
            WHEN 'REVOKED' THEN true
            WHEN 'SUPERSEDED' THEN superseded_by IS NOT NULL
            ELSE superseded_by IS NULL END),
        CONSTRAINT certificates_version_check CHECK (version >= 1)
    )
    """,
    # The guard: a student has one certificate in force for a booking, however many issue.
    """
    CREATE UNIQUE INDEX certificates_in_force_key ON certificates (booking_id, student_id)
        WHERE status NOT IN ('REVOKED', 'SUPERSEDED')
    """,
    # All certificates of a booking, oldest first.
    "CREATE INDEX certificates_booking_id_idx ON certificates (booking_id, created_at, id)",
    # A student's list in order of age.
    "CREATE INDEX certificates_student_id_idx ON certificates (student_id, created_at, id)",
)

FRANCHISES = """
    ALTER TABLE franchises
        ADD COLUMN certificate_names text,
        ADD CONSTRAINT franchises_certificate_names_check CHECK (
            certificate_names IN ('HIDDEN', 'INITIALS', 'FULL'))
"""


def upgrade() -> None:
    for statement in (*CERTIFICATES, FRANCHISES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE franchises DROP COLUMN certificate_names")
    op.execute("DROP TABLE certificates")
