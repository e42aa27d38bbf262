"""The settings of certificates as documents."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from msgspec import Struct, field

from muster.plugin_api import setting

__all__ = ["DocumentsSettings"]

_LINK = re.compile(r"https?://[^\s/]\S*\{number\}\S*")


class DocumentsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the QR code leads, what courses are called, and further fonts."""

    verification_link: Annotated[
        str,
        setting(
            "Where a certificate's QR code leads, with '{number}' where its number goes: this API "
            "as everybody reaches it, or a page of one's own.",
            max_length=1000,
        ),
    ] = "http://127.0.0.1:8000/v1/certificates/{number}"
    course_titles: Annotated[
        dict[UUID, str],
        setting("What courses are called (id=title); one without a title is shown by its id."),
    ] = field(default_factory=dict)
    fonts: Annotated[
        tuple[str, ...],
        setting(
            "Directories of further fonts, for scripts other than Latin, Greek, Cyrillic, Hebrew "
            "and Devanagari."
        ),
    ] = ()

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: The link leads nowhere.
        """
        if not _LINK.fullmatch(self.verification_link):
            raise ValueError(
                f"{self.verification_link!r} is no link; write https://… with '{{number}}' in it"
            )
