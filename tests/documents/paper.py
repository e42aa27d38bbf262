"""Reads a certificate back: by PDFium as a viewer shows it, its QR code as a camera sees it."""

from __future__ import annotations

import pypdfium2
import zxingcpp
from msgspec import Struct

_DOTS_PER_POINT = 2.0


class Paper(Struct, frozen=True):
    """What somebody sees who holds it.

    Attributes:
        pages: How many there are.
        lines: Of the only page, from top to bottom.
        codes: What its QR codes say.
        metadata: What the file says of itself.
    """

    pages: int
    lines: list[str]
    codes: list[str]
    metadata: dict[str, str]


def paper_of(pdf: bytes) -> Paper:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text = page.get_textpage().get_text_range()
        return Paper(len(document), text.splitlines(), _codes(page), document.get_metadata_dict())


def _codes(page: pypdfium2.PdfPage) -> list[str]:
    picture = page.render(scale=_DOTS_PER_POINT, grayscale=True)
    dots = memoryview(bytes(picture.buffer)).cast("B", (picture.height, picture.stride))
    return [code.text for code in zxingcpp.read_barcodes(dots)]
