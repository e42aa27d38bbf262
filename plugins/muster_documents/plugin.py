"""The plugin: how certificates become documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from muster.plugin_api import (
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
from muster_documents.typst_renderer import TypstRenderer

__all__ = ["DocumentsPlugin"]


class DocumentsPlugin:
    """Certificates as PDF; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="documents", api_version=1, requires=("jobs",), settings=DocumentsSettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._documents: Documents | None = None

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the renderer."""
        fonts = settings.section(DocumentsSettings).fonts
        return [PortProvider(CERTIFICATE_RENDERER, "typst", lambda _: TypstRenderer(fonts))]

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer the rendering of what was issued."""
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
