"""The plugin: how mail comes into Muster."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from muster.plugin_api import (
    CompositionError,
    Manifest,
    PortLookup,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.notifier import NOTIFIER, Notifier
from muster_mail.file_notifier import FileNotifier
from muster_mail.settings import MailSettings
from muster_mail.smtp_notifier import SmtpNotifier

__all__ = ["MailPlugin"]


class MailPlugin:
    """Notices by mail."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="mail", api_version=1, settings=MailSettings)

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the notifier: ``smtp`` where a server is set, else ``file``."""
        section = settings.section(MailSettings)
        if section.host is not None:
            return [PortProvider(NOTIFIER, "smtp", partial(_to_server, section.host, section))]
        return [PortProvider(NOTIFIER, "file", partial(_to_directory, section))]


def _to_server(host: str, settings: MailSettings, ports: PortLookup) -> Notifier:
    return SmtpNotifier(host, settings, ports.get(CLOCK))


def _to_directory(settings: MailSettings, ports: PortLookup) -> Notifier:
    if settings.directory is None:
        raise CompositionError(
            "Nobody has said where mail goes. Set MUSTER_MAIL__HOST to a mail server, or "
            "MUSTER_MAIL__DIRECTORY to a directory to write mails into."
        )
    directory = Path(settings.directory).expanduser().resolve()
    return FileNotifier(directory, settings.sender, ports.get(CLOCK))
