"""The plugin: how certificates become documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any, ClassVar

from muster.plugin_api import (
    CompositionError,
    HttpRoutes,
    JobType,
    LifespanStep,
    Manifest,
    PortLookup,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.certificate_documents import CERTIFICATE_RENDERER
from muster_documents.documents import Documents
from muster_documents.rendering import rendering
from muster_documents.routes import document_routes
from muster_documents.settings import DocumentsSettings
from muster_documents.typst_renderer import NEEDED, TypstRenderer

__all__ = ["DocumentsPlugin"]


class DocumentsPlugin:
    """Certificates as PDF; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="documents", api_version=1, settings=DocumentsSettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._documents: Documents | None = None

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the renderer.

        Raises:
            CompositionError: What it needs is not installed: else each download would fail.
        """
        if missing := [name for name in NEEDED if find_spec(name) is None]:
            raise CompositionError(
                f"Certificates as documents need {', '.join(missing)}: install the extra "
                "muster[documents], or take documents out of MUSTER_PLUGINS__ENABLED."
            )
        fonts = settings.section(DocumentsSettings).fonts
        return [PortProvider(CERTIFICATE_RENDERER, "typst", lambda _: TypstRenderer(fonts))]

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer the rendering of what was issued, which is asked for where jobs are kept."""
        return [rendering(settings.section(DocumentsSettings))]

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Hand out documents while the API is served."""
        section = settings.section(DocumentsSettings)

        @asynccontextmanager
        async def opened(ports: PortLookup) -> AsyncIterator[None]:
            self._documents = Documents(ports, section)
            yield

        return [LifespanStep("certificates as documents", opened, serving=True)]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer the download at ``/v1/certificates/{number}/document``."""
        return [document_routes(self._opened)]

    def _opened(self) -> Documents:
        if self._documents is None:
            raise RuntimeError("the app is not running")
        return self._documents
