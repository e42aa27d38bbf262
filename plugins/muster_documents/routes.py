"""The route that hands out certificates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath

from muster.plugin_api import CertificateText, HttpRoutes, caller_of, entity_tag, is_known
from muster_documents.documents import Documents

__all__ = ["document_routes"]

_PATH = "/v1/certificates/{number:str}/document"
_PDF = "application/pdf"


def document_routes(documents: Callable[[], Documents]) -> HttpRoutes:
    """Return the routes.

    Args:
        documents: Returns those of the running app.
    """

    @get(
        "/",
        operation_id="downloadCertificate",
        summary="Download a certificate",
        media_type=_PDF,
        responses={
            200: ResponseSpec(
                bytes, False, "The certificate.", _PDF, examples=[Example(value="%PDF-1.7 …")]
            ),
            304: ResponseSpec(None, False, "It is what the tag that was sent names"),
        },
    )
    async def download(
        request: Request[Any, Any, Any], number: FromPath[CertificateText]
    ) -> Response[bytes]:
        """Download a valid certificate as PDF, with a QR code that leads to its verification.

        A suspended one is refused, and so is one that was revoked or superseded.
        """
        wanted = await documents().wanted(number, caller_of(request))
        tag = entity_tag(wanted.edition)
        headers = {"ETag": tag, "Cache-Control": "private, max-age=0, must-revalidate"}
        if is_known(tag, request.headers):
            return Response(b"", status_code=304, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{wanted.facts.number}.pdf"'
        content = await documents().content(wanted)
        return Response(content, media_type=_PDF, headers=headers)

    return HttpRoutes([download], granted_path=_PATH, strict_parameters=True)
