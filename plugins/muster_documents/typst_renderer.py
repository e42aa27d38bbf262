"""Certificates written by Typst, with a QR code by segno."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final
from unicodedata import category

from muster.domain.certificates import SESSIONS_TO_EARN
from muster.ports.certificate_documents import CertificateFacts, CertificateRenderer

if TYPE_CHECKING:
    import typst

__all__ = ["NEEDED", "TypstRenderer"]

NEEDED: Final = ("typst", "segno", "fontpkg", "fontpkg_noto_sans")
"""What it imports once it writes, or has others find."""

_PAGE = files("muster_documents").joinpath("certificate.typ").read_bytes()
_ARCHIVAL: Final = "a-2a"
"""PDF/A-2a: it holds all that it needs, and can be read aloud."""


class TypstRenderer(CertificateRenderer):
    """Writes certificates as PDF/A of one page."""

    def __init__(self, fonts: Sequence[str]) -> None:
        """Load nothing yet: most processes never write a certificate.

        Args:
            fonts: Directories of further fonts.
        """
        self._directories = tuple(fonts)

    def render(self, facts: CertificateFacts) -> bytes:
        """Return the document of a certificate."""
        import typst

        said = _said(facts)
        try:
            return self._compiled(facts, said, [_ARCHIVAL])
        except typst.TypstError:
            # PDF/A allows no box in the place of a sign for which there is no font.
            return self._compiled(facts, said, [])

    def _compiled(
        self, facts: CertificateFacts, said: dict[str, str], standards: list[typst.PDFStandard]
    ) -> bytes:
        import typst

        return typst.compile(
            _PAGE,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=standards,
            sys_inputs=said,
            timestamp=int(facts.issued_at.timestamp()),
        )

    @cached_property
    def _fonts(self) -> typst.Fonts:
        """The fonts that come with Typst and Noto Sans, then further ones; not the machine's.

        What a certificate looks like must not depend on where it was written.
        """
        import fontpkg
        import typst

        noto_sans = str(fontpkg.path("noto-sans").parent)
        return typst.Fonts(include_system_fonts=False, font_paths=[noto_sans, *self._directories])


def _said(facts: CertificateFacts) -> dict[str, str]:
    texts = {
        "number": facts.number,
        "student": facts.student_name,
        "course": facts.course,
        "booking": facts.booking,
        "company": facts.company,
        "issuer": _issuer(facts),
        "issued_on": facts.issued_on.isoformat(),
        "verification_url": facts.verification_url,
        "sessions": str(SESSIONS_TO_EARN),
    }
    said = {name: _printable(text) for name, text in texts.items()}
    return said | {"qr_code": _qr_code(facts.verification_url)}


def _issuer(facts: CertificateFacts) -> str:
    if facts.franchise is None:
        return facts.company
    return f"{facts.franchise}, a franchise of {facts.company}"


def _printable(text: str) -> str:
    """Return a text on one line, without what no font shows."""
    line = " ".join(text.split())
    return "".join(sign for sign in line if category(sign) not in ("Cc", "Cs"))


def _qr_code(url: str) -> str:
    import segno

    drawn = BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
