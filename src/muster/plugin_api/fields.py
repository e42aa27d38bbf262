"""The types of fields that every list and every changed thing has."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

__all__ = ["CertificateText", "IdText", "Limit", "Version"]

_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_LARGEST_INTEGER = 2**31 - 1

IdText = Annotated[
    str,
    Meta(
        pattern=_UUID,
        max_length=36,
        description="A canonical, hyphenated UUID.",
        examples=["01a1fc6b-94f1-7553-a347-63cb791cc392"],
    ),
]
CertificateText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="A certificate number, however its case, hyphens and spaces are written.",
        examples=["CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"],
    ),
]
Version = Annotated[
    int, Meta(ge=1, le=_LARGEST_INTEGER, description="The version that the author has read.")
]
Limit = Annotated[int, Meta(ge=1, le=200, description="At most this many rows.")]
