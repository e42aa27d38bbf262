"""The API pages: OpenAPI 3.1 and Swagger UI at ``/docs``, with every script served by us."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import swagger_ui_bundle
from litestar import Request, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import License
from litestar.static_files import create_static_files_router

from muster import __version__
from muster.http.openapi_completion import complete

__all__ = ["DOCS_PATH", "assets_router", "openapi_config"]

DOCS_PATH = "/docs"
"""Where people find the API pages."""

_ASSETS = f"{DOCS_PATH}/assets"
_SCHEMA = f"{DOCS_PATH}/openapi.json"
_NAME_OF_A_FILE = re.compile(r"[/A-Za-z0-9._-]{1,100}")

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster API</title>
<link rel="icon" type="image/png" href="{_ASSETS}/favicon-32x32.png">
<link rel="stylesheet" href="{_ASSETS}/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="{_ASSETS}/swagger-ui-bundle.js"></script>
<script src="{DOCS_PATH}/start.js"></script>
</body>
</html>
"""

_START = f"""SwaggerUIBundle({{
  url: "{_SCHEMA}",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
}});
"""


class _ApiPage(OpenAPIRenderPlugin):
    """Swagger UI without inline scripts and without a CDN."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page; it loads the schema by itself."""
        return _PAGE.encode()

    def receive_router(self, router: Router) -> None:
        """Serve the line that starts Swagger UI beside the page."""
        router.register(_start_script)


class _ApiSchema(JsonRenderPlugin):
    """The schema, with examples and the error answers that every operation shares."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the completed schema; it is completed once."""
        if self._rendered is None:
            self._rendered = self.render_json(request, complete(openapi_schema, request.app))
        return self._rendered


@get("/start.js", media_type="text/javascript", include_in_schema=False)
async def _start_script() -> str:
    return _START


def openapi_config() -> OpenAPIConfig:
    """Return how the API is described."""
    return OpenAPIConfig(
        title="Muster",
        version=__version__,
        summary="Assigns trainers to bookings, never double-books, explains every choice.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path=DOCS_PATH,
        render_plugins=[_ApiPage(), _ApiSchema()],
        openapi_router=Router(
            DOCS_PATH, route_handlers=[], include_in_schema=False, before_request=_only_pages
        ),
        use_handler_docstrings=True,
    )


def assets_router() -> Router:
    """Return the routes of Swagger UI's own files."""
    return create_static_files_router(
        path=_ASSETS,
        directories=[Path(str(swagger_ui_bundle.swagger_ui_path))],
        include_in_schema=False,
        guards=[_only_names_of_files],
    )


async def _only_pages(request: Request[Any, Any, Any]) -> None:
    """Answer the envelope where Litestar would answer an HTML page of its own."""
    if request.path_params:
        raise NotFoundException


def _only_names_of_files(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Keep from the file system what it cannot take: NUL, and names that are too long."""
    if not _NAME_OF_A_FILE.fullmatch(connection.path_params["file_path"]):
        raise NotFoundException
