"""What is refused because a document must not look valid when its certificate is not."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError

__all__ = ["CertificateNotInForce", "CertificateSuspended"]


class CertificateSuspended(DomainError):
    """It is worth nothing at present; that may change."""

    code: ClassVar[str] = "CERTIFICATE_SUSPENDED"


class CertificateNotInForce(DomainError):
    """It was revoked or superseded; that stays so."""

    code: ClassVar[str] = "CERTIFICATE_NOT_IN_FORCE"
