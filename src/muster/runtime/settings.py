"""The settings of the core: one Struct for each section, every field with a default."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from msgspec import Struct, field

from muster.domain.certificate_names import NameDisplay
from muster.plugin_api.settings_fields import setting

__all__ = [
    "AccessSettings",
    "AssignmentSettings",
    "AuditSettings",
    "CertificateSettings",
    "CoreSettings",
    "EmbeddedSettings",
    "EventSettings",
    "HttpSettings",
    "LogFormat",
    "LogSettings",
    "OpenAccess",
    "PluginSettings",
]


class OpenAccess(Enum):
    """What somebody may do while no plugin authenticates."""

    LOOPBACK = "loopback"
    EVERYWHERE = "everywhere"
    NOBODY = "nobody"


class LogFormat(Enum):
    """How a log line is written."""

    JSON = "json"
    PRETTY = "pretty"


class HttpSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the API is served."""

    host: Annotated[str, setting("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, setting("Port to listen on; 0 picks a free one.", ge=0, le=65535)] = 8000
    workers: Annotated[int, setting("Server processes.", ge=1, le=64)] = 1
    max_body_bytes: Annotated[
        int, setting("Largest request body, in bytes; a larger one is 413.", ge=1024)
    ] = 10_000_000
    client_seconds: Annotated[
        float,
        setting(
            "How long a client may take to send a request whole, or to take what waits for it, "
            "in seconds.",
            gt=0,
        ),
    ] = 30.0
    drain_seconds: Annotated[
        float,
        setting("How long to keep serving after SIGTERM while unready, in seconds.", ge=0, le=300),
    ] = 2.0
    grace_seconds: Annotated[
        float,
        setting("How long requests in flight may take after that, in seconds.", ge=0, le=300),
    ] = 20.0


class AccessSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is let in while no plugin authenticates."""

    open: Annotated[
        OpenAccess,
        setting(
            "Who has every permission while no enabled plugin authenticates: 'loopback' "
            "(a server that listens on loopback only, else it does not start), "
            "'everywhere' or 'nobody'."
        ),
    ] = OpenAccess.LOOPBACK


class PluginSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which plugins take part, and which adapter stands behind each port."""

    enabled: Annotated[
        tuple[str, ...], setting("Names of the plugins that take part; only these are imported.")
    ] = ("postgres", "trainer_http", "auth", "edge", "mail", "jobs", "documents")
    ports: Annotated[
        dict[str, str],
        setting("For each port that several plugins provide, the provider to use (port=provider)."),
    ] = field(default_factory=dict)


class AssignmentSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How trainers are assigned."""

    policy: Annotated[
        str,
        setting(
            "The ranking policy of bookings that name none: 'balanced', 'nearest' or a plugin's."
        ),
    ] = "balanced"


class EventSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How plugins that subscribe are told of events."""

    poll_seconds: Annotated[
        float,
        setting("How often a server looks for events to tell, in seconds.", ge=0.05, le=60),
    ] = 1.0
    retry_seconds: Annotated[
        float,
        setting(
            "How long to wait before an event that was not heard is told again, in seconds; "
            "then twice as long each time, up to 5 minutes.",
            gt=0,
            le=300,
        ),
    ] = 1.0


_SHORTEST_SECRET = 32
"""Characters of what something is signed with."""


class AuditSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the audit trail is sealed, and where its checkpoints are kept."""

    seal_seconds: Annotated[
        float,
        setting(
            "How often a server seals what was committed to the audit trail, in seconds.",
            ge=0.05,
            le=60,
        ),
    ] = 1.0
    checkpoint_seconds: Annotated[
        float,
        setting(
            "How often a server writes a signed checkpoint of what has grown, in seconds.",
            ge=1,
            le=3600,
        ),
    ] = 60.0
    checkpoint_directory: Annotated[
        str | None,
        setting(
            "Directory of the file of checkpoints, out of reach of whoever administers the "
            "database; unset, they are in the log only, and with the embedded PostgreSQL beside "
            "its data."
        ),
    ] = None
    checkpoint_secret: Annotated[
        str | None,
        setting(
            "What checkpoints are signed with, at least 32 characters; unset, a key that lies in "
            "the database, which does not stop whoever can read that.",
            secret=True,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: The secret could be guessed.
        """
        secret = self.checkpoint_secret
        if secret is not None and len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"the checkpoint secret has fewer than {_SHORTEST_SECRET} characters")


class CertificateSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the company's certificates show to whoever verifies them."""

    company: Annotated[str, setting("The company's name, as its certificates show it.")] = "Muster"
    names: Annotated[
        NameDisplay,
        setting(
            "How much of a student's name everybody sees who verifies a certificate: 'HIDDEN', "
            "'INITIALS' or 'FULL'; a franchise may say otherwise for its own."
        ),
    ] = NameDisplay.INITIALS


class EmbeddedSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What runs inside when no address is given for it."""

    data_directory: Annotated[
        str | None,
        setting("Where the embedded PostgreSQL keeps its data; a place of the user's by default."),
    ] = None
    postgres_binaries: Annotated[
        str | None,
        setting("Directory with initdb and pg_ctl; found by itself by default."),
    ] = None


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is logged, and how."""

    level: Annotated[
        str,
        setting(
            "Least severe level logged: DEBUG, INFO, WARNING or ERROR.",
            pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        ),
    ] = "INFO"
    format: Annotated[LogFormat, setting("'json' or 'pretty'.")] = LogFormat.JSON


class CoreSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The core's sections; plugins add theirs under their names."""

    http: HttpSettings = field(default_factory=HttpSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    plugins: PluginSettings = field(default_factory=PluginSettings)
    embedded: EmbeddedSettings = field(default_factory=EmbeddedSettings)
    log: LogSettings = field(default_factory=LogSettings)
    certificates: CertificateSettings = field(default_factory=CertificateSettings)
    assignment: AssignmentSettings = field(default_factory=AssignmentSettings)
    events: EventSettings = field(default_factory=EventSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
