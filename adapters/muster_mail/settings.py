"""The settings of mail."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from msgspec import Struct

from muster.plugin_api import setting

__all__ = ["MailSettings", "Tls"]


class Tls(Enum):
    """How a connection to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail goes, and how."""

    host: Annotated[
        str | None,
        setting("The mail server (SMTP); unset, mails are written into the directory instead."),
    ] = None
    port: Annotated[int, setting("Its port.", ge=1, le=65535)] = 587
    tls: Annotated[
        Tls,
        setting(
            "How the connection to it is encrypted: 'starttls', 'tls' (from its beginning, mostly "
            "port 465) or 'none'; its certificate must be good."
        ),
    ] = Tls.STARTTLS
    user: Annotated[str | None, setting("As whom to log in there; unset, nobody logs in.")] = None
    password: Annotated[str | None, setting("The password for that.", secret=True)] = None
    sender: Annotated[
        str, setting("From whom mails are: an address.", pattern=r"^[^\s@]+@[^\s@]+$")
    ] = "muster@localhost"
    timeout_seconds: Annotated[
        float, setting("After how many seconds sending a mail is given up.", gt=0, le=120)
    ] = 10.0
    directory: Annotated[
        str | None,
        setting(
            "Directory into which mails are written where no server is set, readable for nobody "
            "else; with the embedded PostgreSQL beside its data, else in a place of the user's by "
            "default."
        ),
    ] = None
